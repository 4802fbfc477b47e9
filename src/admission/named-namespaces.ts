import type { Labels } from '../kubernetes/labels.ts';
import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import { readPolicy } from '../network/read.ts';
import type { Peer } from '../network/rules.ts';
import type { Surroundings } from '../policy/subject.ts';
import type { GuardPorts } from './guard.ts';

/**
 * The limit of live reads for one policy. Policies in use name up to about ten namespaces. Each
 * read takes 2 ms, and all run in parallel.
 */
const readLimit = 20;

/** Returns the namespaces that a NetworkPolicy's spec names by `kubernetes.io/metadata.name`. */
export function namespacesNamedBy(spec: unknown): ReadonlySet<string> {
  const read = readPolicy(spec, { namespace: '', name: '' });
  if ('problems' in read) return new Set();
  const peers = [...read.policy.ingress, ...read.policy.egress].flatMap((rule) => rule.peers ?? []);
  return new Set(peers.flatMap((peer) => [...namesIn(peer)]));
}

/** Returns the namespaces that one peer names. */
export function namesIn(peer: Peer): ReadonlySet<string> {
  if (peer.kind !== 'pods') return new Set();
  const named = peer.namespaceSelector?.requirements.find(
    ({ key, operator }) => key === metadataNameLabel && operator === 'In',
  );
  return named?.values ?? new Set();
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
  // A getter, because the other policies are read only if a check needs them.
  const around = (more: Partial<Surroundings>): Surroundings => ({
    namespaceLabels: cached.namespaceLabels,
    get policies() {
      return cached.policies;
    },
    ...more,
  });
  if (names.length > readLimit)
    return around({ undecided: `it names ${names.length} namespaces, and at most ${readLimit} are looked at` });
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
    return around({ undecided: `namespace ${failed} could not be read: ${why}` });
  }
  return around({ namespaceLabels: (name) => (live.has(name) ? live.get(name) : cached.namespaceLabels(name)) });
}
