import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readTarget } from '../../src/cluster/kubeconfig.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-kubeconfig-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function write(content: string | object): string {
  files += 1;
  const file = join(folder, `${files}.yaml`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const variables = {
  kubeconfig: undefined,
  httpProxy: undefined,
  httpsProxy: undefined,
  noProxy: undefined,
  serviceHost: undefined,
  servicePort: undefined,
};
const cluster = (name: string, fields: object = { server: `https://${name}.example` }) => ({ name, cluster: fields });
const user = (name: string, fields: object = { token: name }) => ({ name, user: fields });
const context = (name: string, of: object) => ({ name, context: of });

/** A kubeconfig of one context, with one change. */
function one(fields: object): object {
  return {
    clusters: [cluster('dev')],
    users: [user('ada')],
    contexts: [context('work', { cluster: 'dev', user: 'ada' })],
    'current-context': 'work',
    ...fields,
  };
}

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

describe('several kubeconfig files', () => {
  const first = write({
    clusters: [cluster('dev')],
    users: [user('ada', { token: 'first' })],
    contexts: [context('work', { cluster: 'dev', user: 'bob' })],
  });
  const second = write({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [cluster('dev', { server: 'https://other.example' })],
    users: [user('ada', { token: 'second', as: 'eve' }), user('bob')],
    contexts: [context('work', { cluster: 'dev', user: 'ada' }), context('home', { cluster: 'dev', user: 'ada' })],
    'current-context': 'work',
  });
  const both = [first, second].join(delimiter);

  it('are one: the first that has a name decides about it, and nothing of the other is mixed in', () => {
    expect(readTarget({ kubeconfig: both })).toEqual({
      cluster: { server: 'https://dev.example' },
      user: { token: 'bob' },
    });
    expect(readTarget({ kubeconfig: both, context: 'home' }).user).toEqual({ token: 'first' });
  });

  it('may be in KUBECONFIG, where a missing file is skipped, and a file of this name goes first', () => {
    const kubeconfig = [join(folder, 'missing'), both, first].join(delimiter);
    expect(readTarget({ variables: { ...variables, kubeconfig } }).user).toEqual({ token: 'bob' });
    expect(readTarget({ kubeconfig: second, variables: { ...variables, kubeconfig: first } }).user).toMatchObject({
      token: 'second',
    });
  });

  it('must all exist after --kubeconfig', () => {
    const missing = join(folder, 'missing');
    expect(refusal(() => readTarget({ kubeconfig: [first, missing].join(delimiter) }))).toBe(
      `${missing}: there is no such file; --kubeconfig takes a kubeconfig, or several separated as in PATH`,
    );
  });

  it('need not have a separator in their name', () => {
    const odd = join(folder, `a${delimiter}b`);
    writeFileSync(odd, JSON.stringify(one({})));
    expect(readTarget({ kubeconfig: odd }).user).toEqual({ token: 'ada' });
  });
});

describe('a kubeconfig file', () => {
  it('has paths that begin at its folder, for a plugin too', () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', interactiveMode: 'Never' };
    const file = write(one({ users: [user('ada', { tokenFile: 'token', exec })] }));
    expect(readTarget({ kubeconfig: file }).user).toEqual({
      tokenFile: join(folder, 'token'),
      exec: { ...exec, command: join(folder, 'plugin') },
    });
    const inPath = write(one({ users: [user('ada', { exec: { ...exec, command: 'plugin' } })] }));
    expect(readTarget({ kubeconfig: inPath }).user['exec']).toMatchObject({ command: 'plugin' });
  });

  it('may have a context without a user, who is then anonymous, and parts that are not used', () => {
    const file = write(
      one({
        clusters: [cluster('dev'), cluster('broken', {})],
        contexts: [context('work', { cluster: 'dev' }), context('lost', { cluster: 'nowhere' })],
      }),
    );
    expect(readTarget({ kubeconfig: file }).user).toEqual({});
  });

  it.each<[string, string | object, string]>([
    ['an empty file', '', ': has no current-context, and --context names none; it has no contexts'],
    ['a comment', '# nothing\n', ': has no current-context, and --context names none; it has no contexts'],
    [
      'no current context',
      one({ 'current-context': '' }),
      ': has no current-context, and --context names none; its contexts are work',
    ],
    [
      'a current context that is missing',
      one({ 'current-context': 'x' }),
      ': has no context "x"; its contexts are work',
    ],
    [
      'a cluster that is missing',
      one({ clusters: [cluster('prod'), cluster('test')] }),
      ': context "work" names cluster "dev", which is missing; there are prod, test',
    ],
    [
      'a user who is missing',
      one({ users: [] }),
      ': context "work" names user "ada", which is missing; there are no users',
    ],
    ['another object', { kind: 'Pod' }, ':1:2: kind: must be Config, not "Pod": this is no kubeconfig'],
    ['text', 'clusters', ':1:1: a kubeconfig is a mapping with clusters, users and contexts'],
    [
      'broken YAML',
      'clusters: [\n',
      ':2:1: not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a list that is none', 'users: {}\n', ':1:1: users: must be a list'],
    [
      'a number as a token',
      'users:\n  - name: ada\n    user:\n      token: 1234\n',
      ':4:7: users[0].user.token: must be a text',
    ],
    [
      'one group that is no list',
      'users:\n  - name: ada\n    user: {as: eve, as-groups: ops}\n',
      ':3:21: users[0].user.as-groups: must be a list of texts',
    ],
    [
      'a name twice',
      'users:\n  - {name: ada}\n  - {name: ada}\n',
      ':3:6: users[1].name: "ada" appears twice in this list',
    ],
    [
      'a certificate that is no base64',
      one({ clusters: [cluster('dev', { 'certificate-authority-data': '-----BEGIN' })] }),
      ': clusters[0].cluster.certificate-authority-data: must be base64',
    ],
    [
      'groups without a user to act as',
      one({ users: [user('ada', { token: 'x', 'as-groups': ['ops'] })] }),
      ': context "work": as-uid, as-groups and as-user-extra need "as"',
    ],
    [
      'a token and a password',
      one({ users: [user('ada', { token: 'x', username: 'ada', password: 'y' })] }),
      ': context "work": a user has either a token or a username and password, not both',
    ],
    [
      'a certificate without a key',
      one({ users: [user('ada', { 'client-certificate-data': 'YWJj' })] }),
      ': context "work": client-certificate needs client-key or client-key-data',
    ],
    [
      'an authority twice',
      one({
        clusters: [
          cluster('dev', {
            server: 'https://x.example',
            'certificate-authority': 'ca.crt',
            'certificate-authority-data': 'YWJj',
          }),
        ],
      }),
      ': context "work": only one of certificate-authority and certificate-authority-data is allowed',
    ],
    [
      'a server that is no URL',
      one({ clusters: [cluster('dev', { server: 'api.example:6443' })] }),
      ': context "work": server of its cluster must be a URL that begins with https:// or http://',
    ],
    [
      'a proxy of another kind',
      one({ clusters: [cluster('dev', { server: 'https://x.example', 'proxy-url': 'ftp://proxy' })] }),
      ': context "work": proxy-url of its cluster must be a URL that begins with http://, https:// or socks5://',
    ],
    [
      'a plugin that asks questions',
      one({ users: [user('ada', { exec: { command: 'login', interactiveMode: 'Always' } })] }),
      ': context "work": exec.interactiveMode Always is not supported; log in with kubectl first, or use IfAvailable or Never',
    ],
  ])('is refused for %s, in one sentence with its name', (_, content, said) => {
    const file = write(content);
    expect(refusal(() => readTarget({ kubeconfig: file })).replace(/:1:\d{2,}(?=: clusters)/, '')).toBe(
      `${file}${said}`,
    );
  });

  it('names the contexts that it has', () => {
    const file = write(one({ contexts: [context('a', { cluster: 'dev' }), context('b', { cluster: 'dev' })] }));
    expect(refusal(() => readTarget({ kubeconfig: file, context: 'prod' }))).toBe(
      `${file}: has no context "prod"; its contexts are a, b`,
    );
  });

  it('is not a folder, and its authority can be read', () => {
    expect(refusal(() => readTarget({ kubeconfig: folder }))).toBe(`${folder}: is a folder; a kubeconfig is a file`);
    const authority = join(folder, 'ca.crt');
    const dev = cluster('dev', { server: 'https://dev.example', 'certificate-authority': 'ca.crt' });
    const file = write(one({ clusters: [dev] }));
    expect(refusal(() => readTarget({ kubeconfig: file }))).toBe(
      `${file}: context "work": certificate-authority ${authority} cannot be read (ENOENT)`,
    );
  });
});
