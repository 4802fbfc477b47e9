import type { Config } from '../config/config.ts';
import type { Labels } from '../kubernetes/labels.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import type { Taxonomy } from '../policy/taxonomy.ts';
import { apiCode } from '../retry/answer.ts';
import { type BaselineNamespace, desiredBaseline, desiredDenyAll } from './desired.ts';
import { hasIdentity } from './drift.ts';
import { denyAllName } from './names.ts';
import { type NamespaceView, needsBaseline, readNamespace } from './namespace.ts';
import type { NamespaceGetter, NetworkPolicyGetter, NetworkPolicyWriter, ServerTime } from './ports.ts';
import { type RepairPorts, repair } from './repair.ts';
import { shareNext, withTimeout } from './shared-read.ts';
import { asOf } from './trial.ts';
import { isWalled } from './wall.ts';

/**
 * The gate's answer about the wall.
 * - `there`: the wall exists and is correct.
 * - `made`: the gate has just made it.
 * - `not-needed`: the namespace is not fenced, or the wall is missing and the review does not need
 *   it.
 * - `dry-run`: the wall is missing, and a dry run must not make it.
 * - `terminating`: the namespace is being deleted, and the API server itself refuses new Pods in
 *   it.
 */
export type Wall = 'there' | 'made' | 'not-needed' | 'dry-run' | 'terminating';

/**
 * The outcome of a look. `absent` means that the namespace does not exist, `failed` means doubt.
 */
export type GateOutcome = Wall | 'absent' | 'failed';

/** The state of a namespace now. */
export type NamespaceState =
  | { readonly exists: true; readonly labels: Labels; readonly fenced: boolean; readonly wall: Wall }
  | { readonly exists: false };

export interface GateOptions {
  /** Whether to make a missing wall, because a Pod is about to be admitted. */
  readonly ensure: boolean;
  /** Whether the gate must write nothing. */
  readonly dryRun: boolean;
  /** Whether to read the namespace live even if the cache and the wall agree. */
  readonly fresh?: boolean;
  /** How much of the budget an earlier call for the same review has taken, in milliseconds. */
  readonly spentMs?: number;
}

/**
 * The gate could not establish the facts. In enforce, this doubt is a refusal. The message is one
 * sentence for people.
 */
export class GateError extends Error {
  override readonly name = 'GateError';
}

export interface Gate {
  /**
   * Resolves to the facts of a namespace, none of which is older than the call. Throws only
   * {@link GateError}.
   */
  facts(namespace: string, options: GateOptions): Promise<NamespaceState>;
}

export interface GatePorts extends RepairPorts {
  readonly namespaces: NamespaceGetter;
  readonly policies: NetworkPolicyGetter & NetworkPolicyWriter;
  /**
   * The namespace in the cache, as of now. It counts only if the wall, which is read live, agrees
   * with it.
   */
  cachedNamespace(name: string): Pick<NamespaceView, 'labels' | 'fenced' | 'uid'> | undefined;
  readonly now: ServerTime;
  /** Called for a namespace whose baseline needs a repair for which no Pod has to wait. */
  onDrift(namespace: string): void;
  /** Counts each answer, and each doubt (`failed`), with its duration in milliseconds. */
  readonly metrics?: { looked(outcome: GateOutcome, ms: number): void };
}

/** The limit for a review: less than the webhook's timeout of 5 s, with time for the answer. */
const budgetMs = 3_000;
/**
 * A read takes 2 ms. A caller may have to wait for a read that has begun, and then for its own.
 * Together they fit in the budget. An API server that is slow for longer than a second, for example
 * while etcd elects a leader, is waited for.
 */
const readPatienceMs = 1_000;
const readTimeoutMs = 1_800;
/**
 * The limit of the reads and the writes. Two such runs in a row do not fit in the budget, so a
 * second caller may get an error.
 */
const settleTimeoutMs = 2_000;
/**
 * The longest wait of a Pod for what the baseline allows. After it, the controller makes the rest.
 */
const othersTimeoutMs = 500;

export function createGate(ports: GatePorts, config: () => Config): Gate {
  const { namespaces, policies } = ports;
  const readOptions = { timeoutMs: readTimeoutMs };

  const shareReads = <T>(read: (name: string) => Promise<T>) => shareNext(read, String, readPatienceMs);
  const readWall = shareReads((name) =>
    withTimeout(policies.get(name, denyAllName, readOptions), readTimeoutMs, 'the read of its NetworkPolicy'),
  );
  // The wall is read after the namespace, so that it cannot belong to an earlier namespace with
  // that name.
  const look = shareReads(async (name): Promise<Sight> => {
    const raw = await withTimeout(namespaces.get(name, readOptions), readTimeoutMs, 'the read of the namespace');
    // No Pod waits for the wall of a trial that is over.
    const read = raw === undefined ? undefined : asOf(readNamespace(raw), ports.now());
    // A mark has no effect on a namespace that is never fenced.
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
    const asked = namespace ?? { name, labels: new Map() };
    const current = config();
    try {
      await repair(ports, wall, desiredDenyAll(asked, current), current);
    } catch (error) {
      // Another replica was faster, or the namespace is being deleted. A second look decides both.
      const code = apiCode(error);
      const state = code === 403 || code === 404 || code === 409 ? judge(await look(name)) : undefined;
      if (state === undefined) throw error;
      return state;
    }
    await withTimeout(makeOthers(asked, current), othersTimeoutMs, 'the rest of the baseline').catch(() =>
      ports.onDrift(name),
    );
    return { exists: true, labels: asked.labels, fenced: true, wall: 'made' };
  }

  async function makeOthers(namespace: BaselineNamespace, current: Config): Promise<void> {
    const others = desiredBaseline(namespace, current).filter(({ metadata }) => metadata.name !== denyAllName);
    await Promise.all(
      others.map(async (desired) => {
        const name = desired.metadata.name ?? '';
        const actual = await policies.get(namespace.name, name, { timeoutMs: othersTimeoutMs });
        await repair(ports, actual, desired, current);
      }),
    );
  }

  async function decide(name: string, options: GateOptions): Promise<NamespaceState> {
    const begun = performance.now() - (options.spentMs ?? 0);
    if (options.fresh !== true && ports.cachedNamespace(name)?.fenced) {
      // This wait has its own limit: a read that has begun, and the next one.
      const wall = await readWall(name);
      // The cache is read again, because it may have changed during the read of the wall.
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

/** The result of a live look: the namespace, and its wall if it needs one. */
interface Sight {
  readonly namespace: NamespaceView | undefined;
  readonly wall: NetworkPolicy | undefined;
}

/** Returns the state that a look shows; undefined if the wall has to be made. */
function judge({ namespace, wall }: Sight): NamespaceState | undefined {
  if (namespace === undefined) return { exists: false };
  const { labels, fenced, terminating } = namespace;
  if (terminating) return { exists: true, labels, fenced, wall: 'terminating' };
  if (!fenced) return { exists: true, labels, fenced, wall: 'not-needed' };
  return isWalled(wall) ? { exists: true, labels, fenced, wall: 'there' } : undefined;
}

/** Whether the wall exists but its identity labels differ from those of the namespace. */
function isStale({ namespace, wall }: Sight, taxonomy: Taxonomy): boolean {
  return namespace !== undefined && wall !== undefined && !hasIdentity(wall, namespace.labels, taxonomy);
}
