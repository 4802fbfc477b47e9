// The checks on Namespaces, and the guard of who they are. A selector cannot tell what becomes of a finding here: in the API server it sees the
// labels as they will be (through namespaces/status: as they were). So there is one policy for each action, and each validation in it asks the mode.
import type { Config } from '../config/config.ts';
import { internalExpose } from '../policy/checks/internal-expose.ts';
import { labelValues } from '../policy/checks/label-values.ts';
import { modeValue } from '../policy/checks/mode-value.ts';
import { requiredLabels } from '../policy/checks/required-labels.ts';
import { type Mode, modeLabel, modes } from '../policy/mode.ts';
import { type Expression, list, text } from './cel.ts';
import { exposedInternals, listFaults, missingLabels, strangeModes, strangeValues } from './faults.ts';
import { demandsOf } from './identity.ts';
import { buildValidation, modesWith, type Outcome, outcomes, type RuleId } from './judgement.ts';
import {
  apiVersion,
  type Backing,
  buildMetadata,
  type Named,
  nothing,
  type ValidatingBinding,
  type ValidatingPolicy,
  type Validation,
} from './manifest.ts';
import { changed, notBuiltIn, notOwn, rulesOf, subresources } from './matching.ts';

/** The policies on Namespaces, one for each action, each with its binding. */
export function buildNamespacePolicies(backing: Backing): readonly (ValidatingPolicy | ValidatingBinding)[] {
  return outcomes.flatMap((outcome) => {
    const { config } = backing;
    const validations = [...labelValidations(outcome, config), ...demandValidations(outcome, config)];
    return [
      // It stays where every cap is milder, so that it replaces what an earlier configuration asked.
      buildPolicy(outcome, validations.length === 0 ? [nothing] : validations, backing),
      buildBinding(outcome, backing),
    ];
  });
}

function buildPolicy(
  { name }: Outcome,
  validations: readonly Validation[],
  { config, ownUsername }: Backing,
): ValidatingPolicy {
  return {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata: buildMetadata(`namespaces.${name}`, config),
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          ...rulesOf(['Namespace'], ['CREATE', 'UPDATE']),
          subresources(['namespaces/status', 'namespaces/finalize'], ['UPDATE'], 'Cluster'),
        ],
      },
      matchConditions: [notOwn(ownUsername), notBuiltIn, changed(['Namespace'])],
      variables: [
        ...variablesOf(config),
        ...faultLists(config).filter(({ name: list }) =>
          validations.some(({ expression }) => expression.includes(`variables.${list}.`)),
        ),
      ],
      validations,
    },
  };
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
    // What becomes of its labels: the mode that it asks for. What becomes of who it is: the mode that held, so that no request weakens itself.
    { name: 'asked', expression: modeOf('now') },
    { name: 'held', expression: modeOf('before') },
    { name: 'exempt', expression: `object.metadata.name in ${list(config.exemptNamespaces)}` },
  ];
}

interface LabelCheck {
  readonly check: RuleId;
  readonly variable: string;
  readonly faults: Expression;
  readonly short: string;
}

function labelChecks(config: Config): readonly LabelCheck[] {
  return [
    {
      check: modeValue,
      variable: 'strangeModes',
      faults: listFaults(strangeModes),
      short: 'the mode label names no mode',
    },
    {
      check: labelValues,
      variable: 'strangeValues',
      faults: listFaults(strangeValues(config)),
      short: 'a label has a value outside its vocabulary',
    },
    {
      check: requiredLabels,
      variable: 'missingLabels',
      faults: listFaults(missingLabels(['Namespace'], config)),
      short: 'a required label is missing',
    },
    {
      check: internalExpose,
      variable: 'exposedInternals',
      faults: listFaults(exposedInternals),
      short: 'what is internal is never exposed',
    },
  ];
}

function faultLists(config: Config): readonly Named[] {
  return labelChecks(config).map(({ variable, faults }) => ({ name: variable, expression: faults }));
}

/** An exemption frees a namespace from labels that nobody would read, not from the guard. */
function labelValidations({ action }: Outcome, config: Config): readonly Validation[] {
  return labelChecks(config).flatMap(({ check, variable, short }) => {
    const held = modesWith(action, check, config);
    if (held.length === 0) return [];
    const outside = isOutside('asked', held);
    return buildValidation(check.id, `${outside}variables.exempt || variables.${variable}.size() == 0`, {
      says: `variables.${variable}.join("; ")`,
      short,
    });
  });
}

function demandValidations({ action }: Outcome, config: Config): readonly Validation[] {
  return demandsOf(config).flatMap(({ rule, always, isCreation, when, unless, says, short }) => {
    const forced = action === 'deny' ? modes : [];
    const held = always ? forced : modesWith(action, rule, config);
    // At creation the cluster's mode holds: the others need not be asked.
    if (held.length === 0 || (isCreation && !held.includes(config.mode))) return [];
    const outside = isCreation ? '' : isOutside('held', held);
    return buildValidation(rule.id, `${outside}!(${when})${unless === undefined ? '' : ` || ${unless}`}`, {
      says,
      short,
    });
  });
}

/** Begins an expression that is true under every other mode. */
function isOutside(variable: 'asked' | 'held', held: readonly Mode[]): Expression {
  return held.length === modes.length ? '' : `!(variables.${variable} in ${list(held)}) || `;
}
