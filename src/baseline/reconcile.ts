import type { Config } from '../config/config.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import { apiCode } from '../retry/answer.ts';
import { type BaselineNamespace, build, desiredBaseline, openedPart, withdrawnParts } from './desired.ts';
import { isLeftOver, isTerminating } from './drift.ts';
import { hasDesiredSpec } from './equality.ts';
import { reservedNames } from './names.ts';
import { type NamespaceView, needsBaseline, readNamespace } from './namespace.ts';
import type { NamespaceGetter, NetworkPolicyGetter, NetworkPolicyWriter, ServerTime } from './ports.ts';
import { type Repair, type RepairPorts, repair } from './repair.ts';
import { asOf, isStanding } from './trial.ts';

/**
 * The outcome of a reconciliation. None of these needs another attempt. `opened` means that the
 * trial of the namespace is over, and its wall was opened.
 */
export type Reconciled = 'absent' | 'unfenced' | 'opened' | 'terminating' | Repair;

/** Corrects the baseline of a namespace, from live reads. Throws if it needs another attempt. */
export type Reconcile = (name: string) => Promise<Reconciled>;

export interface ReconcilerPorts extends RepairPorts {
  readonly namespaces: NamespaceGetter;
  readonly policies: NetworkPolicyGetter & NetworkPolicyWriter;
  /** Read after the namespace, so it is at least the time of that answer. */
  readonly now: ServerTime;
  /**
   * Returns what the cache has of a NetworkPolicy. It only saves reads: a part that the
   * configuration no longer has is read live if the cache has one to withdraw.
   */
  readonly cachedPolicy?: (namespace: string, name: string) => NetworkPolicy | undefined;
  /** Called for each object that had another specification, after it was replaced. */
  readonly onReplaced?: (namespace: string, name: string) => void;
}

/**
 * The reconciler is level-based and idempotent. It uses no cache and no event: it reads the objects
 * live and writes only those that differ.
 */
export function createReconciler(ports: ReconcilerPorts, config: () => Config): Reconcile {
  const { namespaces, policies } = ports;

  /** Closes the parts that Ringfence has made and the configuration no longer has. */
  async function withdraw(namespace: BaselineNamespace, current: Config): Promise<readonly Repair[]> {
    const repairs: Repair[] = [];
    for (const part of withdrawnParts(namespace.labels, current)) {
      if (!isLeftOver(ports.cachedPolicy?.(namespace.name, part.name), part.spec)) continue;
      const found = await policies.get(namespace.name, part.name);
      if (isLeftOver(found, part.spec))
        repairs.push(await repair(ports, found, build(part, namespace, current), current));
    }
    return repairs;
  }

  return async function reconcile(name): Promise<Reconciled> {
    const raw = await namespaces.get(name);
    if (raw === undefined) return 'absent';
    const namespace = asOf(readNamespace(raw), ports.now());
    const current = config();
    if (namespace.isTrialOver) return (await endTrial(ports, namespace, current)) ?? reconcile(name);
    if (!needsBaseline(namespace, current)) return 'unfenced';
    const baseline = desiredBaseline(namespace, current);
    try {
      const actual = await Promise.all(baseline.map((desired) => policies.get(name, desired.metadata.name ?? '')));
      const repairs: Repair[] = [];
      for (const [index, desired] of baseline.entries()) {
        const found = actual[index];
        // Nothing can be created in a terminating namespace, but an object that still exists still
        // isolates the Pods that run there.
        if (namespace.terminating && (found === undefined || isTerminating(found))) continue;
        const hadOwnSpec = found !== undefined && !hasDesiredSpec(found, desired);
        const outcome = await repair(ports, found, desired, current);
        if (hadOwnSpec && outcome === 'repaired') ports.onReplaced?.(name, desired.metadata.name ?? '');
        repairs.push(outcome);
      }
      if (!namespace.terminating) repairs.push(...(await withdraw(namespace, current)));
      return namespace.terminating ? 'terminating' : summarize(repairs);
    } catch (error) {
      const end = await findEnd(namespaces, name, error);
      if (end !== undefined) return end;
      throw error;
    }
  };
}

/**
 * Opens what still stands of the wall of a namespace whose trial is over. A confirmation may arrive
 * at the same time, and then Ringfence writes the wall again, without the trial. Therefore the wall
 * is read before the namespace, and it is opened only if neither has changed since. Resolves to
 * undefined if one has, so that the whole has to be looked at again.
 */
async function endTrial(
  { namespaces, policies, now }: ReconcilerPorts,
  { name, uid, trialUntil }: NamespaceView,
  config: Config,
): Promise<Reconciled | undefined> {
  const found = await Promise.all(reservedNames.map((policy) => policies.get(name, policy)));
  const standing = found.filter((policy) => isStanding(policy));
  if (standing.length === 0) return 'unfenced';
  const raw = await namespaces.get(name);
  const namespace = raw === undefined ? undefined : asOf(readNamespace(raw), now());
  if (namespace?.isTrialOver !== true || namespace.uid !== uid || namespace.trialUntil !== trialUntil) return undefined;
  if (namespace.terminating) return 'terminating';
  for (const { metadata } of standing) {
    const { metadata: own, ...opened } = openedPart(metadata.name ?? '', namespace, config);
    const { resourceVersion = '' } = metadata;
    try {
      await policies.apply({ ...opened, metadata: { ...own, resourceVersion } });
    } catch (error) {
      if (apiCode(error) === 409 || apiCode(error) === 404) return undefined;
      throw error;
    }
  }
  return 'opened';
}

function summarize(repairs: readonly Repair[]): Repair {
  return (['repaired', 'newer'] as const).find((outcome) => repairs.includes(outcome)) ?? 'equal';
}

/**
 * Returns how the namespace has ended, if that is why a write was refused. The API server answers
 * 404 if the namespace is gone, and 403 if it is terminating or if a permission is missing. A read
 * of the namespace tells these apart, because the text of the answer is not for machines.
 */
async function findEnd(
  namespaces: NamespaceGetter,
  name: string,
  error: unknown,
): Promise<'absent' | 'terminating' | undefined> {
  const code = apiCode(error);
  if (code !== 403 && code !== 404) return undefined;
  const raw = await namespaces.get(name);
  if (raw === undefined) return 'absent';
  return readNamespace(raw).terminating ? 'terminating' : undefined;
}
