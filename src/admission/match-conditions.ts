import { reservedNames } from '../baseline/names.ts';
import type { Config } from '../config/config.ts';
import { builtInNamespaces } from '../kubernetes/namespaces.ts';
import { fenceMark, type Mode, modeLabel, modes } from '../policy/mode.ts';
import { mirrorAnnotation } from './inherit.ts';

/** admissionregistration.k8s.io/v1 MatchCondition: CEL that the API server evaluates before it calls. An expression that errors is a refusal under Fail. */
export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** On CREATE there is no old object, on DELETE no new one: an expression that forgets it errors. */
const labelsChange = 'oldObject == null || object.metadata.?labels != oldObject.metadata.?labels';

const templateChanges = [
  'oldObject == null || (request.kind.kind == "CronJob" ?',
  'object.spec.jobTemplate.spec.template != oldObject.spec.jobTemplate.spec.template :',
  'object.spec.?template != oldObject.spec.?template)',
].join(' ');

const meaningChanges = [
  `(${labelsChange} || object.?spec != oldObject.?spec ||`,
  'object.metadata.?ownerReferences != oldObject.metadata.?ownerReferences)',
].join(' ');

/** Ringfence repairs its own objects while its webhook is down: without this, Fail would be a deadlock. */
export function notOwn(username: string): MatchCondition {
  return { name: 'not-own', expression: `request.userInfo.username != ${JSON.stringify(username)}` };
}

/** A creation by generateName has no name yet when mutation asks: reading it would be an error, and the entry skipped. */
export const notBuiltIn: MatchCondition = {
  name: 'not-built-in',
  expression: `!has(request.name) || !(request.name in ${list(builtInNamespaces)})`,
};

export const namespaceLabelsChange: MatchCondition = { name: 'labels-change', expression: labelsChange };

/**
 * Whether a Namespace belongs to the entry that fails closed: updates of one that carried the mark or enforced, and creations while the cluster
 * enforces. It asks the old object, so that no request takes itself out: while the webhook is down, a mode cannot be lowered.
 */
export function namespaceEnforces(cluster: Mode): string {
  const old = `oldObject.metadata.?labels[${JSON.stringify(modeLabel)}].orValue("")`;
  const enforced = cluster === 'enforce' ? `!(${old} in ${list(milderThanEnforce)})` : `${old} == "enforce"`;
  const marked = `oldObject.metadata.?labels[${JSON.stringify(fenceMark)}].hasValue()`;
  return `oldObject == null ? ${String(cluster === 'enforce')} : (${marked} || ${enforced})`;
}

export const networkPolicyChanges: MatchCondition = {
  name: 'meaning-changes',
  expression: `request.operation == "DELETE" ? oldObject.metadata.name in ${list(reservedNames)} : ${meaningChanges}`,
};

/** A Binding's labels overwrite the Pod's; the scheduler's carry zone and region, which are no identity. */
export function podLabelsChange(config: Config): MatchCondition {
  return {
    name: 'labels-change',
    expression: [
      `request.kind.kind == "Binding" ?`,
      `has(object.metadata.labels) && object.metadata.labels.exists(key, key in ${list([...config.taxonomy.keys.keys()])}) :`,
      `(${labelsChange})`,
    ].join(' '),
  };
}

export const workloadTemplateChanges: MatchCondition = { name: 'template-changes', expression: templateChanges };

/**
 * What may be filled in: what is new, or changes in what is judged. A legacy workload that is scaled keeps its template, or it would roll; the
 * kubelet's mirror Pods are never touched.
 */
export const mayInherit: MatchCondition = {
  name: 'may-inherit',
  expression: [
    `request.kind.kind == "Pod" ? !object.metadata.?annotations[${JSON.stringify(mirrorAnnotation)}].hasValue() :`,
    `request.kind.kind == "NetworkPolicy" ? ${meaningChanges} :`,
    `(${templateChanges})`,
  ].join(' '),
};

/** The modes whose findings never refuse. */
export const milderThanEnforce: readonly Mode[] = modes.filter((mode) => mode !== 'enforce');

/** A CEL list literal: JSON's strings are CEL's. */
function list(texts: readonly string[]): string {
  return JSON.stringify(texts);
}
