import { describe, expect, it } from 'vitest';
import { inheritLabels, mirrorAnnotation } from '../../src/admission/inherit.ts';
import type { PatchOperation } from '../../src/admission/respond.ts';
import type { Config } from '../../src/config/config.ts';
import { parseConfig } from '../../src/config/load.ts';
import { templatePathOf, workloadKinds } from '../../src/kubernetes/kinds.ts';
import type { SubjectKind } from '../../src/policy/subject.ts';
import { configIn, fenced, identity, networkPolicy, pod, podLabels, request, type Wire } from './scene.ts';

const config = configIn('enforce');
const shop = new Map(Object.entries(fenced));
const { env, tier, team } = identity;
/** The default of the taxonomy for a Pod without the label. */
const expose = 'false';

function patchOf(kind: SubjectKind, object: unknown, namespace: ReadonlyMap<string, string> = shop, given = config) {
  return inheritLabels(request(kind, object), namespace, given);
}

/** A workload with a pod template. */
function around(kind: SubjectKind, template: unknown): Wire {
  return [...templatePathOf(kind)].reverse().reduce<unknown>((inner, step) => ({ [step]: inner }), template) as Wire;
}

/** Applies RFC 6902 `add` operations of the few forms that occur here. */
function applied(object: unknown, operations: readonly PatchOperation[]): unknown {
  const copy = structuredClone(object) as Record<string, unknown>;
  for (const { path, value } of operations) {
    const tokens = path
      .slice(1)
      .split('/')
      .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = tokens.pop() ?? '';
    const parent = tokens.reduce<unknown>((at, token) => (at as Record<string, unknown>)[token], copy);
    (parent as Record<string, unknown>)[last] = value;
  }
  return copy;
}

describe('filling in what the namespace says', () => {
  it.each<[string, unknown, readonly PatchOperation[]]>([
    ['nothing, where all is there', pod(podLabels), []],
    ['one label that is missing', pod({ env, tier, expose: 'true' }), [add('/metadata/labels/team', team)]],
    [
      'all of them, one by one, where there are others',
      pod({ app: 'web' }),
      [
        add('/metadata/labels/env', env),
        add('/metadata/labels/tier', tier),
        add('/metadata/labels/team', team),
        add('/metadata/labels/expose', expose),
      ],
    ],
    ['the labels, where there are none', { metadata: { name: 'web' } }, [add('/metadata/labels', podLabels)]],
    ['the labels, where they are null', pod(null), [add('/metadata/labels', podLabels)]],
    [
      'all of them, where the labels are empty',
      pod({}),
      Object.entries(podLabels).map(([key, value]) => add(`/metadata/labels/${key}`, value)),
    ],
    ['the metadata, where there is none', { spec: {} }, [add('/metadata', { labels: podLabels })]],
    ['the metadata, where it is null', { metadata: null }, [add('/metadata', { labels: podLabels })]],
    ['nothing over what is wrong: the checks say so', pod({ env: 'prd', tier: 'data', team: '', expose: 'no' }), []],
    ['nothing into labels that are a text', pod('env=prod'), []],
    // JSON Patch cannot add a member to a list, so the API server would answer with an obscure
    // error.
    ['nothing into labels that are a list', pod([]), []],
    ['nothing into metadata that is a list', { metadata: [] }, []],
    ['nothing into metadata that is a text', { metadata: 'x' }, []],
    ['nothing into what is no object', 'pod', []],
    ['nothing into null', null, []],
    [
      'what only a prototype has',
      pod(JSON.parse(`{"__proto__": {"env": "prod"}, "tier": "api", "team": "shop"}`)),
      [add('/metadata/labels/env', env), add('/metadata/labels/expose', expose)],
    ],
    ['no default beside what may be a misspelling of the key', pod({ ...identity, expse: 'true' }), []],
    ['no default beside a key in another spelling', pod({ ...identity, Expose: 'true' }), []],
    ['nothing over an empty value', pod({ ...identity, expose: '' }), []],
  ])('adds %s', (_, object, expected) => {
    expect(patchOf('Pod', object)).toEqual(expected);
  });

  it.each<[string, Record<string, string>, readonly PatchOperation[]]>([
    ['says nothing', {}, []],
    ['says the tier alone', { tier }, [add('/metadata/labels/tier', tier)]],
    // Only labels that must agree come from the namespace. The author decides whether the outside
    // may reach a Pod.
    ['says what need not agree', { expose: 'true', internal: 'true', sensitivity: 'high', app: 'web' }, []],
  ])('adds no more than the defaults and what a namespace says that %s', (_, labels, expected) => {
    const operations = [...expected, add('/metadata/labels/expose', expose)];
    expect(patchOf('Pod', pod({}), new Map(Object.entries(labels)))).toEqual(operations);
  });

  it.each<[string, string, readonly PatchOperation[]]>([
    ['is not required', 'required: {Pod: [env, tier, team]}', []],
    ['has another suggestion', 'taxonomy: {expose: {suggest: "true"}}', []],
    ['has none', 'taxonomy: {expose: {values: ["true", "false"]}}', []],
    ['has to agree with a namespace that says nothing of it', 'taxonomy: {expose: {agrees: true}}', []],
    // The author has to write a value that claims something.
    [
      'is a suggestion of another kind',
      'taxonomy: {sensitivity: {suggest: low}}\nrequired: {Pod: [env, tier, team, sensitivity]}',
      [],
    ],
    [
      'is required, with the suggestion "false"',
      'required: {Pod: [env, internal]}',
      [add('/metadata/labels/internal', 'false')],
    ],
    [
      "is a key of the configuration's own",
      'taxonomy: {example.org/public: {values: ["true", "false"], suggest: "false"}}\nrequired: {Pod: [example.org/public]}',
      [add('/metadata/labels/example.org~1public', 'false')],
    ],
  ])('gives a default to a key only where it is safe: one that %s', (_, text, expected) => {
    const own = parse(`apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\n${text}\n`);
    expect(patchOf('Pod', pod({ env, tier, team }), shop, own)).toEqual(expected);
  });

  it('gives no default to a NetworkPolicy, whose key means that it lets the outside in', () => {
    const own = parse('apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\nrequired: {NetworkPolicy: [expose]}\n');
    expect(patchOf('NetworkPolicy', networkPolicy('allow', { env, tier, team }), shop, own)).toEqual([]);
  });

  it('adds what has to agree by configuration, whatever characters its key has', () => {
    const own = parse(`\
apiVersion: ringfence.dev/v1alpha1
kind: Configuration
taxonomy: {env: {agrees: false}, tier: null, team: null, example.org/cost_center: {pattern: '.+', agrees: true}}
required: {Namespace: [], Pod: [], NetworkPolicy: []}
`);
    const namespace = new Map([...shop, ['example.org/cost_center', 'cc-1']]);
    expect(patchOf('Pod', pod({}), namespace, own)).toEqual([add('/metadata/labels/example.org~1cost_center', 'cc-1')]);
  });

  it('writes a key as RFC 6901 has it', () => {
    // A label key cannot have a tilde, but the escape must be right anyway.
    const [key] = config.taxonomy.keys.values();
    if (key === undefined) throw new Error('no key');
    const keys = new Map([['a~/b', { ...key, key: 'a~/b' }]]);
    const own: Config = { ...config, taxonomy: { ...config.taxonomy, keys } };
    expect(patchOf('Pod', pod({}), new Map([['a~/b', 'c']]), own)).toEqual([add('/metadata/labels/a~0~1b', 'c')]);
  });

  it('leaves the mirror Pods of a kubelet alone', () => {
    const mirror = { metadata: { name: 'etcd', annotations: { [mirrorAnnotation]: 'hash' }, labels: {} } };
    expect(patchOf('Pod', mirror)).toEqual([]);
    // An annotation on a template does not make a mirror Pod.
    expect(patchOf('Deployment', around('Deployment', mirror))).toHaveLength(4);
  });

  it.each(workloadKinds)('fills the pod template of a %s, and not the object itself', (kind) => {
    const at = `/${templatePathOf(kind).join('/')}/metadata/labels`;
    expect(patchOf(kind, around(kind, { metadata: { labels: { app: 'web', env } } }))).toEqual([
      add(`${at}/tier`, tier),
      add(`${at}/team`, team),
      add(`${at}/expose`, expose),
    ]);
    expect(patchOf(kind, around(kind, { spec: {} }))).toEqual([add(at.replace('/labels', ''), { labels: podLabels })]);
    // A ReplicationController's template may be null. Then there is no place for labels, and
    // validation reports it.
    expect(patchOf(kind, around(kind, null))).toEqual([]);
    expect(patchOf(kind, { spec: 'x' })).toEqual([]);
  });

  it('leaves a ReplicaSet to the Deployment that made it, which would make another', () => {
    const metadata = { ownerReferences: [{ kind: 'Deployment', name: 'web', controller: true }] };
    const made = { metadata, ...around('ReplicaSet', {}) };
    expect(patchOf('ReplicaSet', made)).toEqual([]);
    // No controller compares these templates: the Job of a CronJob, the Pod of a ReplicaSet.
    expect(patchOf('Job', made)).toHaveLength(1);
    expect(patchOf('Pod', { metadata: { ...metadata, labels: {} } })).toHaveLength(4);
    expect(patchOf('ReplicaSet', around('ReplicaSet', {}))).toHaveLength(1);
  });

  it('fills a NetworkPolicy', () => {
    expect(patchOf('NetworkPolicy', networkPolicy('allow', { tier }))).toEqual([
      add('/metadata/labels/env', env),
      add('/metadata/labels/team', team),
    ]);
  });

  it('has nothing to do with Namespaces, and kinds that nobody judges', () => {
    expect(patchOf('Namespace', { metadata: { name: 'shop' } })).toEqual([]);
    expect(inheritLabels(request('Service', { metadata: {} }), shop, config)).toEqual([]);
  });

  it.each<[SubjectKind, unknown]>([
    ['Pod', pod({ app: 'web' })],
    ['Pod', { spec: {} }],
    ['Pod', pod(null)],
    ['CronJob', around('CronJob', {})],
    ['NetworkPolicy', networkPolicy('allow', {})],
  ])('asked again of what came out (%s %j), adds nothing', (kind, object) => {
    const operations = patchOf(kind, object);
    expect(operations.length).toBeGreaterThan(0);
    expect(patchOf(kind, applied(object, operations))).toEqual([]);
  });
});

function add(path: string, value: unknown): PatchOperation {
  return { op: 'add', path, value } as PatchOperation;
}

function parse(text: string): Config {
  return parseConfig(text, { file: 'ringfence.yaml', version: '1', ownNamespace: undefined, checkIds: [] });
}
