import { quote } from '../documents/problem.ts';
import { isWorkloadKind, workloadKinds } from '../kubernetes/kinds.ts';
import { isObject, recordOf } from '../kubernetes/raw-object.ts';
import { checks } from '../policy/checks/index.ts';
import { exposedUnexpected } from '../policy/exposed-unexpected.ts';
import { guardRules, permissionRules } from '../policy/permissions.ts';
import { isDate, latestEnd, longestDays } from './exceptions.ts';
import { type Incoherence, list } from './incoherence.ts';
import { compilePattern } from './pattern.ts';
import { suggestKnown } from './problem.ts';

/**
 * Finds the problems of exceptions that the schema cannot express. `listed` are the kinds under
 * `workloads`. `now` is the time at which the configuration is loaded, in milliseconds since 1970.
 */
export function judgeExceptions(exceptions: unknown, listed: readonly string[], now: number): Incoherence[] {
  const names = new Set<unknown>();
  return list(exceptions).flatMap((entry, index) => {
    const exception = recordOf(entry);
    const path = ['exceptions', index];
    const { name } = exception;
    const isTaken = typeof name === 'string' && names.has(name);
    names.add(name);
    return [
      ...(isTaken
        ? [{ path: [...path, 'name'], message: `${quote(name)} is already the name of another exception` }]
        : []),
      ...list(exception['checks']).flatMap((id, at) => {
        const message = typeof id === 'string' ? findFault(id) : undefined;
        return message === undefined ? [] : [{ path: [...path, 'checks', at], message }];
      }),
      ...list(exception['workloads']).flatMap((workload, at) =>
        isObject(workload) ? judgeWorkload(workload, listed, [...path, 'workloads', at]) : [],
      ),
      ...judgeEnd(exception['until'], [...path, 'until'], now),
    ];
  });
}

/** The checks that an exception may waive: those that judge Pods. */
const waivable: readonly string[] = checks.filter(({ kinds }) => kinds.includes('Pod')).map(({ id }) => id);

/** Returns why a check cannot be waived, in a sentence; undefined if it can be. */
function findFault(id: string): string | undefined {
  if (waivable.includes(id)) return undefined;
  if (id === 'baseline-gate') return 'the gate cannot be waived: no Pod enters a fenced namespace before its baseline';
  if (Object.hasOwn(guardRules, id) || id === 'fence-mark')
    return `${id} cannot be waived: the guard holds in every mode, and for everyone`;
  if (Object.hasOwn(permissionRules, id))
    return `${id} is a permission, which an exception cannot give; grant the verb with RBAC instead`;
  if (checks.some((check) => check.id === id) || id === exposedUnexpected.id)
    return `${id} judges no Pods; an exception is for Pods and workloads. To soften the check for all, cap it under checks`;
  return `there is no such check; ${suggestKnown(id, waivable)}`;
}

function judgeWorkload(
  workload: Readonly<Record<string, unknown>>,
  listed: readonly string[],
  path: Incoherence['path'],
): Incoherence[] {
  const { kind, name } = workload;
  const isNamed = 'kind' in workload || 'name' in workload;
  if (isNamed === 'serviceAccount' in workload || 'kind' in workload !== 'name' in workload)
    return [{ path, message: 'needs either kind and name, or serviceAccount' }];
  const problems: Incoherence[] = [];
  if (typeof kind === 'string' && kind !== 'Pod' && !isWorkloadKind(kind) && !listed.includes(kind))
    problems.push({
      path: [...path, 'kind'],
      message: `${quote(kind)} makes no Pods; ${suggestKnown(kind, ['Pod', ...workloadKinds, ...listed])}`,
    });
  const pattern = typeof name === 'string' ? compilePattern(name) : undefined;
  if (pattern !== undefined && 'wrong' in pattern)
    problems.push({
      path: [...path, 'name'],
      message: `${pattern.wrong} (RE2 syntax: no lookaround, no backreferences)`,
    });
  return problems;
}

/** Judges the end of an exception. An end in the past is allowed: it was valid when written. */
function judgeEnd(until: unknown, path: Incoherence['path'], now: number): Incoherence[] {
  if (typeof until !== 'string' || !isDate(until) || until <= latestEnd(now)) return [];
  const message = `${until} is more than ${longestDays} days ahead; today the latest end is ${latestEnd(now)}`;
  return [{ path, message }];
}
