import type { Config } from '../config/config.ts';
import { apiCode } from '../retry/answer.ts';
import { desiredBaseline } from './desired.ts';
import { isTerminating } from './drift.ts';
import { hasDesiredSpec } from './equality.ts';
import { needsBaseline, readNamespace } from './namespace.ts';
import type { NamespaceGetter, NetworkPolicyGetter, NetworkPolicyWriter } from './ports.ts';
import { type Repair, type RepairPorts, repair } from './repair.ts';

/** What a reconciliation found, or did. None of these needs another attempt. */
export type Reconciled = 'absent' | 'unfenced' | 'terminating' | Repair;

/**
 * Makes the baseline of a namespace true, from live reads. Throws where it could not: try again.
 */
export type Reconcile = (name: string) => Promise<Reconciled>;

export interface ReconcilerPorts extends RepairPorts {
  readonly namespaces: NamespaceGetter;
  readonly policies: NetworkPolicyGetter & NetworkPolicyWriter;
  /** Told of each object that had another specification, after it was replaced. */
  readonly onReplaced?: (namespace: string, name: string) => void;
}

/**
 * Level-based and idempotent: it trusts no cache and no event, reads what is there, and writes only
 * what differs.
 */
export function createReconciler(ports: ReconcilerPorts, config: () => Config): Reconcile {
  const { namespaces, policies } = ports;
  return async (name) => {
    const raw = await namespaces.get(name);
    if (raw === undefined) return 'absent';
    const namespace = readNamespace(raw);
    const current = config();
    if (!needsBaseline(namespace, current)) return 'unfenced';
    const baseline = desiredBaseline(namespace, current);
    try {
      const actual = await Promise.all(baseline.map((desired) => policies.get(name, desired.metadata.name ?? '')));
      const repairs: Repair[] = [];
      for (const [index, desired] of baseline.entries()) {
        const found = actual[index];
        // Nothing can be created in a terminating namespace, but what is still there guards the
        // Pods that are still there.
        if (namespace.terminating && (found === undefined || isTerminating(found))) continue;
        const hadOwnSpec = found !== undefined && !hasDesiredSpec(found, desired);
        const outcome = await repair(ports, found, desired, current);
        if (hadOwnSpec && outcome === 'repaired') ports.onReplaced?.(name, desired.metadata.name ?? '');
        repairs.push(outcome);
      }
      return namespace.terminating ? 'terminating' : summarize(repairs);
    } catch (error) {
      const end = await findEnd(namespaces, name, error);
      if (end !== undefined) return end;
      throw error;
    }
  };
}

function summarize(repairs: readonly Repair[]): Repair {
  return (['repaired', 'newer'] as const).find((outcome) => repairs.includes(outcome)) ?? 'equal';
}

/**
 * Whether a refused write means that the namespace has ended meanwhile: 404 where it is gone, 403
 * where it is terminating, and 403 also for lack of permission. The namespace itself tells them
 * apart; the text of the answer is not for machines.
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
