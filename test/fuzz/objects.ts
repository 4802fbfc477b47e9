// Objects as the API server sends them: mostly right, otherwise wrong in a way that a check finds.
// `secret` is in places that must not be repeated.
import fc from 'fast-check';
import { defaultFile } from '../../src/config/defaults.ts';
import { templatePathOf, workloadKinds } from '../../src/kubernetes/kinds.ts';
import type { SubjectKind } from '../../src/policy/subject.ts';
import { identity, podLabels } from '../admission/scene.ts';
import { cities } from './world.ts';

/** A text that Ringfence must never repeat. */
export const secret = 'hunter2-canary';

type Wire = Readonly<Record<string, unknown>>;

/** Absent once for this many times that it is present. */
const often = <T>(arbitrary: fc.Arbitrary<T>, times = 12) =>
  fc.oneof({ weight: times, arbitrary }, { weight: 1, arbitrary: fc.constant(undefined) });
const mostly = <T>(arbitrary: fc.Arbitrary<T>) => often(arbitrary, 3);
const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const value = (key: string, right: string) => {
  const known = (defaultFile.taxonomy as Readonly<Record<string, { readonly values?: readonly string[] }>>)[key]
    ?.values;
  const others = [...(known ?? []), 'admin', 'prd', 'Prod', '', 'true', 'x'.repeat(64)];
  return fc.oneof({ weight: 8, arbitrary: fc.constant(right) }, { weight: 2, arbitrary: fc.constantFrom(...others) });
};

const anyLabels = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Wire>(podLabels) },
  {
    weight: 4,
    arbitrary: fc.record({
      env: often(value('env', identity.env)),
      tier: often(value('tier', identity.tier)),
      team: often(value('team', identity.team)),
      expose: often(value('expose', 'false')),
      internal: rarely(value('internal', 'false')),
      sensitivity: rarely(value('sensitivity', 'low')),
      app: mostly(fc.constant('web')),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Wire | undefined | null>(undefined, null, {}) },
);

const anyName = fc.constantFrom('web', 'web', 'web', 'deny-all-baseline', 'allow-dns-egress', '', 'x'.repeat(253));

const anyMetadata = (labels: fc.Arbitrary<unknown>, name: fc.Arbitrary<unknown> = anyName) =>
  fc.record({
    name,
    generateName: rarely(fc.constant('web-')),
    labels,
    annotations: mostly(fc.constantFrom<Wire>({}, { note: secret }, { [secret]: 'x' })),
    ownerReferences: rarely(
      fc.constantFrom<readonly Wire[]>([], [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: secret }]),
    ),
    finalizers: rarely(fc.constant([`example.com/${secret}`])),
  });

const anyPodSpec = fc.record({
  hostNetwork: rarely(fc.boolean()),
  containers: fc.constantFrom<readonly Wire[]>(
    [],
    [{ name: 'main', image: 'registry.example/main:1', env: [{ name: 'PASSWORD', value: secret }], args: [secret] }],
  ),
  volumes: rarely(fc.constant([{ name: 'v', csi: { volumeAttributes: { __proto__x: secret, constructor: secret } } }])),
});

const anyTemplate = fc.record({ metadata: anyMetadata(anyLabels), spec: anyPodSpec });

/** A workload: its template at the place of its kind, with numbers beside it. */
function anyWorkload(kind: SubjectKind): fc.Arbitrary<Wire> {
  return fc
    .tuple(anyMetadata(anyLabels), fc.option(anyTemplate, { freq: 12 }), fc.nat(3))
    .map(([metadata, template, replicas]) => {
      const inner = templatePathOf(kind).reduceRight<unknown>(
        (held, step, depth) => ({ ...(depth === 0 ? { replicas, schedule: '* * * * *' } : {}), [step]: held }),
        template,
      ) as { readonly spec: Wire };
      return { metadata, spec: { ...inner.spec, replicas } };
    });
}

const anySelector = fc.constantFrom<Wire | undefined>(
  {},
  undefined,
  { matchLabels: { tier: 'web' } },
  { matchLabels: { env: 'dev' } },
  { matchLabels: { tier: 'wob', app: 'web' } },
  { matchExpressions: [{ key: 'tier', operator: 'In', values: ['api', 'data'] }] },
  { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['dev'] }] },
  { matchExpressions: [{ key: 'expose', operator: 'Exists' }] },
  { matchExpressions: [{ key: 'x', operator: 'Like', values: [] }] },
  { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
);
const anyPeer = fc.oneof(
  fc.record({ podSelector: anySelector, namespaceSelector: anySelector }),
  fc.record({
    ipBlock: fc.record({
      cidr: fc.constantFrom(
        '0.0.0.0/0',
        '::/0',
        '10.0.0.0/8',
        '10.1.2.0/24',
        '128.0.0.0/1',
        '1.2.3.4/40',
        'x',
        '169.254.169.254/32',
      ),
      except: rarely(fc.constantFrom<readonly string[]>([], ['10.1.0.0/16'], ['0.0.0.0/0'])),
    }),
  }),
);
const anyPort = fc.record({
  protocol: rarely(fc.constantFrom('TCP', 'UDP', 'SCTP', 'tcp')),
  port: mostly(fc.constantFrom<string | number>(53, 443, 'http', 0, 70_000)),
  endPort: rarely(fc.constantFrom(600, 50)),
});
const few = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 2 });
const anyRules = (peers: 'from' | 'to') =>
  mostly(few(fc.record({ [peers]: mostly(few(anyPeer)), ports: rarely(few(anyPort)) })));

const wall = { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] };

/** The wall, correct and nearly correct. A guard must notice one wrong thing at a time. */
const nearlyTheWall = fc.record({
  metadata: anyMetadata(
    fc.constantFrom<Wire | undefined>(identity, undefined, { ...identity, tier: 'web' }),
    fc.constantFrom('deny-all-baseline', 'deny-all-baseline', 'allow-dns-egress'),
  ),
  spec: fc.constantFrom<Wire>(
    wall,
    wall,
    { podSelector: { matchLabels: {} }, policyTypes: ['Egress', 'Ingress'] },
    { ...wall, ingress: [{}] },
    { ...wall, policyTypes: ['Ingress'] },
  ),
});

const anyNetworkPolicy = fc.record({
  metadata: anyMetadata(anyLabels),
  spec: fc.record({
    podSelector: anySelector,
    policyTypes: often(fc.subarray(['Ingress', 'Egress'])),
    ingress: anyRules('from'),
    egress: anyRules('to'),
  }),
});

const anyNamespace = fc.record({
  metadata: anyMetadata(
    fc.record({
      env: often(value('env', identity.env)),
      tier: often(value('tier', identity.tier)),
      team: often(value('team', identity.team)),
      expose: rarely(value('expose', 'false')),
      'ringfence.dev/fence': mostly(fc.constantFrom('true', '', 'false')),
      'ringfence.dev/mode': rarely(fc.constantFrom('observe', 'warn', 'enforce', 'Enforce', '')),
    }),
    fc.constantFrom(...Object.keys(cities), 'new', 'monitoring', ''),
  ),
  spec: fc.constant({ finalizers: ['kubernetes'] }),
});

const anyBinding = fc.record({
  metadata: anyMetadata(fc.oneof(anyLabels, fc.constant({ 'topology.kubernetes.io/zone': 'a' }))),
  target: fc.constant({ kind: 'Node', name: 'node-1' }),
});

/** An object of each kind that a review may contain, and of one unknown kind. */
export const anyObject: Readonly<Record<string, fc.Arbitrary<Wire>>> = {
  ...Object.fromEntries(workloadKinds.map((kind) => [kind, anyWorkload(kind)])),
  Namespace: anyNamespace,
  Pod: fc.record({ metadata: anyMetadata(anyLabels), spec: anyPodSpec, status: fc.constant({ message: secret }) }),
  NetworkPolicy: fc.oneof({ weight: 3, arbitrary: anyNetworkPolicy }, { weight: 1, arbitrary: nearlyTheWall }),
  Binding: anyBinding,
  Secret: fc.record({ metadata: anyMetadata(anyLabels), data: fc.constant({ password: secret }) }),
};
