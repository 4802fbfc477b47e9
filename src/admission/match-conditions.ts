import { reservedNames } from '../baseline/names.ts';
import { type Expression, list, text } from '../kubernetes/cel.ts';
import { type Named, networkPolicyChanges, templateChanges } from '../kubernetes/conditions.ts';
import { fenceMark, type Mode, modeLabel, modes } from '../policy/mode.ts';
import { mirrorAnnotation } from './inherit.ts';

/**
 * Whether a Namespace belongs to the entry that fails closed: an update of a Namespace that carried
 * the mark or enforced, or a creation while the cluster enforces. The expression reads the old
 * object, so that no request takes itself out: while the webhook is down, nobody can lower a mode.
 */
export function namespaceEnforces(cluster: Mode): Expression {
  const old = `oldObject.metadata.?labels[${text(modeLabel)}].orValue("")`;
  const enforced = cluster === 'enforce' ? `!(${old} in ${list(milderThanEnforce)})` : `${old} == "enforce"`;
  const marked = `oldObject.metadata.?labels[${text(fenceMark)}].hasValue()`;
  return `oldObject == null ? ${String(cluster === 'enforce')} : (${marked} || ${enforced})`;
}

/** A NetworkPolicy means something else now, or the baseline would go. */
export const meaningChanges: Named = {
  name: 'meaning-changes',
  expression: `request.operation == "DELETE" ? oldObject.metadata.name in ${list(reservedNames)} : (${networkPolicyChanges})`,
};

/**
 * What may be filled in: objects that are new, or that change in what is judged. A legacy workload
 * that is scaled keeps its template, or it would roll. The kubelet's mirror Pods are never touched.
 */
export const mayInherit: Named = {
  name: 'may-inherit',
  expression: [
    `request.kind.kind == "Pod" ? !object.metadata.?annotations[${text(mirrorAnnotation)}].hasValue() :`,
    `request.kind.kind == "NetworkPolicy" ? (${networkPolicyChanges}) :`,
    `(${templateChanges})`,
  ].join(' '),
};

/** The modes whose findings never refuse. */
export const milderThanEnforce: readonly Mode[] = modes.filter((mode) => mode !== 'enforce');
