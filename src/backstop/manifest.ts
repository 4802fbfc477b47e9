import { configVersionAnnotation } from '../baseline/names.ts';
import type { Config } from '../config/config.ts';
import type { Expression } from '../kubernetes/cel.ts';
import type { Named } from '../kubernetes/conditions.ts';
import type { LabelSelectorRequirement } from '../kubernetes/network-policy.ts';
import type { Rule } from '../kubernetes/rules.ts';

/**
 * The metadata of every object of the backstop. The labels name its owner, so that one command can
 * delete all of them. The annotations name the configuration that made it.
 */
export interface Metadata {
  readonly name: string;
  readonly labels: {
    readonly 'app.kubernetes.io/name': string;
    readonly 'app.kubernetes.io/part-of'?: string;
  };
  readonly annotations: Readonly<Record<string, string>>;
}

/** admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy, as Ringfence writes it. */
export interface ValidatingPolicy {
  readonly apiVersion: typeof apiVersion;
  readonly kind: 'ValidatingAdmissionPolicy';
  readonly metadata: Metadata;
  readonly spec: {
    readonly failurePolicy: 'Fail';
    readonly paramKind?: { readonly apiVersion: string; readonly kind: string };
    readonly matchConstraints: Match & { readonly resourceRules: readonly Rule[] };
    readonly matchConditions?: readonly Named[];
    readonly variables?: readonly Named[];
    readonly validations: readonly Validation[];
  };
}

/**
 * admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding: where a policy applies, and the
 * actions for its failures.
 */
export interface ValidatingBinding {
  readonly apiVersion: typeof apiVersion;
  readonly kind: 'ValidatingAdmissionPolicyBinding';
  readonly metadata: Metadata;
  readonly spec: {
    readonly policyName: string;
    readonly paramRef?: { readonly name: string; readonly parameterNotFoundAction: 'Allow' | 'Deny' };
    readonly validationActions: readonly ValidationAction[];
    readonly matchResources?: Match;
  };
}

/**
 * admissionregistration.k8s.io/v1 MutatingAdmissionPolicy (Kubernetes 1.36), as Ringfence writes
 * it.
 */
export interface MutatingPolicy {
  readonly apiVersion: typeof apiVersion;
  readonly kind: 'MutatingAdmissionPolicy';
  readonly metadata: Metadata;
  readonly spec: {
    readonly failurePolicy: 'Ignore';
    readonly reinvocationPolicy: 'Never';
    readonly matchConstraints: { readonly resourceRules: readonly Rule[] };
    readonly matchConditions: readonly Named[];
    readonly mutations: readonly [
      {
        readonly patchType: 'ApplyConfiguration';
        readonly applyConfiguration: { readonly expression: Expression };
      },
    ];
  };
}

/** admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding. */
export interface MutatingBinding {
  readonly apiVersion: typeof apiVersion;
  readonly kind: 'MutatingAdmissionPolicyBinding';
  readonly metadata: Metadata;
  readonly spec: { readonly policyName: string };
}

export type BackstopManifest = ValidatingPolicy | ValidatingBinding | MutatingPolicy | MutatingBinding;

export type ValidationAction = 'Deny' | 'Warn' | 'Audit';

/**
 * A validation passes if `expression` is true. Otherwise the API server shows `messageExpression`,
 * or `message` if that errors or is too long.
 */
export interface Validation {
  readonly expression: Expression;
  readonly message: string;
  readonly messageExpression: Expression;
  /** HTTP 403, as the answer of the webhook. Without it, the API server answers 422 Invalid. */
  readonly reason: 'Forbidden';
}

export interface Match {
  readonly namespaceSelector?: { readonly matchExpressions: readonly LabelSelectorRequirement[] };
}

export const apiVersion = 'admissionregistration.k8s.io/v1';

/** Returns the metadata of the object `NAME.ringfence.dev`. */
export function buildMetadata(name: string, { version }: Pick<Config, 'version'>): Metadata {
  return {
    name: `${name}.ringfence.dev`,
    labels: { 'app.kubernetes.io/name': 'ringfence', 'app.kubernetes.io/part-of': 'ringfence' },
    annotations: { [configVersionAnnotation]: version },
  };
}

/** A validation that always passes, because a policy must have at least one. */
export const nothing: Validation = {
  expression: 'true',
  message: 'nothing is asked',
  messageExpression: '"nothing is asked"',
  reason: 'Forbidden',
};

/** The input of the builders. */
export interface Backing {
  readonly config: Config;
  /**
   * Ringfence's own user. Its writes of the baseline are never refused, otherwise the backstop
   * could prevent the repair. Its other writes are judged like the writes of anyone else.
   */
  readonly ownUsername: string;
}
