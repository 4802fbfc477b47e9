// The checks on objects in namespaces. There is one policy for each action, bound to the namespaces
// whose mode may lead to it. The API server needs half a millisecond for a policy before it
// evaluates the first expression, so one policy for each check would cost six times as much.

import { baselineParts } from '../baseline/desired.ts';
import { reservedNames } from '../baseline/names.ts';
import type { Config } from '../config/config.ts';
import { type Expression, list, text } from '../kubernetes/cel.ts';
import {
  isOneOf,
  isWorkload,
  type Named,
  networkPolicyChanges,
  notOwnBaseline,
  otherTemplate,
  otherTemplateChanges,
  outsidePrefixes,
  podLabelsChange,
  templateChanges,
} from '../kubernetes/conditions.ts';
import { workloadKinds } from '../kubernetes/kinds.ts';
import { outsideOf } from '../kubernetes/namespaces.ts';
import { bindings, otherWorkloadRules, podStatus, rulesOf } from '../kubernetes/rules.ts';
import { hostNetwork } from '../policy/checks/host-network.ts';
import { internalExpose } from '../policy/checks/internal-expose.ts';
import { labelAgreement } from '../policy/checks/label-agreement.ts';
import { labelValues } from '../policy/checks/label-values.ts';
import { namespaceExposure } from '../policy/checks/namespace-exposure.ts';
import { requiredLabels } from '../policy/checks/required-labels.ts';
import { unknownTaxonomyValue } from '../policy/checks/unknown-taxonomy-value.ts';
import { fenceMark, inModes, type Mode, modeLabel, modes } from '../policy/mode.ts';
import { judgedKeys } from '../policy/taxonomy.ts';
import { isAllowed } from './cel.ts';
import { withoutWaived } from './exceptions.ts';
import {
  disagreements,
  exposedInternals,
  exposedWhereNothingIs,
  listFaults,
  missingOfObjects,
  noFaults,
  strangeValues,
} from './faults.ts';
import { type CheckExpression, faultsWith, modesWith, type Outcome, outcomes, validateFaults } from './judgement.ts';
import {
  apiVersion,
  type Backing,
  buildMetadata,
  nothing,
  type ValidatingBinding,
  type ValidatingPolicy,
} from './manifest.ts';

/** Builds the policies on objects in namespaces, one for each action, each with its binding. */
export function buildObjectPolicies(backing: Backing): readonly (ValidatingPolicy | ValidatingBinding)[] {
  return outcomes.flatMap((outcome) => {
    const all = checksOf(backing.config);
    const asked = modes.filter((mode) =>
      all.some(({ check }) => modesWith(outcome.action, check, backing.config).includes(mode)),
    );
    return [buildPolicy(outcome, all, asked, backing), buildBinding(outcome, asked, backing)];
  });
}

function checksOf(config: Config): readonly CheckExpression[] {
  return [
    { check: labelValues, faults: listFaults(labelValues.id, strangeValues(config)) },
    { check: requiredLabels, faults: listFaults(requiredLabels.id, missingOfObjects(config)) },
    { check: labelAgreement, faults: listFaults(labelAgreement.id, disagreements(config)) },
    { check: internalExpose, faults: listFaults(internalExpose.id, exposedInternals) },
    { check: namespaceExposure, faults: listFaults(namespaceExposure.id, exposedWhereNothingIs) },
    { check: hostNetwork, faults: listFaults(hostNetwork.id, [hostNetworked]) },
    { check: unknownTaxonomyValue, faults: strangeSelectors(unknownTaxonomyValue.id, config) },
  ].map(({ check, faults }) => ({ check, faults: withoutWaived(check.id, faults, serviceAccount, config) }));
}

const inTemplateOrPod = (field: Expression): Expression =>
  [
    `variables.other ? variables.template.${field} :`,
    `request.kind.kind == "CronJob" ? dyn(object).spec.jobTemplate.spec.template.${field} :`,
    `${isWorkload} ? dyn(object).spec.?template.${field} : dyn(object).${field}`,
  ].join('\n');

/** The ServiceAccount of the Pod or pod template. A Pod without one gets `default`. */
const serviceAccount = `(${inTemplateOrPod('?spec.?serviceAccountName')}).orValue("default")`;

// hostNetwork of a Pod is immutable, so only new Pods are judged.
const hostNetworked = {
  when: `variables.fresh && ${text(fenceMark)} in variables.said && (${inTemplateOrPod('?spec.?hostNetwork')}).orValue(false)`,
  says: text('hostNetwork puts it outside every NetworkPolicy; its namespace is fenced'),
};

function buildPolicy(
  { name, action }: Outcome,
  all: readonly CheckExpression[],
  asked: readonly Mode[],
  { config, ownUsername }: Backing,
): ValidatingPolicy {
  const kinds = ['Pod', ...workloadKinds, 'NetworkPolicy'] as const;
  const ownMode = `variables.said[?${text(modeLabel)}].orValue("")`;
  const variables: readonly Named[] = [
    // The message about a Binding names its Pod.
    {
      name: 'title',
      expression: [
        '(request.kind.kind == "Binding" ? "Pod" : request.kind.kind) + " " +',
        'request.namespace + "/" + dyn(object).metadata.?name.orValue(request.?name.orValue("(unnamed)"))',
      ].join(' '),
    },
    { name: 'said', expression: 'namespaceObject.metadata.?labels.orValue({})' },
    { name: 'mode', expression: `${ownMode} in ${list(modes)} ? ${ownMode} : ${text(config.mode)}` },
    { name: 'other', expression: isOneOf(config.workloads) },
    { name: 'found', expression: otherTemplate(config.workloads) },
    { name: 'template', expression: 'type(variables.found) == map ? variables.found : dyn({})' },
    { name: 'fresh', expression: `oldObject == null || variables.other || ${isWorkload}` },
    { name: 'now', expression: `(${inTemplateOrPod('?metadata.?labels')}).orValue({})` },
    { name: 'before', expression: 'variables.fresh ? {} : dyn(oldObject).metadata.?labels.orValue({})' },
    // In a fenced namespace, the guard judges an object with a name of the baseline. Ringfence
    // fills in its missing labels. A workload without a template has nothing to judge.
    {
      name: 'guarded',
      expression: `${[
        `request.kind.kind == "NetworkPolicy" && dyn(object).metadata.name in ${list(baselineParts(config).map(({ name }) => name))}`,
        `${text(fenceMark)} in variables.said`,
      ].join(' && ')} || variables.other && type(variables.found) != map`,
    },
    { name: 'faults', expression: faultsWith(action, all, { mode: 'variables.mode', asked }, config) },
  ];
  return {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata: buildMetadata(`objects.${name}`, config),
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        namespaceSelector: { matchExpressions: [outsideOf(config.exemptNamespaces)] },
        resourceRules: [
          ...rulesOf(kinds, ['CREATE', 'UPDATE']),
          podStatus,
          bindings,
          ...otherWorkloadRules(config.workloads),
        ],
      },
      matchConditions: [
        notOwnBaseline(ownUsername, reservedNames),
        ...outsidePrefixes(config.exemptPrefixes),
        objectChanged(config),
      ],
      variables,
      // The policy is printed even if it checks nothing, so that an apply replaces the policy of an
      // earlier configuration.
      validations: [asked.length === 0 ? nothing : validateFaults('variables.guarded')],
    },
  };
}

function buildBinding(
  { name, validationActions }: Outcome,
  asked: readonly Mode[],
  { config }: Backing,
): ValidatingBinding {
  const metadata = buildMetadata(`objects.${name}`, config);
  const matchExpressions = inModes(asked, config.mode);
  return {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata,
    spec: {
      policyName: metadata.name,
      validationActions,
      ...(matchExpressions.length === 0 ? {} : { matchResources: { namespaceSelector: { matchExpressions } } }),
    },
  };
}

/**
 * Matches the requests that can make an object in a namespace wrong: a creation, a change of
 * labels, of the pod template or of the specification. The scheduler binds every Pod, so a Binding
 * is judged only if it carries one of the judged keys.
 */
function objectChanged({ taxonomy, workloads }: Config): Named {
  const keys = judgedKeys(taxonomy);
  return {
    name: 'changed',
    expression: [
      ...(workloads.length === 0 ? [] : [`${isOneOf(workloads)} ? (${otherTemplateChanges(workloads)}) :`]),
      `${isWorkload} ? (${templateChanges}) :`,
      `request.kind.kind == "NetworkPolicy" ? (${networkPolicyChanges(keys)}) : (${podLabelsChange(keys)})`,
    ].join('\n'),
  };
}

/**
 * Returns a CEL list of strings: the values in the selectors of a NetworkPolicy that the taxonomy
 * does not have. The selectors are its podSelector and those of the peers in the directions that it
 * isolates (the API server has already set `policyTypes`).
 */
function strangeSelectors(id: string, { taxonomy }: Config): Expression {
  const keys = [...taxonomy.keys.values()];
  if (keys.length === 0) return noFaults;
  const names = list(keys.map(({ key }) => key));
  const judge = (key: Expression, value: Expression) =>
    keys.map((one) => `${key} == ${text(one.key)} ? ${isAllowed(one, value)} :`).join(' ');
  const isKnown = (key: Expression, value: Expression) => `(${judge(key, value)} true)`;
  const spec = 'dyn(object).?spec';
  const rules = (direction: string, field: string) =>
    `("${direction}" in ${spec}.?policyTypes.orValue([]) ? ${spec}.?${field}.orValue([]) : [])`;
  // If the specification changes, all its values are judged as new.
  return [
    '(request.kind.kind == "NetworkPolicy" && (oldObject == null || dyn(object).?spec != dyn(oldObject).?spec) ?',
    `([dyn({"from": [{"podSelector": ${spec}.?podSelector.orValue({})}]})] + ${rules('Ingress', 'ingress')} + ${rules('Egress', 'egress')})`,
    '  .map(rule, (rule.?from.orValue([]) + rule.?to.orValue([]))',
    '    .map(peer, [peer.?namespaceSelector.orValue({}), peer.?podSelector.orValue({})]',
    '      .map(selector, (',
    `        ${names}.filter(key, key in selector.?matchLabels.orValue({}) && !${isKnown('key', 'selector.matchLabels[key]')})`,
    '          .map(key, key + "=" + selector.matchLabels[key]) +',
    `        selector.?matchExpressions.orValue([]).filter(one, one.key in ${names})`,
    `          .map(one, one.?values.orValue([]).filter(value, !${isKnown('one.key', 'value')}).map(value, one.key + "=" + value).join(", "))`,
    '          .filter(found, found != "")',
    '      ).join(", ")).filter(found, found != "").join(", ")',
    '    ).filter(found, found != "").join(", ")',
    '  ).filter(found, found != "")',
    `  .map(found, "a selector names " + found + ", which the taxonomy does not have [${id}]")`,
    ': [])',
  ].join('\n');
}
