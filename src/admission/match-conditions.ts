import { trialAnnotation } from '../baseline/trial.ts';
import type { Config } from '../config/config.ts';
import { type Expression, list, text } from '../kubernetes/cel.ts';
import {
  annotationChanges,
  isBuiltIn,
  isNamed,
  isOneOf,
  labelsChange,
  type Named,
  networkPolicyChanges,
  otherTemplateChanges,
  templateChanges,
} from '../kubernetes/conditions.ts';
import { fenceMark, type Mode, modeLabel, modes } from '../policy/mode.ts';
import { judgedKeys, type Taxonomy } from '../policy/taxonomy.ts';
import { mirrorAnnotation } from './inherit.ts';

/** Returns the labels of a Namespace whose change is reviewed. */
export function namespaceKeys(taxonomy: Taxonomy): readonly string[] {
  return [...judgedKeys(taxonomy), fenceMark, modeLabel];
}

/** Matches a new Namespace, and one whose identity, mark, mode or trial changes. */
export function namespaceChanges(taxonomy: Taxonomy): Named {
  const changes = [labelsChange(namespaceKeys(taxonomy)), annotationChanges(trialAnnotation)];
  return { name: 'namespace-changes', expression: changes.join(' || ') };
}

/**
 * Matches the requests about Namespaces for the entry that fails closed: a creation while the
 * cluster enforces, and an update of a Namespace that carried the mark, that enforced, or that
 * every cluster has. The expression reads the old object, so that no request can exclude itself:
 * while the webhook is down, nobody can lower a mode. Ringfence's own Namespace never matches, so
 * that it can always be created, labelled and repaired.
 */
export function namespaceEnforces({ mode: cluster, ownNamespace }: Pick<Config, 'mode' | 'ownNamespace'>): Expression {
  const old = `oldObject.metadata.?labels[${text(modeLabel)}].orValue("")`;
  const enforced = cluster === 'enforce' ? `!(${old} in ${list(milderThanEnforce)})` : `${old} == "enforce"`;
  const marked = `oldObject.metadata.?labels[${text(fenceMark)}].hasValue()`;
  const closed = `oldObject == null ? ${String(cluster === 'enforce')} : (${isBuiltIn} || ${marked} || ${enforced})`;
  return `!(${isNamed(ownNamespace)}) && (${closed})`;
}

/**
 * Matches the objects that may get labels: those that are new, and those whose judged parts change.
 * A workload that is only scaled keeps its template, because a changed template would start a
 * rollout. Mirror Pods of the kubelet never match.
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
