import type { Config } from '../config/config.ts';
import { type Expression, text } from '../kubernetes/cel.ts';
import { type ExceptedWorkload, type Exception, madeBy } from '../policy/exception.ts';
import { noFaults } from './faults.ts';

/**
 * Returns the faults of a check without those that an exception waives. An expression knows only
 * the time of the creation, which the API server sets before it evaluates policies.
 * @param serviceAccount the expression of the ServiceAccount of the Pod or pod template
 */
export function withoutWaived(
  check: string,
  faults: Expression,
  serviceAccount: Expression,
  { exceptions }: Config,
): Expression {
  const waiving = exceptions.filter(({ checks }) => checks.includes(check));
  if (waiving.length === 0) return faults;
  const isWaived = waiving.map((exception) => `(${waives(exception, serviceAccount)})`).join(' ||\n');
  return `(!(request.kind.kind in ["Binding", "NetworkPolicy"]) && (${isWaived}) ? ${noFaults} : (${faults}))`;
}

function waives({ namespace, workloads, until }: Exception, serviceAccount: Expression): Expression {
  const isMeant = workloads.map((workload) => describes(workload, serviceAccount)).join(' || ');
  const isInTime = `timestamp(dyn(object).metadata.creationTimestamp) < timestamp(${text(`${until}T00:00:00Z`)})`;
  return `request.namespace == ${text(namespace)} && ${isInTime} && (${isMeant})`;
}

const controllers = 'dyn(object).metadata.?ownerReferences.orValue([])';

function describes(workload: ExceptedWorkload, serviceAccount: Expression): Expression {
  if ('serviceAccount' in workload) return `${serviceAccount} == ${text(workload.serviceAccount)}`;
  const { kind, name } = workload;
  const isNamed = (expression: Expression, tail = '') =>
    `${expression}.matches(${text(`^(?:${name.source})${tail}$`)})`;
  const made = (by: string, tail = '') =>
    `${controllers}.exists(one, one.?controller.orValue(false) && one.kind == ${text(by)} && ${isNamed('one.name', tail)})`;
  const below = madeBy(kind);
  return [
    `(request.kind.kind == ${text(kind)} && ${isNamed('dyn(object).metadata.name')})`,
    made(kind),
    ...(below === undefined ? [] : [made(below, '-[^-]*')]),
  ].join(' || ');
}
