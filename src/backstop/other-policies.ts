// The guard of policies of other kinds, which can allow traffic that a baseline denies.

import type { Config } from '../config/config.ts';
import { list, text } from '../kubernetes/cel.ts';
import { otherPolicyChanges, outsidePrefixes } from '../kubernetes/conditions.ts';
import { outsideOf } from '../kubernetes/namespaces.ts';
import { otherPolicyRules } from '../kubernetes/rules.ts';
import { isMarked, modeLabel, modes } from '../policy/mode.ts';
import { permissionRules } from '../policy/permissions.ts';
import { isPermitted, neededText } from './identity.ts';
import { buildValidation, modesWith, type Outcome, outcomes } from './judgement.ts';
import {
  apiVersion,
  type Backing,
  buildMetadata,
  nothing,
  type ValidatingBinding,
  type ValidatingPolicy,
  type Validation,
} from './manifest.ts';

const rule = permissionRules['other-policy'];

/** Builds one policy for each outcome, with its binding. They check nothing if the guard is off. */
export function buildOtherPolicies({ config }: Backing): readonly (ValidatingPolicy | ValidatingBinding)[] {
  return outcomes.flatMap((outcome) => {
    const metadata = buildMetadata(`${rule.id}.${outcome.name}`, config);
    const ownMode = `variables.said[?${text(modeLabel)}].orValue("")`;
    const policy: ValidatingPolicy = {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          // A namespaceSelector does not exclude cluster-scoped objects.
          namespaceSelector: {
            matchExpressions: [outsideOf(config.exemptNamespaces), isMarked],
          },
          resourceRules: [...otherPolicyRules('Namespaced'), ...otherPolicyRules('Cluster')],
        },
        matchConditions: [...outsidePrefixes(config.exemptPrefixes), otherPolicyChanges],
        variables: [
          { name: 'clustered', expression: 'namespaceObject == null' },
          {
            name: 'title',
            expression: [
              'request.kind.kind + " " + (variables.clustered ? "" : request.namespace + "/") +',
              'dyn(object).metadata.?name.orValue("(unnamed)")',
            ].join(' '),
          },
          {
            name: 'said',
            expression: 'variables.clustered ? {} : dyn(namespaceObject).metadata.?labels.orValue({})',
          },
          { name: 'mode', expression: `${ownMode} in ${list(modes)} ? ${ownMode} : ${text(config.mode)}` },
          { name: 'fence', expression: 'variables.clustered ? "*" : request.namespace' },
        ],
        validations: [config.otherPolicies ? validationOf(outcome, config) : nothing],
      },
    };
    const binding: ValidatingBinding = {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: metadata.name, validationActions: outcome.validationActions },
    };
    return [policy, binding];
  });
}

function validationOf({ action }: Outcome, config: Config): Validation {
  const held = modesWith(action, rule, config);
  if (held.length === 0) return nothing;
  const isOutside = held.length === modes.length ? '' : `!(variables.mode in ${list(held)}) || `;
  const what = `(variables.clustered ? "it can open what any baseline closes; " : "it can open what the baseline of " + request.namespace + " closes; ")`;
  return buildValidation(rule.id, `${isOutside}${isPermitted('fences', 'variables.fence', 'open')}`, {
    says: `${what} + ${neededText('fences', 'variables.fence', 'open')}`,
    short: 'it needs the verb "open" on fences.ringfence.dev named by the namespace, or "*"',
  });
}
