// kubectl and Ringfence are given the same kubeconfigs, and must be the same user of the cluster.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../../src/cluster/connection.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { type ConnectProxy, startConnectProxy } from '../cluster/connect-proxy.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { grant } from './people.ts';

/** One way to choose a cluster and a user. Paths are in the folder of the test. */
interface Choice {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly variables?: Readonly<Record<string, string>>;
}

const nowhere = 'http://127.0.0.1:1';

describeWithSharedControlPlane('a kubeconfig', (controlPlane) => {
  let folder: string;
  let proxy: ConnectProxy;
  const at = (name: string): string => join(folder, name);
  const tokenOf = (name: string): string =>
    (JSON.parse(readFileSync(controlPlane().kubeconfigFor(name), 'utf8')) as { users: [{ user: { token: string } }] })
      .users[0].user.token;

  beforeAll(async () => {
    const { url, caFile } = controlPlane();
    folder = join(controlPlane().folder, 'choices');
    mkdirSync(folder);
    proxy = await startConnectProxy(url);
    const rules = [
      { apiGroups: [''], resources: ['users', 'groups'], verbs: ['impersonate'] },
      {
        apiGroups: ['authentication.k8s.io'],
        resources: ['uids', 'userextras/scopes', 'userextras/example.com/größe'],
        verbs: ['impersonate'],
      },
    ];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'impersonator' };
    const items = [
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'impersonator' }, rules },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'impersonator' },
        roleRef,
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ops' }],
      },
    ];
    await grant(controlPlane(), 'ops', ...items);

    const far = { server: url.replace('127.0.0.1', 'api.example'), 'tls-server-name': '127.0.0.1' };
    const ca = { 'certificate-authority': caFile };
    const acting = {
      token: tokenOf('ops'),
      as: 'jörg',
      'as-uid': '42',
      'as-groups': ['developers', 'größe'],
      'as-user-extra': { scopes: ['read', 'write'], 'example.com/größe': ['100%'] },
    };
    const script = `console.log(JSON.stringify({
      kind: 'ExecCredential',
      apiVersion: JSON.parse(process.env.KUBERNETES_EXEC_INFO).apiVersion,
      status: { token: process.env.TOKEN },
    }))`;
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', script],
      env: [{ name: 'TOKEN', value: tokenOf('viewer') }],
      interactiveMode: 'Never',
    };
    writeFileSync(at('token'), `${tokenOf('dev')}\n`);
    const users = [
      { name: 'dev', user: { token: tokenOf('dev') } },
      { name: 'acting', user: acting },
      { name: 'filed', user: { tokenFile: 'token' } },
      { name: 'twofold', user: { tokenFile: 'token', token: tokenOf('guest') } },
      { name: 'plugged', user: { exec } },
      { name: 'written', user: { exec, token: tokenOf('guest') } },
    ];
    const clusters = [
      { name: 'near', cluster: { server: url, ...ca } },
      { name: 'careless', cluster: { server: url, 'insecure-skip-tls-verify': true } },
      { name: 'far', cluster: { ...far, ...ca } },
      { name: 'proxied', cluster: { ...far, ...ca, 'proxy-url': proxy.url } },
    ];
    const contexts = [
      ...users.map(({ name }) => ({ name, context: { cluster: 'near', user: name } })),
      ...['careless', 'far', 'proxied'].map((name) => ({ name, context: { cluster: name, user: 'dev' } })),
    ];
    write('all', { clusters, users, contexts, 'current-context': 'dev' });
    write('first', {
      users: [{ name: 'dev', user: { token: tokenOf('guest') } }],
      'current-context': 'careless',
    });
    write('empty', '');
    write('broken', 'users: {');
    write('lost', { clusters, users, contexts, 'current-context': 'missing' });
    write('half', {
      clusters,
      users: [{ name: 'dev', user: { 'as-groups': ['ops'] } }],
      contexts,
      'current-context': 'dev',
    });
  });
  afterAll(() => proxy.close());

  function write(name: string, content: object | string): void {
    const text =
      typeof content === 'string' ? content : JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...content });
    writeFileSync(at(name), text);
  }

  /** The user that kubectl is; undefined if it is refused. */
  async function kubectlIs({ kubeconfig, context, variables = {} }: Choice): Promise<unknown> {
    const args = ['auth', 'whoami', '-o', 'json', '--request-timeout', '5s'];
    if (kubeconfig !== undefined) args.push('--kubeconfig', at(kubeconfig));
    if (context !== undefined) args.push('--context', context);
    const { exitCode, stdout } = await controlPlane().kubectl(args, { environment: variables });
    return exitCode === 0 ? userIn(JSON.parse(stdout)) : undefined;
  }

  /** The user that Ringfence is; undefined if it is refused. */
  async function ringfenceIs({ kubeconfig, context, variables = {} }: Choice): Promise<unknown> {
    const file = kubeconfig === undefined ? undefined : at(kubeconfig);
    try {
      const cluster = connect({ kubeconfig: file, context, variables: readEnvironment(variables).cluster });
      try {
        const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
        return userIn(await cluster.request('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { body }));
      } finally {
        await cluster.close();
      }
    } catch {
      return undefined;
    }
  }

  const userIn = (review: unknown): unknown => (review as { status: { userInfo: unknown } }).status.userInfo;

  it.each<[string, string | undefined, () => Choice]>([
    ['the current context', 'dev', () => ({ kubeconfig: 'all' })],
    ['--context', 'guest', () => ({ kubeconfig: 'all', context: 'written' })],
    ['impersonation', 'jörg', () => ({ kubeconfig: 'all', context: 'acting' })],
    ['a tokenFile', 'dev', () => ({ kubeconfig: 'all', context: 'filed' })],
    ['a tokenFile beside a token', 'dev', () => ({ kubeconfig: 'all', context: 'twofold' })],
    ['an exec plugin', 'viewer', () => ({ kubeconfig: 'all', context: 'plugged' })],
    ['no verification', 'dev', () => ({ kubeconfig: 'all', context: 'careless' })],
    ['proxy-url', 'dev', () => ({ kubeconfig: 'all', context: 'proxied', variables: { HTTPS_PROXY: nowhere } })],
    ['HTTPS_PROXY', 'dev', () => ({ kubeconfig: 'all', context: 'far', variables: { HTTPS_PROXY: proxy.url } })],
    ['https_proxy', 'dev', () => ({ kubeconfig: 'all', context: 'far', variables: { https_proxy: proxy.url } })],
    ['a loopback address behind a proxy', 'dev', () => ({ kubeconfig: 'all', variables: { HTTPS_PROXY: nowhere } })],
    [
      'NO_PROXY',
      undefined,
      () => ({ kubeconfig: 'all', context: 'far', variables: { HTTPS_PROXY: proxy.url, NO_PROXY: '.example' } }),
    ],
    [
      'several files in KUBECONFIG',
      'guest',
      () => ({ variables: { KUBECONFIG: ['missing', 'first', 'all'].map(at).join(delimiter) } }),
    ],
    ['an unknown context', undefined, () => ({ kubeconfig: 'all', context: 'missing' })],
    ['a current context that is missing', undefined, () => ({ kubeconfig: 'lost' })],
    ['a missing file', undefined, () => ({ kubeconfig: 'missing' })],
    ['a broken file', undefined, () => ({ kubeconfig: 'broken' })],
    ['an empty file', undefined, () => ({ kubeconfig: 'empty' })],
    ['groups without a user', undefined, () => ({ kubeconfig: 'half' })],
  ])('with %s makes the same user of kubectl and Ringfence', async (_, username, choice) => {
    const [kubectl, ringfence] = await Promise.all([kubectlIs(choice()), ringfenceIs(choice())]);
    expect(ringfence).toEqual(kubectl);
    expect((kubectl as { username?: string } | undefined)?.username).toBe(username);
  });

  it('through a proxy opens tunnels to the name of the server', () => {
    expect(new Set(proxy.tunnels.map((name) => name.split(':')[0]))).toEqual(new Set(['api.example']));
  });
});
