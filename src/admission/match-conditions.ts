import type { Config } from '../config/config.ts';
import { type Expression, list, text } from '../kubernetes/cel.ts';
import {
  isBuiltIn,
  isNamed,
  isOneOf,
  type Named,
  networkPolicyChanges,
  otherTemplateChanges,
  templateChanges,
} from '../kubernetes/conditions.ts';
import { fenceMark, type Mode, modeLabel, modes } from '../policy/mode.ts';
import { judgedKeys, type Taxonomy } from '../policy/taxonomy.ts';
import { mirrorAnnotation } from './inherit.ts';

/** The labels of a Namespace whose change Ringfence is asked about. */
export function namespaceKeys(taxonomy: Taxonomy): readonly string[] {
  return [...judgedKeys(taxonomy), fenceMark, modeLabel];
}

/**
 * Whether a Namespace belongs to the entry that fails closed: an update of a Namespace that carried
 * the mark or enforced or that every cluster has, or a creation while the cluster enforces. The
 * expression reads the old object, so that no request takes itself out: while the webhook is down,
 * nobody can lower a mode. Ringfence's own Namespace never belongs to it, so that it can always be
 * made, labelled and repaired.
 */
export function namespaceEnforces({ mode: cluster, ownNamespace }: Pick<Config, 'mode' | 'ownNamespace'>): Expression {
  const old = `oldObject.metadata.?labels[${text(modeLabel)}].orValue("")`;
  const enforced = cluster === 'enforce' ? `!(${old} in ${list(milderThanEnforce)})` : `${old} == "enforce"`;
  const marked = `oldObject.metadata.?labels[${text(fenceMark)}].hasValue()`;
  const closed = `oldObject == null ? ${String(cluster === 'enforce')} : (${isBuiltIn} || ${marked} || ${enforced})`;
  return `!(${isNamed(ownNamespace)}) && (${closed})`;
}

/**
 * What may be filled in: objects that are new, or that change in what is judged. A legacy workload
 * that is scaled keeps its template, or it would roll. The kubelet's mirror Pods are never touched.
 */
export function mayInherit({ taxonomy, workloads }: Pick<Config, 'taxonomy' | 'workloads'>): Named {
  return {
    name: 'may-inherit',
    expression: [
      ...(workloads.length === 0 ? [] : [`${isOneOf(workloads)} ? (${otherTemplateChanges(workloads)}) :`]),
      `request.kind.kind == "Pod" ? !object.metadata.?annotations[${text(mirrorAnnotation)}].hasValue() :`,
      `request.kind.kind == "NetworkPolicy" ? (${networkPolicyChanges(judgedKeys(taxonomy))}) :`,
      `(${templateChanges})`,
    ].join(' '),
  };
}

/** The modes whose findings never refuse. */
export const milderThanEnforce: readonly Mode[] = modes.filter((mode) => mode !== 'enforce');
