// The checks on Namespaces, and the guard of their identity. A namespaceSelector cannot select by
// the mode here, because the API server matches it with the new labels (for namespaces/status: with
// the old ones). Therefore there is one policy for each action, and its validations test the mode.

import { trialAnnotation } from '../baseline/trial.ts';
import type { Config } from '../config/config.ts';
import { type Expression, list, text } from '../kubernetes/cel.ts';
import { annotationChanges, labelsChange, type Named, notStartUp } from '../kubernetes/conditions.ts';
import { namespaceSubresources, rulesOf } from '../kubernetes/rules.ts';
import { internalExpose } from '../policy/checks/internal-expose.ts';
import { labelValues } from '../policy/checks/label-values.ts';
import { modeValue } from '../policy/checks/mode-value.ts';
import { requiredLabels } from '../policy/checks/required-labels.ts';
import { fenceMark, type Mode, modeLabel, modes, stricter } from '../policy/mode.ts';
import { judgedKeys } from '../policy/taxonomy.ts';
import { exposedInternals, listFaults, missingOfNamespaces, strangeModes, strangeValues } from './faults.ts';
import { type Demand, demandsOf, isExemptName } from './identity.ts';
import {
  buildValidation,
  type CheckExpression,
  faultsWith,
  modesWith,
  type Outcome,
  outcomes,
  validateFaults,
} from './judgement.ts';
import {
  apiVersion,
  type Backing,
  buildMetadata,
  type ValidatingBinding,
  type ValidatingPolicy,
  type Validation,
} from './manifest.ts';
import { trialDemands, trialVariables } from './trial.ts';

/** Builds the policies on Namespaces, one for each action, each with its binding. */
export function buildNamespacePolicies(backing: Backing): readonly (ValidatingPolicy | ValidatingBinding)[] {
  return outcomes.flatMap((outcome) => [buildPolicy(outcome, backing), buildBinding(outcome, backing)]);
}

function buildPolicy(outcome: Outcome, { config }: Backing): ValidatingPolicy {
  const faults = faultsWith(outcome.action, checksOf(config), { mode: 'variables.asked', asked: modes }, config);
  return {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata: buildMetadata(`namespaces.${outcome.name}`, config),
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [...rulesOf(['Namespace'], ['CREATE', 'UPDATE']), namespaceSubresources],
      },
      matchConditions: [notStartUp, changed(config)],
      variables: [...variablesOf(config), { name: 'faults', expression: faults }],
      // An exemption exempts a namespace from the checks of its labels, but not from the guard.
      validations: [validateFaults('variables.exempt'), ...demandValidations(outcome, config)],
    },
  };
}

function changed({ taxonomy }: Config): Named {
  const changes = [labelsChange([...judgedKeys(taxonomy), fenceMark, modeLabel]), annotationChanges(trialAnnotation)];
  return { name: 'changed', expression: changes.join(' || ') };
}

function buildBinding({ name, validationActions }: Outcome, { config }: Backing): ValidatingBinding {
  const metadata = buildMetadata(`namespaces.${name}`, config);
  return {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata,
    spec: { policyName: metadata.name, validationActions },
  };
}

function variablesOf(config: Config): readonly Named[] {
  const modeOf = (labels: string) =>
    `variables.${labels}[?${text(modeLabel)}].orValue("") in ${list(modes)} ? variables.${labels}[${text(modeLabel)}] : ${text(config.mode)}`;
  return [
    { name: 'title', expression: '"Namespace " + object.metadata.name' },
    { name: 'fresh', expression: 'oldObject == null' },
    { name: 'now', expression: 'dyn(object).metadata.?labels.orValue({})' },
    { name: 'before', expression: 'variables.fresh ? {} : dyn(oldObject).metadata.?labels.orValue({})' },
    // Labels are judged by the new mode. The guard uses the old mode, so that no request can weaken
    // itself (for an identity: the stricter of the old mode and the cluster's).
    { name: 'asked', expression: modeOf('now') },
    { name: 'held', expression: modeOf('before') },
    ...trialVariables,
    { name: 'exempt', expression: isExemptName('object.metadata.name', config) },
  ];
}

function checksOf(config: Config): readonly CheckExpression[] {
  return [
    { check: modeValue, faults: listFaults(modeValue.id, strangeModes) },
    { check: labelValues, faults: listFaults(labelValues.id, strangeValues(config)) },
    { check: requiredLabels, faults: listFaults(requiredLabels.id, missingOfNamespaces(config)) },
    { check: internalExpose, faults: listFaults(internalExpose.id, exposedInternals) },
  ];
}

function demandValidations({ action }: Outcome, config: Config): readonly Validation[] {
  const demands: readonly Demand[] = [...demandsOf(config), ...trialDemands()];
  return demands.flatMap(({ rule, always, isCreation, byStricter, when, unless, says, short }) => {
    const forced = action === 'deny' ? modes : [];
    const judged = always ? forced : modesWith(action, rule, config);
    const held = byStricter ? modes.filter((mode) => judged.includes(stricter(mode, config.mode))) : judged;
    // A creation is judged by the cluster's mode, so other modes need no validation.
    if (held.length === 0 || (isCreation && !held.includes(config.mode))) return [];
    const outside = isCreation ? '' : isOutside(held);
    return buildValidation(rule.id, `${outside}!(${when})${unless === undefined ? '' : ` || ${unless}`}`, {
      says,
      short,
    });
  });
}

/** Returns the beginning of an expression that is true under every other mode. */
function isOutside(held: readonly Mode[]): Expression {
  return held.length === modes.length ? '' : `!(variables.held in ${list(held)}) || `;
}
