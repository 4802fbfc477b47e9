import type { Config } from '../config/config.ts';
import type { Labels } from '../kubernetes/labels.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import type { Taxonomy } from '../policy/taxonomy.ts';
import { apiCode } from '../retry/answer.ts';
import { desiredAllowDns, desiredDenyAll } from './desired.ts';
import { hasIdentity } from './drift.ts';
import { allowDnsName, denyAllName } from './names.ts';
import { type NamespaceView, needsBaseline, readNamespace } from './namespace.ts';
import type { NamespaceGetter, NetworkPolicyGetter, NetworkPolicyWriter } from './ports.ts';
import { type RepairPorts, repair } from './repair.ts';
import { shareNext, withTimeout } from './shared-read.ts';
import { isWalled } from './wall.ts';

/**
 * What the gate says of the wall: it stands / was made just now / is missing, in a review that asks
 * for no wall, or a namespace without the mark / is missing, and a dry run must not make it /
 * nothing can be made, for the namespace is ending (the API server refuses Pods there itself).
 */
export type Wall = 'there' | 'made' | 'not-needed' | 'dry-run' | 'terminating';

/** What became of a look: `absent` where there is no such namespace, `failed` for doubt. */
export type GateOutcome = Wall | 'absent' | 'failed';

/** A namespace as it is now. */
export type NamespaceState =
  | { readonly exists: true; readonly labels: Labels; readonly fenced: boolean; readonly wall: Wall }
  | { readonly exists: false };

export interface GateOptions {
  /** Make the wall where it is missing: a Pod is about to enter. */
  readonly ensure: boolean;
  /** Write nothing. */
  readonly dryRun: boolean;
  /** Read the namespace itself, even where cache and wall agree. */
  readonly fresh?: boolean;
}

/**
 * Doubt: the gate could not establish the facts. In enforce that is a refusal. The message is one
 * sentence for people.
 */
export class GateError extends Error {
  override readonly name = 'GateError';
}

export interface Gate {
  /** The facts of a namespace, none of them older than the call. Throws only {@link GateError}. */
  facts(namespace: string, options: GateOptions): Promise<NamespaceState>;
}

export interface GatePorts extends RepairPorts {
  readonly namespaces: NamespaceGetter;
  readonly policies: NetworkPolicyGetter & NetworkPolicyWriter;
  /**
   * The namespace as last heard of; it is believed only where the wall, read live, says the same.
   */
  cachedNamespace(name: string): Pick<NamespaceView, 'labels' | 'fenced' | 'uid'> | undefined;
  /** Something is to be repaired that no Pod has to wait for. */
  onDrift(namespace: string): void;
  /** Told of each answer, and of each doubt (`failed`), with the milliseconds it took. */
  readonly metrics?: { looked(outcome: GateOutcome, ms: number): void };
}

/** The whole of a call: under the 5 s of the webhook, with room for the answer. */
const budgetMs = 3_000;
/**
 * One read takes 2 ms; a caller may have to wait for one that was under way, and for its own, and
 * must still be able to make the wall.
 */
const readTimeoutMs = 1_000;
/**
 * Two reads and the writes: two in a row would not fit into the budget, and the second caller is
 * told so.
 */
const settleTimeoutMs = 2_000;
/** No Pod waits longer than this for its DNS rule: the controller makes it too. */
const dnsTimeoutMs = 500;

export function createGate(ports: GatePorts, config: () => Config): Gate {
  const { namespaces, policies } = ports;
  const readOptions = { timeoutMs: readTimeoutMs };

  const readWall = shareNext((name) =>
    withTimeout(policies.get(name, denyAllName, readOptions), readTimeoutMs, 'the read of its NetworkPolicy'),
  );
  // The wall is read after the namespace, so that it is not the wall of an earlier namespace of
  // that name.
  const look = shareNext(async (name): Promise<Sight> => {
    const raw = await withTimeout(namespaces.get(name, readOptions), readTimeoutMs, 'the read of the namespace');
    const read = raw === undefined ? undefined : readNamespace(raw);
    // A mark where none may be makes no wall.
    const namespace = read === undefined ? undefined : { ...read, fenced: needsBaseline(read, config()) };
    const needsWall = namespace?.fenced === true && !namespace.terminating;
    return { namespace, wall: needsWall ? await readWall(name) : undefined };
  });
  const settle = shareNext((name) => withTimeout(makeWhereMissing(name), settleTimeoutMs, 'making it'));

  async function makeWhereMissing(name: string): Promise<NamespaceState> {
    const sight = await look(name);
    const state = judge(sight);
    if (state === undefined) return make(name, sight);
    if (isStale(sight, config().taxonomy)) ports.onDrift(name);
    return state;
  }

  async function make(name: string, { namespace, wall }: Sight): Promise<NamespaceState> {
    const labels: Labels = namespace?.labels ?? new Map();
    const current = config();
    try {
      await repair(ports, wall, desiredDenyAll({ name, labels }, current), current);
    } catch (error) {
      // Another replica was first, or the namespace has ended: the answer to either is what stands
      // there now.
      const code = apiCode(error);
      const state = code === 403 || code === 404 || code === 409 ? judge(await look(name)) : undefined;
      if (state === undefined) throw error;
      return state;
    }
    await withTimeout(makeAllowDns(name, labels, current), dnsTimeoutMs, 'the DNS rule').catch(() =>
      ports.onDrift(name),
    );
    return { exists: true, labels, fenced: true, wall: 'made' };
  }

  async function makeAllowDns(name: string, labels: Labels, current: Config): Promise<void> {
    const actual = await policies.get(name, allowDnsName, { timeoutMs: dnsTimeoutMs });
    await repair(ports, actual, desiredAllowDns({ name, labels }, current), current);
  }

  async function decide(name: string, options: GateOptions): Promise<NamespaceState> {
    const begun = performance.now();
    if (options.fresh !== true && ports.cachedNamespace(name)?.fenced) {
      // Bounded by itself: a read that was under way, and the next.
      const wall = await readWall(name);
      // Asked again after the read: what was heard meanwhile may be newer.
      const cached = ports.cachedNamespace(name);
      if (cached?.fenced && isWalled(wall) && hasIdentity(wall, cached.labels, config().taxonomy))
        return { exists: true, labels: cached.labels, fenced: true, wall: 'there' };
    }
    return withTimeout(establish(name, options), budgetMs - (performance.now() - begun), 'all of it');
  }

  async function establish(name: string, { ensure, dryRun }: GateOptions): Promise<NamespaceState> {
    if (ensure && !dryRun) return settle(name);
    const sight = await look(name);
    const state = judge(sight);
    if (!dryRun && (state === undefined || isStale(sight, config().taxonomy))) ports.onDrift(name);
    const labels = sight.namespace?.labels ?? new Map();
    return state ?? { exists: true, labels, fenced: true, wall: ensure ? 'dry-run' : 'not-needed' };
  }

  return {
    async facts(namespace, options) {
      const begun = performance.now();
      try {
        const state = await decide(namespace, options);
        ports.metrics?.looked(state.exists ? state.wall : 'absent', performance.now() - begun);
        return state;
      } catch (error) {
        ports.metrics?.looked('failed', performance.now() - begun);
        const reason = error instanceof Error ? error.message : String(error);
        throw new GateError(`namespace ${namespace} could not be looked at: ${reason}`, {
          cause: error,
        });
      }
    },
  };
}

/** What a live look showed: the namespace, and its wall where it needs one. */
interface Sight {
  readonly namespace: NamespaceView | undefined;
  readonly wall: NetworkPolicy | undefined;
}

/** The state that a look has established; undefined where the wall has to be made. */
function judge({ namespace, wall }: Sight): NamespaceState | undefined {
  if (namespace === undefined) return { exists: false };
  const { labels, fenced, terminating } = namespace;
  if (terminating) return { exists: true, labels, fenced, wall: 'terminating' };
  if (!fenced) return { exists: true, labels, fenced, wall: 'not-needed' };
  return isWalled(wall) ? { exists: true, labels, fenced, wall: 'there' } : undefined;
}

/** Whether the wall stands, but under labels that its namespace no longer has. */
function isStale({ namespace, wall }: Sight, taxonomy: Taxonomy): boolean {
  return namespace !== undefined && wall !== undefined && !hasIdentity(wall, namespace.labels, taxonomy);
}
