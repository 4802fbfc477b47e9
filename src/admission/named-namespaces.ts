import type { Labels } from '../kubernetes/labels.ts';
import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import { isObject, listAt, own, recordOf, valueAt } from '../kubernetes/raw-object.ts';
import type { Surroundings } from '../policy/subject.ts';
import type { GuardPorts } from './guard.ts';

/**
 * The limit of live reads for one policy. Policies in use name up to about ten namespaces. Each
 * read takes 2 ms, and all run in parallel.
 */
const readLimit = 20;

/** Returns the namespaces that a NetworkPolicy's spec names by `kubernetes.io/metadata.name`. */
export function namespacesNamedBy(spec: unknown): ReadonlySet<string> {
  return namedIn(spec).names;
}

/**
 * Whether the peers of a spec that name namespaces also select by one of these namespace labels.
 */
export function asksAbout(spec: unknown, labels: readonly string[]): boolean {
  const { keys } = namedIn(spec);
  return labels.some((label) => keys.has(label));
}

/** The namespaces that a spec names, and the label keys that those peers ask for. */
interface Named {
  readonly names: ReadonlySet<string>;
  readonly keys: ReadonlySet<string>;
}

/**
 * Kept for the specs that name any namespace, so that a review of a namespace does not look through
 * all policies that name it.
 */
const known = new WeakMap<object, Named>();

function namedIn(spec: unknown): Named {
  const found = isObject(spec) ? known.get(spec) : undefined;
  if (found !== undefined) return found;
  const [names, keys] = [new Set<string>(), new Set<string>()];
  for (const peer of namingPeers(spec)) {
    for (const name of peer.names) names.add(name);
    for (const key of peer.keys) keys.add(key);
  }
  if (names.size > 0 && isObject(spec)) known.set(spec, { names, keys });
  return { names, keys };
}

/** A peer that names namespaces. */
interface NamingPeer {
  /** Its path: `spec.ingress[0].from[1]`. */
  readonly field: string;
  readonly names: ReadonlySet<string>;
  /** The label keys that its namespaceSelector asks for. */
  readonly keys: readonly string[];
}

/**
 * The peers of a specification in wire form that name namespaces. Never throws. Reads no more of
 * the specification than this needs, because it is called for every policy in the cluster.
 */
export function* namingPeers(spec: unknown): Generator<NamingPeer> {
  const types = listAt(spec, 'policyTypes');
  for (const [direction, type, peersField] of directions) {
    // As in the API server, the rules of a direction that policyTypes omits have no effect.
    if (types.length > 0 && !types.includes(type)) continue;
    for (const [index, rule] of listAt(spec, direction).entries()) {
      for (const [at, peer] of listAt(rule, peersField).entries()) {
        const selector = own(peer, 'namespaceSelector');
        const names = namesIn(selector);
        if (names === undefined) continue;
        const field = `spec.${direction}[${index}].${peersField}[${at}]`;
        const expressions = listAt(selector, 'matchExpressions').map((one) => String(own(one, 'key')));
        yield { field, names, keys: [...Object.keys(recordOf(own(selector, 'matchLabels'))), ...expressions] };
      }
    }
  }
}

const directions = [
  ['ingress', 'Ingress', 'from'],
  ['egress', 'Egress', 'to'],
] as const;

function namesIn(selector: unknown): ReadonlySet<string> | undefined {
  const label = valueAt(selector, 'matchLabels', metadataNameLabel);
  if (typeof label === 'string') return new Set([label]);
  const named = listAt(selector, 'matchExpressions').find(
    (one) => own(one, 'key') === metadataNameLabel && own(one, 'operator') === 'In',
  );
  if (named === undefined) return undefined;
  return new Set(listAt(named, 'values').filter((value) => typeof value === 'string'));
}

/**
 * Returns the surroundings of a NetworkPolicy, with the labels of the namespaces that it names read
 * live. A tenant can delay the events of a cache, and because of the ratchet a wrong verdict from
 * an old cache would last. If there are too many names, or a read fails, `undecided` says so.
 */
export async function readNamedLive(
  spec: unknown,
  home: string,
  cached: Surroundings,
  ports: Pick<GuardPorts, 'readNamespace'>,
): Promise<Surroundings> {
  const names = [...namespacesNamedBy(spec)].filter((name) => name !== home);
  if (names.length === 0) return cached;
  if (names.length > readLimit)
    return { ...cached, undecided: `it names ${names.length} namespaces, and at most ${readLimit} are looked at` };
  const live = new Map<string, Labels | undefined>();
  const failures = new Map<string, unknown>();
  await Promise.all(
    names.map(async (name) => {
      try {
        live.set(name, (await ports.readNamespace(name))?.labels);
      } catch (error) {
        failures.set(name, error);
      }
    }),
  );
  const failed = names.find((name) => failures.has(name));
  if (failed !== undefined) {
    const error = failures.get(failed);
    const why = error instanceof Error ? error.message : String(error);
    return { ...cached, undecided: `namespace ${failed} could not be read: ${why}` };
  }
  return { ...cached, namespaceLabels: (name) => (live.has(name) ? live.get(name) : cached.namespaceLabels(name)) };
}
