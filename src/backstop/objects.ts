// The checks on what lives in a namespace: one policy for each, and for each action a binding to the namespaces whose mode gives it.
import { reservedNames } from '../baseline/names.ts';
import type { Config } from '../config/config.ts';
import type { Check } from '../policy/check.ts';
import { hostNetwork } from '../policy/checks/host-network.ts';
import { internalExpose } from '../policy/checks/internal-expose.ts';
import { labelAgreement } from '../policy/checks/label-agreement.ts';
import { labelValues } from '../policy/checks/label-values.ts';
import { namespaceExposure } from '../policy/checks/namespace-exposure.ts';
import { requiredLabels } from '../policy/checks/required-labels.ts';
import { unknownTaxonomyValue } from '../policy/checks/unknown-taxonomy-value.ts';
import { fenceMark, type Mode, modeLabel, modes } from '../policy/mode.ts';
import type { SubjectKind } from '../policy/subject.ts';
import { type Expression, list, text } from './cel.ts';
import {
  disagreements,
  exposedInternals,
  exposedWhereNothingIs,
  listFaults,
  missingLabels,
  strangeValues,
} from './faults.ts';
import { buildValidation, validationActionsOf } from './judgement.ts';
import {
  apiVersion,
  type Backing,
  buildMetadata,
  type Named,
  type Requirement,
  type Rule,
  type ValidatingBinding,
  type ValidatingPolicy,
} from './manifest.ts';
import { bindings, changed, isWorkload, notExempt, notOwn, rulesOf, subresources } from './matching.ts';
import { strangeSelectors } from './selectors.ts';

/** A check as the API server asks it of objects in namespaces. */
interface ObjectCheck {
  readonly check: Check;
  /** A list of what is wrong. */
  readonly faults: Expression;
  readonly rules: readonly Rule[];
  readonly changed: Named;
  /** Only namespaces of these labels. */
  readonly where?: readonly Requirement[];
  /** What is said where the faults together are too long. */
  readonly short: string;
}

/** The policies and bindings of every check on objects in namespaces. */
export function buildObjectPolicies({
  config,
  ownUsername,
}: Backing): readonly (ValidatingPolicy | ValidatingBinding)[] {
  return objectChecks(config).flatMap((one) => [
    buildPolicy(one, { config, ownUsername }),
    ...buildBindings(one.check, config),
  ]);
}

function objectChecks(config: Config): readonly ObjectCheck[] {
  const ofLabels = (check: Check) => {
    const kinds = check.kinds.filter((kind) => kind !== 'Namespace');
    const rules = [...rulesOf(kinds, ['CREATE', 'UPDATE']), subresources(['pods/status'], ['UPDATE'])];
    return { check, rules, changed: changed(kinds) };
  };
  const ofBindingsToo = (check: Check) => {
    const one = ofLabels(check);
    return { ...one, rules: [...one.rules, bindings] };
  };
  return [
    {
      ...ofLabels(requiredLabels),
      faults: listFaults(missingLabels(['Pod', 'NetworkPolicy'], config)),
      short: 'a required label is missing',
    },
    {
      ...ofBindingsToo(labelValues),
      faults: listFaults(strangeValues(config)),
      short: 'a label has a value outside its vocabulary',
    },
    {
      ...ofBindingsToo(labelAgreement),
      faults: listFaults(disagreements(config)),
      short: "a label does not agree with its namespace's",
    },
    {
      ...ofBindingsToo(internalExpose),
      faults: listFaults(exposedInternals),
      short: 'what is internal is never exposed',
    },
    {
      ...ofBindingsToo(namespaceExposure),
      faults: listFaults(exposedWhereNothingIs),
      where: [{ key: 'expose', operator: 'In', values: ['false'] }],
      short: 'nothing is exposed in this namespace',
    },
    {
      check: hostNetwork,
      faults: listFaults([hostNetworked]),
      // A Pod's hostNetwork never changes.
      rules: [
        ...rulesOf(['Pod'], ['CREATE']),
        ...rulesOf(
          hostNetwork.kinds.filter((kind) => kind !== 'Pod'),
          ['CREATE', 'UPDATE'],
        ),
      ],
      changed: changed(hostNetwork.kinds),
      where: [{ key: fenceMark, operator: 'Exists' }],
      short: 'hostNetwork puts it outside every NetworkPolicy',
    },
    {
      check: unknownTaxonomyValue,
      faults: strangeSelectors(config),
      rules: rulesOf(unknownTaxonomyValue.kinds, ['CREATE', 'UPDATE']),
      // What a specification names is judged as new where the specification changes.
      changed: { name: 'changed', expression: 'oldObject == null || object.?spec != oldObject.?spec' },
      short: 'a selector names a value that the taxonomy does not have',
    },
  ];
}

const templateOrPod = (field: Expression): Expression =>
  [
    `request.kind.kind == "CronJob" ? dyn(object).spec.jobTemplate.spec.template.${field} :`,
    `${isWorkload} ? dyn(object).spec.?template.${field} : dyn(object).${field}`,
  ].join('\n');

const hostNetworked = {
  when: `(${templateOrPod('?spec.?hostNetwork')}).orValue(false)`,
  says: text('hostNetwork puts it outside every NetworkPolicy; its namespace is fenced'),
};

function buildPolicy(
  { check, faults, rules, changed: change, where = [], short }: ObjectCheck,
  { config, ownUsername }: Backing,
): ValidatingPolicy {
  const used = (name: string) => faults.includes(`variables.${name}`);
  const guarded = check.kinds.includes('NetworkPolicy');
  const variables: Named[] = [
    { name: 'title', expression: titleOf(check.kinds) },
    ...(guarded || used('said') ? [{ name: 'said', expression: 'namespaceObject.metadata.?labels.orValue({})' }] : []),
    ...(used('now')
      ? [
          { name: 'fresh', expression: `oldObject == null || ${isWorkload}` },
          { name: 'now', expression: `(${templateOrPod('?metadata.?labels')}).orValue({})` },
          {
            name: 'before',
            expression: 'variables.fresh ? {} : dyn(oldObject).metadata.?labels.orValue({})',
          },
        ]
      : []),
    { name: 'faults', expression: faults },
  ];
  // An object under a name of the baseline is the guard's, in a fenced namespace; the labels that it lacks are filled in.
  const unless = guarded
    ? `request.kind.kind == "NetworkPolicy" && dyn(object).metadata.name in ${list(reservedNames)} && ${text(fenceMark)} in variables.said || `
    : '';
  return {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata: buildMetadata(check.id, config),
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        namespaceSelector: { matchExpressions: [notExempt(config.exemptNamespaces), ...where] },
        resourceRules: rules,
      },
      matchConditions: [notOwn(ownUsername), change],
      variables,
      validations: [
        buildValidation(check.id, `${unless}variables.faults.size() == 0`, {
          says: 'variables.faults.join("; ")',
          short,
        }),
      ],
    },
  };
}

/** `Kind namespace/name`; a Binding is about its Pod. */
function titleOf(kinds: readonly SubjectKind[]): Expression {
  const kind = kinds.includes('Pod')
    ? '(request.kind.kind == "Binding" ? "Pod" : request.kind.kind)'
    : 'request.kind.kind';
  return `${kind} + " " + request.namespace + "/" + dyn(object).metadata.?name.orValue(request.?name.orValue("(unnamed)"))`;
}

/** One for each mode, whatever the caps say: a configuration that changes leaves no binding behind. */
function buildBindings(check: Check, config: Config): readonly ValidatingBinding[] {
  return modes.map((mode) => ({
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: buildMetadata(`${check.id}.${mode}`, config),
    spec: {
      policyName: buildMetadata(check.id, config).name,
      validationActions: validationActionsOf(check, mode, config),
      matchResources: { namespaceSelector: { matchExpressions: [inMode(mode, config)] } },
    },
  }));
}

/** The namespaces where a mode holds: a label that names none of the three says nothing, and then the cluster's does. */
export function inMode(mode: Mode, config: Pick<Config, 'mode'>): Requirement {
  return mode === config.mode
    ? { key: modeLabel, operator: 'NotIn', values: modes.filter((one) => one !== mode) }
    : { key: modeLabel, operator: 'In', values: [mode] };
}
