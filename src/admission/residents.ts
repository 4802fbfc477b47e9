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

/** Lists the objects in a namespace, live. */
export interface Residents {
  /**
   * Lists the objects of one resource in wire form, and says whether these are all of them: a
   * namespace may contain more than there is time to read. Throws if the API server does not
   * answer.
   */
  readonly list: (
    namespace: string,
    resource: Kind,
  ) => Promise<{ readonly objects: readonly unknown[]; readonly isWhole: boolean }>;
}

/**
 * The number of objects of a resource that would be refused if they were created now. `problem`
 * says why the number is not known.
 */
export interface Refused {
  readonly resource: string;
  readonly count: number;
  readonly isWhole: boolean;
  readonly problem?: string;
}

/**
 * Counts, for each kind, the objects that would be refused in a namespace with these labels if it
 * enforced. Omits kinds without such objects. Never throws.
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
    // In a namespace with the mark, these are the baseline, which Ringfence maintains.
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
 * Whether an object counts on its own. A ReplicaSet or Job with a controller does not, because a
 * change of its Deployment or CronJob corrects it. Every Pod that has not ended counts.
 */
function isNobodys(kind: SubjectKind, object: unknown): boolean {
  if (kind === 'Pod') return !['Succeeded', 'Failed'].includes(String(own(own(object, 'status'), 'phase')));
  return controllerIn(valueAt(object, 'metadata', 'ownerReferences')) === undefined;
}
