import { isInForce } from '../baseline/desired.ts';
import type { OnTrial } from '../baseline/trial.ts';
import type { Config } from '../config/config.ts';
import { type Kind, kinds } from '../kubernetes/kinds.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { controllerIn, own, valueAt } from '../kubernetes/raw-object.ts';
import type { Budget } from '../network/budget.ts';
import { bytesOf, measure } from '../network/extent.ts';
import { spent } from '../network/openings.ts';
import { checks } from '../policy/checks/index.ts';
import { canDeny, evaluate } from '../policy/evaluate.ts';
import { isSubject, readSubject, type Subject, type SubjectKind } from '../policy/subject.ts';
import { type Caches, surroundingsOf } from './facts.ts';
import type { Steps, Turns } from './turns.ts';

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

/** A namespace as it is now. */
export interface CurrentNamespace extends OnTrial {
  readonly name: string;
  readonly labels: Labels;
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
 * Counts, for each kind, the objects that would be refused in a namespace if it
 * enforced. Omits kinds without such objects. Never throws. The objects are judged in turns, and
 * NetworkPolicies as far as the budget is enough.
 */
export async function countRefused(
  namespace: CurrentNamespace,
  ports: { readonly residents: Residents; readonly caches: Caches; readonly turns: Turns },
  config: Config,
  budget: Budget,
): Promise<readonly Refused[]> {
  const context: Context = { namespace, caches: ports.caches, budget, config };
  const listed = await Promise.all(
    kinds
      .filter(({ scope }) => scope === 'Namespaced')
      .map(async (judged): Promise<Listed> => {
        try {
          const { objects, isWhole } = await ports.residents.list(namespace.name, judged);
          return { judged, ...readResidents(judged, objects, context), isWhole };
        } catch (error) {
          const problem = error instanceof Error ? error.message : 'no answer';
          return { judged, subjects: [], isWhole: false, problem };
        }
      }),
  );
  const counted = await ports.turns.take(namespace.name, countInSteps(listed, config, budget));
  return (counted ?? listed.map((list) => notCounted(list, 'too many are being judged'))).filter(
    ({ count, problem }) => count > 0 || problem !== undefined,
  );
}

interface Context {
  readonly namespace: CurrentNamespace;
  readonly caches: Caches;
  readonly budget: Budget;
  readonly config: Config;
}

/** The objects of one kind that count, as far as checks need them, or why they are not known. */
interface Listed {
  readonly judged: Kind;
  /** Undefined for an object that cannot be read as its kind. */
  readonly subjects: readonly (Subject | undefined)[];
  readonly isWhole: boolean;
  readonly problem?: string;
}

/**
 * Reads objects at once, because a list takes many times as much memory as what the checks need of
 * it.
 */
function readResidents(
  { kind }: Kind,
  objects: readonly unknown[],
  { namespace: { name: home, labels, fenced, isTrialOver }, caches, budget, config }: Context,
): Pick<Listed, 'subjects' | 'problem'> {
  const facts = { known: true, labels, fenced } as const;
  const subjects: (Subject | undefined)[] = [];
  let bytes = 0;
  for (const object of objects) {
    const name = String(own(own(object, 'metadata'), 'name'));
    const isPolicy = kind === 'NetworkPolicy';
    // These are the baseline, which Ringfence maintains. It has opened it at the end of a trial.
    const isBaseline = isPolicy && (fenced || isTrialOver === true) && isInForce(name, config);
    if (!isNobodys(kind, object) || isBaseline) continue;
    if (isPolicy) bytes += bytesOf(measure(own(object, 'spec'), budget.policyWork));
    if (bytes > specBytes) return { subjects: [], problem: spent };
    const subject = readSubject(kind, object, {
      operation: 'CREATE',
      namespace: home,
      facts,
      ...(isPolicy ? { surroundings: surroundingsOf(home, name, caches, budget) } : {}),
    });
    subjects.push(isSubject(subject) ? subject : undefined);
  }
  return { subjects };
}

/** As much as the cache keeps of a namespace. Several reviews may wait for their turn with it. */
const specBytes = 4 * 1024 * 1024;

function notCounted({ judged: { resource } }: Listed, problem: string): Refused {
  return { resource, count: 0, isWhole: false, problem };
}

/** One object in each step. */
function* countInSteps(listed: readonly Listed[], config: Config, budget: Budget): Steps<readonly Refused[]> {
  const choice = { mode: 'enforce', source: 'namespace' } as const;
  // Only these can refuse anything.
  const denying = checks.filter((check) => canDeny(check, config));
  const counted: Refused[] = [];
  for (const list of listed) {
    const { judged, subjects, isWhole, problem } = list;
    let count = 0;
    for (const subject of subjects) {
      yield;
      if (subject === undefined || evaluate(denying, subject, undefined, choice, config).outcome === 'denied')
        count += 1;
    }
    if (problem !== undefined) counted.push(notCounted(list, problem));
    else if (budget.takeWork(0) || judged.kind !== 'NetworkPolicy')
      counted.push({ resource: judged.resource, count, isWhole });
    else counted.push(notCounted(list, spent));
  }
  return counted;
}

/**
 * Whether an object counts on its own. A ReplicaSet or Job with a controller does not, because a
 * change of its Deployment or CronJob corrects it. Every Pod that has not ended counts.
 */
function isNobodys(kind: SubjectKind, object: unknown): boolean {
  if (kind === 'Pod') return !['Succeeded', 'Failed'].includes(String(own(own(object, 'status'), 'phase')));
  return controllerIn(valueAt(object, 'metadata', 'ownerReferences')) === undefined;
}
