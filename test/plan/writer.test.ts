import { describe, expect, it } from 'vitest';
import type { Flow, FlowEnd } from '../../src/flows/record.ts';
import type { NetworkPolicy } from '../../src/kubernetes/network-policy.ts';
import { policyFile } from '../../src/plan/policy-file.ts';
import { prove } from '../../src/plan/proof.ts';
import { namespace, networkPolicy, tier, workload } from './manifests.ts';
import { flow, plannerOf, planOf, pod } from './scene.ts';

const world = [
  tier('front', 'web'),
  tier('back', 'api'),
  tier('store', 'data'),
  workload('front/web', 8080, { labels: { expose: 'true' } }),
  workload('back/api', 9000),
  workload('store/db', 5432, { kind: 'StatefulSet' }),
];
const web = pod('front/web-5d4f8c7b9-x2x7k');
const api = pod('back/api-5d4f8c7b9-x2x7k');
const db = pod('store/db-0');

function written(
  manifests: readonly object[],
  namespace: string,
  flows: readonly Flow[],
  choices: Parameters<typeof plannerOf>[2] = {},
): readonly NetworkPolicy[] {
  return plannerOf(manifests, flows, choices)
    .plan(namespace)
    .policies.map(({ policy }) => policy);
}

/** What the baseline opens at egress to every Pod. */
const dns = {
  to: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
  ],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};

describe('written policies', () => {
  it('may be applied before the fence: they close no flow that it keeps, DNS neither', () => {
    const kube = [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } },
      workload('kube-system/coredns', 53, { labels: { 'k8s-app': 'kube-dns' } }),
    ];
    const lookup = flow(api, pod('kube-system/coredns-5d4f8c7b9-x2x7k', { 'k8s-app': 'kube-dns' }), 'UDP/53');
    const flows = [lookup, flow(api, db, 5432), flow(web, api, 9000)];
    const policies = written([...world, ...kube], 'back', flows);
    const { flows: after } = planOf([...world, ...kube, ...policies], 'back', flows);
    expect(after.map(({ today, fate }) => [today, fate])).toEqual(flows.map(() => ['open', 'kept']));
  });

  it('have nothing of the baseline where it stands already', () => {
    const labels = { env: 'prod', tier: 'api', team: 'shop', 'ringfence.dev/fence': 'true' };
    const fenced = [...world.filter((_, index) => index !== 1), namespace('back', labels)];
    const egress = (manifests: readonly object[]) => written(manifests, 'back', [flow(api, db, 5432)])[0]?.spec?.egress;
    expect(egress(world)).toEqual([dns, expect.anything()]);
    expect(egress(fenced)).toEqual([expect.not.objectContaining(dns)]);
  });

  it('carry the identity of the namespace, and have sorted rules with the ports that peers share', () => {
    const flows = [flow(api, db, 5432), flow(api, api, 7946), flow(api, db, 5433), flow(web, api, 9000)];
    expect(written(world, 'back', flows)).toEqual([
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'allow-api-egress', namespace: 'back', labels: { env: 'prod', tier: 'api', team: 'shop' } },
        spec: {
          podSelector: { matchLabels: { app: 'api' } },
          policyTypes: ['Egress'],
          egress: [
            dns,
            {
              to: [
                {
                  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'store' } },
                  podSelector: { matchLabels: { app: 'db' } },
                },
              ],
              ports: [
                { protocol: 'TCP', port: 5432 },
                { protocol: 'TCP', port: 5433 },
              ],
            },
            { to: [{ podSelector: { matchLabels: { app: 'api' } } }], ports: [{ protocol: 'TCP', port: 7946 }] },
          ],
        },
      },
      expect.objectContaining({ metadata: expect.objectContaining({ name: 'allow-api-ingress' }) }),
    ]);
  });

  it('become ranges of contiguous ports beyond eight between two ends', () => {
    const ports = [6000, 6001, 6002, 6003, 6004, 6005, 6006, 6007, 6010];
    const [policy] = written(
      world,
      'store',
      ports.map((port) => flow(api, db, port)),
    );
    expect(policy?.spec?.ingress?.[0]?.ports).toEqual([
      { protocol: 'TCP', port: 6000, endPort: 6007 },
      { protocol: 'TCP', port: 6010 },
    ]);
  });

  it('leave ephemeral ports out, unless they are declared or asked for', () => {
    const flows = [flow(api, db, 40_000)];
    expect(planOf(world, 'store', flows).flows[0]?.unwritten).toContain('port 40000');
    expect(written(world, 'store', flows)).toEqual([]);
    expect(written(world, 'store', flows, { options: { ephemeral: true, external: false } })).toHaveLength(1);
    const declared = [...world.slice(0, 5), workload('store/db', 50_051, { kind: 'StatefulSet' })];
    expect(written(declared, 'store', [flow(api, db, 50_051)])).toHaveLength(1);
  });

  it('name addresses only if the configuration does, or if asked to, and never the metadata service', () => {
    const outside = ['93.184.216.34', '169.254.169.253', '169.254.169.254', 'fd00:ec2::253', 'fd00:ec2::254'];
    const flows = outside.map((address) => flow(api, { kind: 'outside', names: [], address }, 443));
    expect(written(world, 'back', flows)).toEqual([]);
    const [policy] = written(world, 'back', flows, { options: { ephemeral: false, external: true } });
    expect(policy?.spec?.egress?.[0]?.to).toEqual([
      { ipBlock: { cidr: '169.254.169.0/24', except: ['169.254.169.254/32'] } },
      { ipBlock: { cidr: '93.184.216.0/24' } },
      { ipBlock: { cidr: 'fd00:ec2::/48', except: ['fd00:ec2::254/128'] } },
    ]);
  });

  it('take another name where one exists, because an apply would replace that policy', () => {
    const standing = networkPolicy('store/allow-db-ingress', { podSelector: { matchLabels: { app: 'other' } } });
    const [policy] = written([...world, standing], 'store', [flow(api, db, 5432)]);
    expect(policy?.metadata.name).toBe('allow-db-2-ingress');
  });

  it('tell two workloads of one name apart by their kind', () => {
    const twin = workload('store/db', 6379, { selector: { app: 'cache' } });
    const flows = [flow(api, db, 5432), flow(api, pod('store/db-5d4f8c7b9-x2x7k', { app: 'cache' }), 6379)];
    expect(written([...world, twin], 'store', flows).map(({ metadata }) => metadata.name)).toEqual([
      'allow-deployment-db-ingress',
      'allow-statefulset-db-ingress',
    ]);
  });

  it('are for the other end only where it is isolated, and the flow passes in fact', () => {
    const wall = networkPolicy('store/wall', { podSelector: {}, policyTypes: ['Ingress'] });
    const audited = flow(api, db, 5432, { verdicts: new Set(['would-be-denied']) });
    const plan = planOf([...world, wall], 'back', [audited]);
    expect(plan.flows[0]).toMatchObject({ fate: 'cut', side: 'egress', today: 'open' });
    expect([plan.policies, plan.otherPolicies]).toEqual([['allow-api-egress'], ['store/allow-db-from-back-ingress']]);
    expect(planOf(world, 'back', [audited])).toMatchObject({ policies: ['allow-api-egress'], otherPolicies: [] });
  });

  it('select bare Pods by the labels that last', () => {
    const bare = pod('back/debug', { run: 'debug', 'controller-uid': 'x' });
    const [policy] = written(world, 'back', [flow(bare, db, 5432)]);
    expect(policy?.metadata.name).toBe('allow-debug-egress');
    expect(policy?.spec?.podSelector).toEqual({ matchLabels: { run: 'debug' } });
  });

  it('carry the identity of the Pods where the namespace does not say it', () => {
    const bare = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'new' } };
    const labels = { env: 'prod', tier: 'api', team: 'shop' };
    const [policy] = written([...world, bare, workload('new/svc', 80, { labels })], 'new', [
      flow(pod('new/svc-5d4f8c7b9-x2x7k'), db, 5432),
    ]);
    expect(policy?.metadata.labels).toEqual(labels);
    expect(policy?.spec?.podSelector).toEqual({ matchLabels: { app: 'svc', env: 'prod', tier: 'api' } });
  });

  it('cannot be for Pods whose labels nobody knows', () => {
    const unknown: FlowEnd = pod('back/debug');
    expect(planOf(world, 'back', [flow(unknown, db, 5432)]).flows[0]?.unwritten).toBe(
      'the labels of the Pod are not known',
    );
  });
});

it('the proof says what labels do not tell apart', () => {
  const twin = workload('store/copy', 5432, { kind: 'StatefulSet', selector: { app: 'db' } });
  const planner = plannerOf([...world, twin], [flow(api, db, 5432)]);
  const { beyond, missing } = prove(planner, planner.plan('store'));
  expect(missing).toEqual([]);
  expect(beyond).toEqual([
    { from: 'back/deployment/api', to: expect.stringContaining('store/statefulset/copy'), ports: 'TCP/5432' },
  ]);
});

it('the head of a file names its sources, its window and its flows, on lines of their own', () => {
  const [written_] = plannerOf(world, [flow(api, db, 5432, { sightings: 3 })]).plan('store').policies;
  if (written_ === undefined) throw new Error('nothing is written');
  const window = { first: '2026-11-01T00:00:00Z', last: '2026-11-09T00:00:00Z' };
  const origin = { command: 'ringfence plan store', manifests: 'a\nb', logs: 'hubble.log', window };
  expect(
    policyFile(written_, origin, undefined),
  ).toBe(`# Written by ringfence plan. Its flows are in plan.json, and ringfence plan --verify holds the files to it.
# Command: ringfence plan store
# Manifests: a b
# Flow logs: hubble.log
# Seen from 2026-11-01T00:00:00Z to 2026-11-09T00:00:00Z
# Flows:
#   from back/deployment/api TCP/5432: seen 3x, declared (containerPort)
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-db-ingress
  namespace: store
  labels:
    env: prod
    tier: data
    team: shop
spec:
  podSelector:
    matchLabels:
      app: db
  policyTypes:
    - Ingress
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: back
          podSelector:
            matchLabels:
              app: api
      ports:
        - protocol: TCP
          port: 5432
`);
});
