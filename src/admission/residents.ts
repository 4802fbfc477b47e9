import { isReservedName } from '../baseline/names.ts';
import type { Config } from '../config/config.ts';
import { type Kind, kinds } from '../kubernetes/kinds.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { controllerIn, own, valueAt } from '../kubernetes/raw-object.ts';
import { checks } from '../policy/checks/index.ts';
import { evaluate } from '../policy/evaluate.ts';
import { fenceMark } from '../policy/mode.ts';
import { isSubject, readSubject, type SubjectKind } from '../policy/subject.ts';
import { type Caches, surroundingsOf } from './facts.ts';

/** What lives in a namespace, by a live list. */
export interface Residents {
  /**
   * Objects of one resource in wire form, and whether that is all of them (a namespace may hold
   * more than there is time to read). Throws where the API server gives no answer.
   */
  readonly list: (
    namespace: string,
    resource: Kind,
  ) => Promise<{ readonly objects: readonly unknown[]; readonly isWhole: boolean }>;
}

/**
 * How many objects of a resource would be refused if they were created now; `problem` where that is
 * not known.
 */
export interface Refused {
  readonly resource: string;
  readonly count: number;
  readonly isWhole: boolean;
  readonly problem?: string;
}

/**
 * Counts, for each kind, what would be refused in a namespace of these labels if it enforced. Kinds
 * of which nothing would be are left out; never throws.
 */
export async function countRefused(
  namespace: string,
  labels: Labels,
  ports: { readonly residents: Residents; readonly caches: Caches },
  config: Config,
): Promise<readonly Refused[]> {
  const facts = { known: true, labels, fenced: labels.has(fenceMark) } as const;
  const isRefused = (kind: SubjectKind, object: unknown): boolean => {
    const name = String(own(own(object, 'metadata'), 'name'));
    // Under the mark these are the baseline: kept true, and refused to nobody, labels or none.
    if (kind === 'NetworkPolicy' && facts.fenced && isReservedName(name)) return false;
    const surroundings = kind === 'NetworkPolicy' ? surroundingsOf(namespace, name, ports.caches) : undefined;
    const subject = readSubject(kind, object, {
      operation: 'CREATE',
      namespace,
      facts,
      ...(surroundings === undefined ? {} : { surroundings }),
    });
    const choice = { mode: 'enforce', source: 'namespace' } as const;
    return !isSubject(subject) || evaluate(checks, subject, undefined, choice, config).outcome === 'denied';
  };
  const counted = kinds
    .filter(({ scope }) => scope === 'Namespaced')
    .map(async (judged): Promise<Refused> => {
      const { resource, kind } = judged;
      try {
        const { objects, isWhole } = await ports.residents.list(namespace, judged);
        const count = objects.filter((object) => isNobodys(kind, object) && isRefused(kind, object)).length;
        return { resource, count, isWhole };
      } catch (error) {
        return { resource, count: 0, isWhole: false, problem: error instanceof Error ? error.message : 'no answer' };
      }
    });
  return (await Promise.all(counted)).filter(({ count, problem }) => count > 0 || problem !== undefined);
}

/**
 * A ReplicaSet or Job of a controller is told with its Deployment or CronJob: who mends that mends
 * it. Pods are what runs, and count all.
 */
function isNobodys(kind: SubjectKind, object: unknown): boolean {
  if (kind === 'Pod') return !['Succeeded', 'Failed'].includes(String(own(own(object, 'status'), 'phase')));
  return controllerIn(valueAt(object, 'metadata', 'ownerReferences')) === undefined;
}
