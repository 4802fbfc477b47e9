// Generated objects: every kind, with every label right, wrong, missing, misspelt or strange, in
// namespaces of every sort.
import fc from 'fast-check';
import { workloadKinds } from '../../src/kubernetes/kinds.ts';
import { inNamespace, type Manifest, networkPolicy, pod, workload } from './objects.ts';

type LabelMap = Readonly<Record<string, string>>;

/** A namespace that exists in the cluster before the policies. */
export interface Home {
  readonly name: string;
  readonly labels: LabelMap;
}

const identities: readonly (readonly [string, LabelMap])[] = [
  ['shop', { env: 'prod', tier: 'api', team: 'shop' }],
  ['lab', { env: 'dev', tier: 'web', team: 'lab', sensitivity: 'low', 'example.com/zone': 'a' }],
  ['closed', { env: 'staging', tier: 'data', team: 'shop', expose: 'false' }],
  ['open', { env: 'prod', tier: 'web', team: 'shop', expose: 'true', internal: 'true' }],
  // Its labels are older than Ringfence.
  ['crooked', { env: 'production', tier: 'api', team: 'Shop_1' }],
  ['legacy', {}],
];

/** Every identity, fenced or not, with no mode of its own, each mode, and an invalid one. */
export const homes: readonly Home[] = identities.flatMap(([name, labels]) =>
  ['', 'observe', 'warn', 'enforce', 'off'].flatMap((mode) =>
    [false, true].map((fenced) => ({
      name: `${name}${mode === '' ? '' : `-${mode}`}${fenced ? '-fenced' : ''}`,
      labels: {
        ...labels,
        ...(mode === '' ? {} : { 'ringfence.dev/mode': mode }),
        ...(fenced ? { 'ringfence.dev/fence': 'true' } : {}),
      },
    })),
  ),
);

/**
 * Values in the vocabulary, near it and far from it. Kubernetes accepts each of them as a label
 * value.
 */
const values: Readonly<Record<string, readonly string[]>> = {
  env: ['prod', 'staging', 'dev', 'prd', 'Prod', 'notprod', 'production', ''],
  tier: ['web', 'api', 'data', 'cache', 'wbe', 'api.v1', 'constructor'],
  team: ['shop', 'lab', 'a', 'a'.repeat(63), 'Shop_1', 'shop.x', '', 'toString', '0'],
  sensitivity: ['high', 'medium', 'low', 'hihg', '1'],
  expose: ['true', 'false', 'yes', 'True', ''],
  internal: ['true', 'false', 'no'],
  // A key that only the odd configuration has, and an unknown one.
  'cost-center': ['cc-1234', 'cc-12345', 'xcc-1234', 'CC-1234'],
  'example.com/zone': ['a', 'b.c', 'z'],
  constructor: ['x', 'hasOwnProperty'],
  teir: ['api'],
  'ringfence.dev/mode': ['observe', 'warn', 'enforce', 'enfroce', ''],
  'ringfence.dev/fence': ['true', ''],
};

const usual: LabelMap = { env: 'prod', tier: 'api', team: 'shop', expose: 'false' };

/**
 * The labels are mostly the namespace's own identity, so that an object is more often wrong in one
 * thing than in all.
 */
function anyLabels(home: LabelMap, own = 6): fc.Arbitrary<LabelMap> {
  return fc
    .tuple(
      ...Object.entries(values).map(([key, choices]) => {
        const right = new Map(Object.entries({ ...usual, ...home })).get(key);
        return fc
          .oneof(
            { weight: own, arbitrary: fc.constant(right) },
            { weight: 1, arbitrary: fc.constant(undefined) },
            { weight: 2, arbitrary: fc.constantFrom(...choices) },
          )
          .map((value) => [key, value] as const);
      }),
    )
    .map((entries) =>
      Object.fromEntries(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]))),
    );
}

interface Selector {
  readonly matchLabels?: LabelMap;
  readonly matchExpressions?: readonly object[];
}

interface Specification {
  readonly podSelector: Selector;
}

const selector: fc.Arbitrary<Selector> = fc.oneof(
  fc.constant({}),
  fc.record({ matchLabels: fc.constantFrom<LabelMap[]>({ tier: 'web' }, { tier: 'wbe', env: 'prod' }, { app: 'x' }) }),
  fc.record({
    matchExpressions: fc.array(
      fc.oneof(
        fc.record({
          key: fc.constantFrom('env', 'tier', 'team', 'app', 'cost-center'),
          operator: fc.constantFrom('In', 'NotIn'),
          values: fc.uniqueArray(fc.constantFrom('prod', 'web', 'api', 'shop', 'Shop_1', 'cc-1234', 'x'), {
            minLength: 1,
            maxLength: 3,
          }),
        }),
        fc.record({ key: fc.constantFrom('env', 'app'), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
      ),
      { maxLength: 2 },
    ),
  }),
);
const peer = fc.oneof(
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector: selector }),
  fc.record({ namespaceSelector: selector, podSelector: selector }),
  fc.constant({ ipBlock: { cidr: '10.0.0.0/8' } }),
);
const rule = (field: string) => fc.array(peer, { maxLength: 2 }).map((peers) => ({ [field]: peers }));
const specification: fc.Arbitrary<Specification> = fc.record(
  {
    podSelector: selector,
    policyTypes: fc.constantFrom(['Ingress'], ['Egress'], ['Ingress', 'Egress'], ['Egress', 'Ingress']),
    ingress: fc.array(rule('from'), { maxLength: 2 }),
    egress: fc.array(rule('to'), { maxLength: 2 }),
  },
  { requiredKeys: ['podSelector'] },
);

/** An object to create. */
export const anyCreation: fc.Arbitrary<{ readonly home: Home; readonly object: Manifest }> = fc
  .constantFrom(...homes)
  .chain((home) => anyObject(home).map((object) => ({ home, object })));

function anyObject(home: Home): fc.Arbitrary<Manifest> {
  const labels = anyLabels(home.labels);
  const spec = fc.oneof(
    { weight: 4, arbitrary: fc.constant({}) },
    fc.constantFrom({ hostNetwork: true }, { hostNetwork: false }),
  );
  const name = fc.constantFrom('new', 'new', 'new', 'deny-all-baseline', 'allow-dns-egress');
  const here = (object: Manifest) => inNamespace(home.name, object);
  return fc.oneof(
    fc.tuple(labels, spec).map((made) => here(pod('new', ...made))),
    fc
      .tuple(fc.constantFrom(...workloadKinds), labels, spec)
      .map(([kind, templateLabels, podSpec]) => here(workload(kind, 'new', templateLabels, podSpec))),
    fc
      .tuple(name, labels, specification)
      .map(([chosen, own, made]) => here({ ...networkPolicy(chosen, own), spec: made })),
    fc.tuple(labels).map(([own]) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'new', labels: own } })),
  );
}

/**
 * A change of the labels of an existing object, and of a NetworkPolicy's spec, through the object
 * itself or a subresource.
 */
export interface Change {
  readonly home: Home;
  readonly object: Manifest;
  readonly oldObject: Manifest;
  readonly subresource: string;
}

/** The subresources that can also change a kind's labels. */
const subresources = new Map([
  ['Pod', ['', 'status']],
  ['Namespace', ['', 'status', 'finalize']],
]);

/** Changes of some of these objects; `stored` must not be empty. */
export function anyChange(stored: readonly { readonly home: Home; readonly object: Manifest }[]): fc.Arbitrary<Change> {
  return fc.constantFrom(...stored).chain(({ home, object }) =>
    fc
      .tuple(
        anyLabels(home.labels, 1),
        fc.subarray(Object.keys(values)),
        fc.constantFrom(...(subresources.get(object.kind) ?? [''])),
        object.kind === 'NetworkPolicy' ? fc.option(specification, { nil: undefined }) : fc.constant(undefined),
      )
      .map(([labels, keys, subresource, spec]) => ({
        home,
        object: { ...relabel(object, labels, keys), ...(spec === undefined ? {} : { spec: unlikeAny(spec) }) },
        oldObject: object,
        subresource,
      })),
  );
}

/** Returns a specification that no object had before, even after defaulting. */
function unlikeAny(spec: Specification): Specification {
  const { matchLabels, ...podSelector } = spec.podSelector;
  return { ...spec, podSelector: { ...podSelector, matchLabels: { ...matchLabels, changed: 'yes' } } };
}

/** Returns the object with some labels changed; in a workload, the labels of its template. */
function relabel(object: Manifest, labels: LabelMap, keys: readonly string[]): Manifest {
  const copy = structuredClone(object) as Manifest & { metadata: Holder['metadata']; spec: Template };
  const isWorkload = workloadKinds.some((kind) => kind === object.kind);
  const holder: Holder = isWorkload ? (copy.spec.jobTemplate?.spec.template ?? copy.spec.template ?? copy) : copy;
  const kept = Object.entries(holder.metadata.labels ?? {}).filter(([key]) => !keys.includes(key));
  const set = Object.entries(labels).filter(([key]) => keys.includes(key));
  holder.metadata.labels = Object.fromEntries([...kept, ...set]);
  return copy;
}

interface Holder {
  metadata: { labels?: LabelMap };
}

interface Template {
  readonly template?: Holder;
  readonly jobTemplate?: { readonly spec: { readonly template: Holder } };
}
