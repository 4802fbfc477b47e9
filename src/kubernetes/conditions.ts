// Conditions that the API server evaluates before it calls a webhook or evaluates a policy.
// Webhooks and backstop take each text from here, so that both look at the same requests.

import { type Expression, list, text } from './cel.ts';
import { workloadKinds } from './kinds.ts';
import { builtInNamespaces } from './namespaces.ts';
import { calicoMetadata, idleFields, openingKinds } from './other-policies.ts';
import { networkPolicyCount } from './rules.ts';

/**
 * admissionregistration.k8s.io/v1 MatchCondition. In a policy it is also a variable, which later
 * expressions read as `variables.NAME`. Under Fail, an expression that errors is a refusal.
 */
export interface Named {
  readonly name: string;
  readonly expression: Expression;
}

/**
 * The name under which the API server stores the object. Labels can be forged at creation, a name
 * cannot. A creation by generateName has no name yet when mutating webhooks are called. The checks
 * judge the same name, not the one of the request.
 */
const storedName: Expression = '(oldObject == null ? object : oldObject).metadata.?name.orValue("")';

/**
 * Of Namespaces: whether it is one that every cluster has, by the name under which it is stored. On
 * CREATE there is no old object, on DELETE no new one: an expression that forgets it errors.
 */
export const isBuiltIn: Expression = isNamedOneOf(builtInNamespaces);

/** Of new Namespaces: the built-in ones are never marked by being created. */
export const notBuiltIn: Named = { name: 'not-built-in', expression: `!(${isBuiltIn})` };

/**
 * Of Namespaces: the API server makes the built-in ones itself when it starts (user.APIServerUser).
 * That must never wait for a webhook. Everyone else who creates or changes one is asked about.
 */
export const notStartUp: Named = {
  name: 'not-start-up',
  expression: `oldObject != null || request.userInfo.username != "system:apiserver" || !(${isBuiltIn})`,
};

/**
 * Whether it is not Ringfence that writes the baseline, which has these names. Ringfence makes and
 * repairs the baseline while its webhook is down: without this, Fail is a deadlock. All its other
 * writes are judged as anyone's.
 */
export function notOwnBaseline(username: string, names: readonly string[]): Named {
  return {
    name: 'not-own-baseline',
    expression: [
      `request.userInfo.username != ${text(username)}`,
      'request.resource.resource != "networkpolicies"',
      `!(${isNamedOneOf(names)})`,
    ].join(' || '),
  };
}

/** Whether an object is stored under one of these names. */
export function isNamedOneOf(names: readonly string[]): Expression {
  return `${storedName} in ${list(names)}`;
}

/** Of Namespaces: whether it is one of this name; false for all where there is no name. */
export function isNamed(name: string | undefined): Expression {
  return name === undefined ? 'false' : `${storedName} == ${text(name)}`;
}

/**
 * A creation, or an update that changes one of these labels. All other labels are nobody's
 * identity: their change never waits for Ringfence.
 */
export function labelsChange(keys: readonly string[]): Expression {
  return `oldObject == null || ${list(keys)}.exists(key, object.metadata.?labels[key] != oldObject.metadata.?labels[key])`;
}

/** Whether a name begins with one of some prefixes; `false` where there are none. */
export function hasPrefix(name: Expression, prefixes: readonly string[]): Expression {
  if (prefixes.length === 0) return 'false';
  return `${list(prefixes)}.exists(prefix, ${name}.startsWith(prefix))`;
}

/**
 * Of objects in namespaces, and of cluster-scoped ones, which pass. A namespaceSelector selects by
 * whole names; this leaves out the names that begin with one of some prefixes. No condition where
 * there are none.
 */
export function outsidePrefixes(prefixes: readonly string[]): readonly Named[] {
  return prefixes.length === 0
    ? []
    : [{ name: 'outside-prefixes', expression: `!${hasPrefix('request.?namespace.orValue("")', prefixes)}` }];
}

/** Of workloads. Scaling, a new annotation or a status leaves the template as it is. */
export const templateChanges: Expression = [
  'oldObject == null || (request.kind.kind == "CronJob" ?',
  'object.spec.jobTemplate.spec.template != oldObject.spec.jobTemplate.spec.template :',
  'object.spec.?template != oldObject.spec.?template)',
].join(' ');

/** Of NetworkPolicies. An owner that does not exist has the garbage collector delete the object. */
export function networkPolicyChanges(keys: readonly string[]): Expression {
  return [
    `${labelsChange(keys)} || object.?spec != oldObject.?spec ||`,
    'object.metadata.?ownerReferences != oldObject.metadata.?ownerReferences',
  ].join(' ');
}

/** Of ResourceQuotas: one that counts NetworkPolicies, and now counts them otherwise. */
export const quotaChanges: Named = {
  name: 'quota-changes',
  expression: `${quota('object')}.hasValue() && (oldObject == null || ${quota('object')} != ${quota('oldObject')})`,
};

function quota(of: 'object' | 'oldObject'): Expression {
  return `dyn(${of}).spec.?hard[${text(networkPolicyCount)}]`;
}

/**
 * Of policies of other kinds: any field but those that every object has, because no convention says
 * where a kind keeps its rules (Cilium's `specs` is beside its `spec`). Where policies select an
 * object by its labels, these count too. A status, an annotation or a finalizer changes nothing. No
 * step of it can fail on any object.
 */
export const otherPolicyChanges: Named = {
  name: 'policy-changes',
  expression: [
    'oldObject == null ||',
    `object.exists(key, !(key in ${list(idleFields)}) && !(key in oldObject && object[key] == oldObject[key])) ||`,
    `oldObject.exists(key, !(key in ${list(idleFields)}) && !(key in object)) ||`,
    `request.resource.resource in ${list(selectedResources())} &&`,
    '(object.metadata.?labels != oldObject.metadata.?labels ||',
    `object.metadata.?annotations[?${text(calicoMetadata)}] != oldObject.metadata.?annotations[?${text(calicoMetadata)}])`,
  ].join(' '),
};

function selectedResources(): readonly string[] {
  return [...new Set(openingKinds.filter(({ isSelected }) => isSelected).map(({ resource }) => resource))];
}

/**
 * Of Pods and Bindings. A Binding's labels overwrite the Pod's. The scheduler's Bindings carry zone
 * and region, which are no identity.
 */
export function podLabelsChange(keys: readonly string[]): Expression {
  const carriesKey = `${list(keys)}.exists(key, key in object.metadata.?labels.orValue({}))`;
  return `request.kind.kind == "Binding" ? ${carriesKey} : (${labelsChange(keys)})`;
}

/** Whether the object is of a kind that is judged by its pod template. */
export const isWorkload: Expression = `request.kind.kind in ${list(workloadKinds)}`;
