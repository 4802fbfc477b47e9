// Conditions that the API server evaluates before it calls a webhook or evaluates a policy.
// Webhooks and backstop take each text from here, so that both look at the same requests.

import { type Expression, list, text } from './cel.ts';
import { workloadKinds } from './kinds.ts';
import { builtInNamespaces } from './namespaces.ts';
import { calicoMetadata, idleFields, openingKinds } from './other-policies.ts';
import type { OtherWorkload } from './other-workloads.ts';
import { networkPolicyCount } from './rules.ts';

/**
 * admissionregistration.k8s.io/v1 MatchCondition. In a policy it is also a variable, which later
 * expressions read as `variables.NAME`. With failurePolicy Fail, an expression that errors refuses
 * the request.
 */
export interface Named {
  readonly name: string;
  readonly expression: Expression;
}

/**
 * The name under which the API server stores the object. Labels can be forged at creation, a name
 * cannot. An object created with generateName has no name yet when mutating webhooks are called.
 * The checks judge this name too, not the name of the request.
 */
const storedName: Expression = '(oldObject == null ? object : oldObject).metadata.?name.orValue("")';

/**
 * Matches the Namespaces that every cluster has, by the name under which they are stored. There is
 * no old object on CREATE and no new one on DELETE; an expression that ignores this errors.
 */
export const isBuiltIn: Expression = isNamedOneOf(builtInNamespaces);

/** Leaves out the built-in Namespaces: their creation never marks them. */
export const notBuiltIn: Named = { name: 'not-built-in', expression: `!(${isBuiltIn})` };

/**
 * Leaves out the built-in Namespaces that the API server creates when it starts, as user
 * system:apiserver (user.APIServerUser). This must never wait for a webhook. Requests of all other
 * users about these Namespaces are judged.
 */
export const notStartUp: Named = {
  name: 'not-start-up',
  expression: `oldObject != null || request.userInfo.username != "system:apiserver" || !(${isBuiltIn})`,
};

/**
 * Leaves out Ringfence's own writes of the baseline, which has these names. With failurePolicy
 * Fail, Ringfence could otherwise not repair the baseline while its webhook is down. Its other
 * writes are judged like the writes of anyone else.
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

/** Matches the objects that are stored under one of these names. */
export function isNamedOneOf(names: readonly string[]): Expression {
  return `${storedName} in ${list(names)}`;
}

/** Matches the object that is stored under this name; matches none if the name is undefined. */
export function isNamed(name: string | undefined): Expression {
  return name === undefined ? 'false' : `${storedName} == ${text(name)}`;
}

/**
 * Matches a creation, and an update that changes one of these labels. The other labels are no
 * identity, so a change of them never waits for Ringfence.
 */
export function labelsChange(keys: readonly string[]): Expression {
  return `oldObject == null || ${list(keys)}.exists(key, object.metadata.?labels[key] != oldObject.metadata.?labels[key])`;
}

/** Matches a creation, and an update that changes this annotation. */
export function annotationChanges(key: string): Expression {
  return `oldObject == null || object.metadata.?annotations[?${text(key)}] != oldObject.metadata.?annotations[?${text(key)}]`;
}

/** Matches the names that begin with one of the prefixes; `false` without prefixes. */
export function hasPrefix(name: Expression, prefixes: readonly string[]): Expression {
  if (prefixes.length === 0) return 'false';
  return `${list(prefixes)}.exists(prefix, ${name}.startsWith(prefix))`;
}

/**
 * Leaves out the objects in namespaces whose name begins with one of the prefixes, because a
 * namespaceSelector selects only by whole names. A request without a namespace passes. Returns no
 * condition without prefixes.
 */
export function outsidePrefixes(prefixes: readonly string[]): readonly Named[] {
  return prefixes.length === 0
    ? []
    : [{ name: 'outside-prefixes', expression: `!${hasPrefix('request.?namespace.orValue("")', prefixes)}` }];
}

/**
 * Matches a workload whose pod template is new or changed. Scaling, a new annotation and a status
 * do not change it.
 */
export const templateChanges: Expression = [
  'oldObject == null || (request.kind.kind == "CronJob" ?',
  'object.spec.jobTemplate.spec.template != oldObject.spec.jobTemplate.spec.template :',
  'object.spec.?template != oldObject.spec.?template)',
].join(' ');

/** Whether the object is a workload of one of these kinds of other projects. */
export function isOneOf(workloads: readonly OtherWorkload[]): Expression {
  const resources = workloads.map(({ group, resource }) => `${group}/${resource}`);
  return resources.length === 0
    ? 'false'
    : `request.resource.group + "/" + request.resource.resource in ${list(resources)}`;
}

/**
 * Matches a workload of another project that is new, or whose pod template changes. Such objects
 * may have any form, so no step of the expression can fail.
 */
export function otherTemplateChanges(workloads: readonly OtherWorkload[]): Expression {
  const changes = byPath(workloads, (path) => `${stepsTo(path, 'object')} != ${stepsTo(path, 'oldObject')}`, 'true');
  return `oldObject == null || ${changes}`;
}

/** The pod template of a workload of another project; null where there is none. */
export function otherTemplate(workloads: readonly OtherWorkload[]): Expression {
  return byPath(workloads, (path) => stepsTo(path, 'object'), 'dyn(null)');
}

/** One expression for each path of a pod template, chosen by the kind of the object. */
function byPath(
  workloads: readonly OtherWorkload[],
  say: (path: readonly string[]) => Expression,
  otherwise: Expression,
): Expression {
  const paths = Map.groupBy(workloads, ({ template }) => template.join('.'));
  const cases = [...paths.values()].map((kinds) => `${isOneOf(kinds)} ? ${say(kinds[0]?.template ?? [])} :`);
  return `(${[...cases, otherwise].join(' ')})`;
}

/**
 * The value at a path; null if there is none. CEL's own optional steps fail on a list, so each step
 * asks for a map first.
 */
function stepsTo(path: readonly string[], of: 'object' | 'oldObject'): Expression {
  const at = (steps: number) =>
    `dyn(${of})${path
      .slice(0, steps)
      .map((step) => `[${text(step)}]`)
      .join('')}`;
  const isThere = path.map((step, index) => `type(${at(index)}) == map && ${text(step)} in ${at(index)}`);
  return `(${isThere.join(' && ')} ? ${at(path.length)} : dyn(null))`;
}

/**
 * Matches a NetworkPolicy that is new, or whose spec, owners or labels of these keys change. Owners
 * count, because the garbage collector deletes an object whose owner does not exist.
 */
export function networkPolicyChanges(keys: readonly string[]): Expression {
  return [
    `${labelsChange(keys)} || object.?spec != oldObject.?spec ||`,
    'object.metadata.?ownerReferences != oldObject.metadata.?ownerReferences',
  ].join(' ');
}

/** Matches a ResourceQuota that limits the number of NetworkPolicies and is new or changes it. */
export const quotaChanges: Named = {
  name: 'quota-changes',
  expression: `${quota('object')}.hasValue() && (oldObject == null || ${quota('object')} != ${quota('oldObject')})`,
};

function quota(of: 'object' | 'oldObject'): Expression {
  return `dyn(${of}).spec.?hard[${text(networkPolicyCount)}]`;
}

/**
 * Matches a policy of another kind that is new, or in which a field changes that not every object
 * has. No convention says where a kind keeps its rules: Cilium has `specs` beside `spec`. For kinds
 * that policies select by labels, a change of labels counts too. A change of status, annotations or
 * finalizers does not count. The expression cannot error on any object.
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

/**
 * Matches what can let the outside in and is new, or whose spec changes. A Service matches only if
 * it lets the outside in itself; then these annotations count as well. The expression cannot error
 * on any object.
 */
export function exposureChanges(annotations: readonly string[]): Named {
  const annotation = (of: 'object' | 'oldObject') => `${of}.metadata.?annotations[?key]`;
  return {
    name: 'exposure-changes',
    expression: [
      'request.kind.kind == "Service" && request.kind.group == "" ?',
      '((object.spec.?type.orValue("") in ["LoadBalancer", "NodePort"] ||',
      'object.spec.?externalIPs.orValue([]).size() > 0) && (oldObject == null || object.spec != oldObject.spec ||',
      `${list(annotations)}.exists(key, ${annotation('object')} != ${annotation('oldObject')}))) :`,
      '(oldObject == null || object.?spec != oldObject.?spec)',
    ].join(' '),
  };
}

function selectedResources(): readonly string[] {
  return [...new Set(openingKinds.filter(({ isSelected }) => isSelected).map(({ resource }) => resource))];
}

/**
 * Matches a Pod whose labels of these keys are new or change, and a Binding that carries one of
 * these keys, because a Binding's labels overwrite the Pod's. The scheduler's Bindings carry zone
 * and region, which are no identity.
 */
export function podLabelsChange(keys: readonly string[]): Expression {
  const carriesKey = `${list(keys)}.exists(key, key in object.metadata.?labels.orValue({}))`;
  return `request.kind.kind == "Binding" ? ${carriesKey} : (${labelsChange(keys)})`;
}

/** Matches the objects of a kind that is judged by its pod template. */
export const isWorkload: Expression = `request.kind.kind in ${list(workloadKinds)}`;
