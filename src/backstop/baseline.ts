// The guard of the baseline and the gate, as policies that the API server evaluates.

import { denyAllSpec } from '../baseline/deny-all.ts';
import { baselineParts } from '../baseline/desired.ts';
import { denyAllName, reservedNames } from '../baseline/names.ts';
import { type Expression, list, literal, text } from '../kubernetes/cel.ts';
import { networkPolicyChanges, notOwnBaseline, outsidePrefixes } from '../kubernetes/conditions.ts';
import { outsideOf } from '../kubernetes/namespaces.ts';
import { rulesOf } from '../kubernetes/rules.ts';
import { inModes, isMarked } from '../policy/mode.ts';
import { judgedKeys } from '../policy/taxonomy.ts';
import { isPermitted, neededText } from './identity.ts';
import { buildValidation } from './judgement.ts';
import { apiVersion, type Backing, buildMetadata, type ValidatingBinding, type ValidatingPolicy } from './manifest.ts';
import { isTrialOver } from './trial.ts';

type Spec = typeof denyAllSpec;

const guardId = 'baseline-guard';
const gateId = 'baseline-gate';

/** Builds the guard of the baseline, which denies in every mode, in namespaces with the mark. */
export function buildBaselineGuard({ config, ownUsername }: Backing): readonly [ValidatingPolicy, ValidatingBinding] {
  const metadata = buildMetadata(guardId, config);
  const name = 'variables.object.metadata.name';
  const identity = [...config.taxonomy.keys.keys()];
  const parts = baselineParts(config);
  // A part may have an identity label of its own, which its namespace does not have.
  const wanted = parts
    .flatMap((part) => Object.entries(part.labels ?? {}).map(([key, value]) => ({ part: part.name, key, value })))
    .reduceRight(
      (rest, { part, key, value }) =>
        `(${name} == ${text(part)} && key == ${text(key)} ? optional.of(${text(value)}) : ${rest})`,
      'variables.said[?key]',
    );
  const policy: ValidatingPolicy = {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata,
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        namespaceSelector: { matchExpressions: [outsideOf(config.exemptNamespaces), isMarked] },
        resourceRules: rulesOf(['NetworkPolicy'], ['CREATE', 'UPDATE', 'DELETE']),
      },
      matchConditions: [
        notOwnBaseline(ownUsername, reservedNames),
        ...outsidePrefixes(config.exemptPrefixes),
        // A deletecollection sends requests without a name, so the name of the object is used.
        {
          name: 'baseline',
          expression: `(object == null ? oldObject : object).metadata.name in ${list(parts.map((part) => part.name))}`,
        },
        {
          name: 'changed',
          expression: `object == null || ${networkPolicyChanges(judgedKeys(config.taxonomy))}`,
        },
      ],
      variables: [
        { name: 'object', expression: 'dyn(object == null ? oldObject : object)' },
        { name: 'title', expression: `"NetworkPolicy " + request.namespace + "/" + ${name}` },
        { name: 'said', expression: 'namespaceObject.metadata.?labels.orValue({})' },
        { name: 'spec', expression: 'variables.object.?spec.orValue({})' },
        { name: 'labels', expression: 'variables.object.metadata.?labels.orValue({})' },
        {
          name: 'foreign',
          expression: `${list(identity)}.filter(key, key in variables.labels && variables.labels[?key] != ${wanted})`,
        },
        {
          name: 'desired',
          expression: parts
            .map((part) => `${name} == ${text(part.name)} && ${isSame('variables.spec', part.spec)}`)
            .join(' ||\n'),
        },
        {
          name: 'wrong',
          expression: [
            'object == null ? "it is part of the baseline of a fenced namespace" :',
            '!variables.desired ? "spec is not the specification of the baseline of a fenced namespace" :',
            'variables.object.metadata.?ownerReferences.orValue([]).size() > 0 ? "an owner would have the garbage collector delete it" :',
            `variables.foreign.size() > 0 ? variables.foreign.join(", ") + " is not the namespace's" : ""`,
          ].join('\n'),
        },
      ],
      validations: [
        buildValidation(
          guardId,
          [
            'variables.wrong == ""',
            // The namespace controller of Kubernetes deletes the content of a terminating
            // namespace. Since 1.34 it deletes Pods first. An expression cannot check whether a Pod
            // is left.
            `object == null && has(namespaceObject.metadata.deletionTimestamp) && request.userInfo.username in ${list(namespaceControllers)}`,
            isPermitted('fences', 'request.namespace', 'breach'),
          ].join(' ||\n'),
          {
            says: `variables.wrong + "; " + ${neededText('fences', 'request.namespace', 'breach')}`,
            short: 'it is part of the baseline of a fenced namespace',
          },
        ),
      ],
    },
  };
  const binding: ValidatingBinding = {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata,
    spec: { policyName: metadata.name, validationActions: ['Deny'] },
  };
  return [policy, binding];
}

/**
 * Builds the gate. In a fenced namespace that enforces, it refuses a Pod unless `deny-all-baseline`
 * exists, denies everything, has no owner and is not being deleted.
 */
export function buildGate({ config }: Backing): readonly [ValidatingPolicy, ValidatingBinding] {
  const metadata = buildMetadata(gateId, config);
  const policy: ValidatingPolicy = {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata,
    spec: {
      failurePolicy: 'Fail',
      paramKind: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
      matchConstraints: {
        namespaceSelector: {
          matchExpressions: [outsideOf(config.exemptNamespaces), isMarked, ...inModes(['enforce'], config.mode)],
        },
        resourceRules: rulesOf(['Pod'], ['CREATE']),
      },
      // The API server leaves an empty list out, and an apply would find a difference each time.
      ...(config.exemptPrefixes.length === 0 ? {} : { matchConditions: outsidePrefixes(config.exemptPrefixes) }),
      variables: [
        { name: 'title', expression: '"Pod " + request.namespace + "/" + object.metadata.name' },
        { name: 'wall', expression: 'dyn(params)' },
        { name: 'spec', expression: 'variables.wall.?spec.orValue({})' },
      ],
      validations: [
        buildValidation(
          gateId,
          [
            `(${isTrialOver})`,
            [
              isSame('variables.spec', denyAllSpec),
              '!has(variables.wall.metadata.deletionTimestamp)',
              'variables.wall.metadata.?ownerReferences.orValue([]).size() == 0',
            ].join(' && '),
          ].join(' ||\n'),
          {
            says: text(
              `${denyAllName} is there, but it is not the wall: its specification was changed, it has an owner, or it is being deleted`,
            ),
            short: `${denyAllName} is not the wall of this namespace`,
          },
        ),
      ],
    },
  };
  const binding: ValidatingBinding = {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    // If the parameter does not exist, the message of the API server contains only the name of this
    // binding.
    metadata: buildMetadata(`${denyAllName}-must-be-there-first`, config),
    spec: {
      policyName: metadata.name,
      validationActions: ['Deny'],
      paramRef: { name: denyAllName, parameterNotFoundAction: 'Deny' },
    },
  };
  return [policy, binding];
}

/** The users of the namespace controller, with --use-service-account-credentials and without. */
const namespaceControllers = [
  'system:serviceaccount:kube-system:namespace-controller',
  'system:kube-controller-manager',
];

/**
 * Compares a specification in its stored form (with defaults, without empty lists) with the desired
 * one. The order of `policyTypes` does not matter.
 */
function isSame(spec: Expression, desired: Spec): Expression {
  const types = list(desired.policyTypes ?? []);
  return [
    `${spec}.all(key, key in ["podSelector", "policyTypes", "ingress", "egress"])`,
    `${spec}.?podSelector.orValue({}) == ${literal(desired.podSelector ?? {})}`,
    `${spec}.?policyTypes.orValue([]).all(type, type in ${types})`,
    `${types}.all(type, type in ${spec}.?policyTypes.orValue([]))`,
    `${spec}.?ingress.orValue([]) == ${literal(desired.ingress ?? [])}`,
    `${spec}.?egress.orValue([]) == ${literal(desired.egress ?? [])}`,
  ].join(' && ');
}
