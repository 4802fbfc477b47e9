// The audit on a real API server: as a person runs it with the documented rights, and a list whose
// history the store forgets between two pages.
import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { connect } from '../../src/cluster/connection.ts';
import { listAll } from '../../src/cluster/list.ts';
import { validateJson } from '../audit/scene.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { runCommand } from './command.ts';
import { bindingsOf, documentedRoles } from './doctor-objects.ts';
import { inNamespace, type Manifest, namespace, pod, podLabels, workload } from './objects.ts';
import { openTerminal, type Terminal } from './terminal.ts';

interface Answer {
  readonly namespaces: readonly {
    readonly name: string;
    readonly fence: string;
    readonly pods: { readonly all: number };
  }[];
  readonly causes: readonly {
    readonly at: readonly string[];
    readonly count: number;
    readonly checks: readonly string[];
  }[];
  readonly findings: readonly { readonly uid?: string; readonly name: string }[];
  readonly apiServerCalls: readonly { readonly service: string; readonly fate: string }[];
  readonly notes: readonly { readonly id: string; readonly message: string }[];
  readonly doctor: readonly { readonly examination: string }[];
  readonly requests: number;
}

const hook: Manifest = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'hook', namespace: 'shop' },
  spec: { selector: { app: 'hook' }, ports: [{ port: 443, targetPort: 8443 }] },
} as Manifest;
/** The control plane listens on the loopback interface, and publishes no such address. */
const apiServer = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'published', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.1.0.10'] }],
} as unknown as Manifest;
const configuration = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'hook' },
  webhooks: [
    {
      name: 'hook.example.org',
      // It is never called: it is about a kind that does not exist.
      rules: [{ apiGroups: ['example.org'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['things'] }],
      clientConfig: { service: { namespace: 'shop', name: 'hook' } },
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
    },
  ],
} as unknown as Manifest;

describeWithSharedControlPlane('the audit', (controlPlane) => {
  let admin: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    const page = readFileSync('docs/cluster-audit.md', 'utf8');
    const [, yaml = ''] = /```yaml\n(apiVersion: rbac[^`]+)```/.exec(page) ?? [];
    const role = parseAllDocuments(yaml).map((document) => document.toJS() as Manifest);
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'test-audit' },
      subjects: [{ kind: 'User', name: 'keeper', apiGroup: 'rbac.authorization.k8s.io' }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'ringfence-audit' },
    } as unknown as Manifest;
    await admin.run('create namespace ringfence-system');
    await admin.run('apply -f -', ...documentedRoles(), ...bindingsOf('keeper'), ...role, binding);
    await admin.run(
      'apply -f -',
      namespace('shop', { env: 'prod', tier: 'api', team: 'shop', 'ringfence.dev/fence': 'true' }),
      namespace('legacy', {}),
    );
    await admin.run(
      'apply -f -',
      inNamespace('legacy', pod('old', {})),
      inNamespace('shop', pod('hook', { ...podLabels, app: 'hook' })),
      inNamespace('shop', workload('CronJob', 'tick', { ...podLabels, env: 'prd' })),
      hook,
      configuration,
      apiServer,
    );
  });

  it('may read everything by the documented roles, reads only, and finds what lives', async () => {
    const { code, stdout, stderr } = await runCommand(controlPlane(), 'keeper', 'audit -o json');
    expect([code, stderr]).toEqual([1, '']);
    const answer = JSON.parse(stdout) as Answer;
    expect([validateJson(answer), validateJson.errors]).toEqual([true, null]);
    expect(answer.notes.filter(({ message }) => message.includes('may not'))).toEqual([]);
    expect(answer.namespaces.filter(({ name }) => ['shop', 'legacy'].includes(name))).toMatchObject([
      { name: expect.any(String) as string },
      { name: expect.any(String) as string },
    ]);
    expect(answer.namespaces.find(({ name }) => name === 'shop')).toMatchObject({ fence: 'broken', pods: { all: 1 } });
    expect(answer.notes).toContainEqual(expect.objectContaining({ id: 'configuration' }));
    expect(answer.causes).toContainEqual(expect.objectContaining({ at: ['Namespace legacy'] }));
    expect(answer.causes).toContainEqual(expect.objectContaining({ at: ['CronJob tick'], checks: ['label-values'] }));
    expect(answer.findings.filter(({ name }) => name === 'old').every(({ uid }) => uid !== undefined)).toBe(true);
    expect(answer.apiServerCalls).toMatchObject([{ service: 'hook', fate: 'cut' }]);
    expect(answer.doctor.length).toBeGreaterThan(10);

    const events = (await controlPlane().auditEvents()).filter(({ user }) => user.username === 'keeper');
    expect(new Set(events.map(({ verb }) => verb))).toEqual(new Set(['get', 'list']));
    expect(answer.requests).toBeGreaterThanOrEqual(events.length);
  });

  it('knows with the same rights which namespaces may go to enforce', async () => {
    const { code, stdout, stderr } = await runCommand(controlPlane(), 'keeper', 'readiness -o json');
    expect([code, stderr]).toEqual([1, '']);
    const { namespaces } = JSON.parse(stdout) as { namespaces: readonly { name: string; isReady: boolean }[] };
    expect(
      namespaces
        .filter(({ isReady }) => !isReady)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['legacy', 'shop']);
  });

  it('cannot run without the right to read the configuration, and says what helps', async () => {
    const { code, stderr } = await runCommand(controlPlane(), 'guest', 'audit');
    expect([code, stderr]).toEqual([2, expect.stringContaining('pass the same configuration with --config FILE')]);
  });

  it('goes on where the store forgets the moment of the first page', async () => {
    // Other kinds are listed from the API server's cache, which may keep what the store forgot.
    const regarding = { kind: 'Pod', name: 'old', namespace: 'legacy' };
    const names = Array.from({ length: 5 }, (_, index) => `page-${index}`);
    const events = names.map((name) => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name },
      involvedObject: regarding,
    }));
    await admin.run('apply -f -', ...events.map((event) => inNamespace('legacy', event as Manifest)));
    const cluster = connect({ kubeconfig: controlPlane().adminKubeconfig });
    const codes: number[] = [];
    const forgetful = {
      request: (async (method, path, call) => {
        const page = await cluster
          .request<object>(method, path, { ...call, query: { ...call?.query, limit: 2 } })
          .catch((error: { code: number }) => {
            codes.push(error.code);
            throw error;
          });
        if (codes.length === 0) await forget();
        return page;
      }) as typeof cluster.request,
    };
    /** Writes, and drops every earlier revision (etcd, compaction). */
    async function forget(): Promise<void> {
      await admin.run('label event page-0 turn=now -n legacy --overwrite');
      const ask = (path: string, body: object) =>
        fetch(`${controlPlane().etcdUrl}/v3/kv/${path}`, { method: 'POST', body: JSON.stringify(body) });
      const { header } = (await (await ask('range', { key: 'AA==' })).json()) as { header: { revision: string } };
      await ask('compaction', { revision: header.revision, physical: true });
    }
    try {
      const found: string[] = [];
      await listAll(forgetful, '/api/v1/namespaces/legacy/events', {}, ({ metadata }) =>
        found.push(metadata.name ?? ''),
      );
      expect(found).toEqual(names);
      expect(codes).toEqual([410]);
    } finally {
      await cluster.close();
    }
  });
});
