import { configVersionAnnotation, managedByLabel, reservedNames } from '../baseline/names.ts';
import type { Config } from '../config/config.ts';
import {
  type Named,
  notBuiltIn,
  notOwnBaseline,
  notStartUp,
  outsidePrefixes,
  podLabelsChange,
  templateChanges,
} from '../kubernetes/conditions.ts';
import { workloadKinds } from '../kubernetes/kinds.ts';
import { outsideOf } from '../kubernetes/namespaces.ts';
import type { LabelSelectorRequirement } from '../kubernetes/network-policy.ts';
import {
  bindings,
  namespaceSubresources,
  otherWorkloadRules,
  podStatus,
  type Rule,
  rulesOf,
} from '../kubernetes/rules.ts';
import { inModes } from '../policy/mode.ts';
import { judgedKeys } from '../policy/taxonomy.ts';
import { type ClientConfig, clientConfig, type Endpoint } from './endpoint.ts';
import { exposureEntries } from './exposure-entry.ts';
import { mayInherit, milderThanEnforce, namespaceChanges, namespaceEnforces } from './match-conditions.ts';
import { networkPolicyCalls } from './network-policy-calls.ts';
import { otherPolicyEntries } from './other-policy-entry.ts';
import { otherWorkloadEntries } from './other-workload-entry.ts';

/** admissionregistration.k8s.io/v1 ValidatingWebhook or MutatingWebhook, as Ringfence writes it. */
export interface Webhook {
  readonly name: string;
  readonly admissionReviewVersions: readonly ['v1'];
  readonly clientConfig: ClientConfig;
  readonly rules: readonly Rule[];
  readonly failurePolicy: 'Ignore' | 'Fail';
  readonly matchPolicy: 'Equivalent';
  readonly sideEffects: 'None' | 'NoneOnDryRun';
  readonly timeoutSeconds: number;
  readonly namespaceSelector?: { readonly matchExpressions: readonly LabelSelectorRequirement[] };
  readonly matchConditions: readonly Named[];
  readonly reinvocationPolicy?: 'Never' | 'IfNeeded';
}

/**
 * admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration or MutatingWebhookConfiguration,
 * without caBundle and owner.
 */
export interface WebhookConfiguration<Kind extends 'Validating' | 'Mutating'> {
  readonly apiVersion: 'admissionregistration.k8s.io/v1';
  readonly kind: `${Kind}WebhookConfiguration`;
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly webhooks: readonly Webhook[];
}

/**
 * The paths that the webhook server answers. The first two tell whether the namespace enforces, as
 * the API server sees it. `mark` marks every new namespace, and `markAsked` those whose own mode is
 * enforce. With separate paths, all replicas do the same, even if their configurations differ for a
 * moment. `early` judges in the mutating phase, before the API server evaluates policies itself.
 */
export const webhookPaths = {
  enforced: '/validate/enforced',
  unenforced: '/validate/unenforced',
  mark: '/mutate/mark',
  markAsked: '/mutate/mark/asked',
  inherit: '/mutate/inherit',
  early: '/mutate/early',
  reach: '/reach',
} as const;

/** The kind of a call, by its path. */
export type Phase = keyof typeof webhookPaths;

/** The name of both webhook configurations. */
export const webhookConfigurationName = 'ringfence';

/**
 * Seconds that the API server waits. The gate gives up after 3 s and a SubjectAccessReview after 2
 * s, so that the user reads Ringfence's reason and not "context deadline exceeded".
 */
const timeoutSeconds = 5;

/** Both webhook configurations. */
export interface DesiredConfigurations {
  readonly validating: WebhookConfiguration<'Validating'>;
  readonly mutating: WebhookConfiguration<'Mutating'>;
  /**
   * The configuration to write first. If the cluster enforces, it is the one that marks namespaces,
   * before the other demands the mark. Otherwise it is the one that no longer demands the mark,
   * before the other stops marking.
   */
  readonly first: 'Validating' | 'Mutating';
}

/**
 * Returns the desired webhook configurations, without the fields that only the running process
 * knows (caBundle and owner).
 */
export function desiredConfigurations(config: Config, endpoint: Endpoint, ownUsername: string): DesiredConfigurations {
  const metadata = {
    name: webhookConfigurationName,
    labels: { ...config.webhooks.labels, [managedByLabel]: 'ringfence' },
    annotations: { ...config.webhooks.annotations, [configVersionAnnotation]: config.version },
  };
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const build = (entry: Entry): Webhook => ({
    name: entry.name,
    admissionReviewVersions: ['v1'],
    clientConfig: clientConfig(endpoint, webhookPaths[entry.phase]),
    rules: entry.rules,
    failurePolicy: entry.phase === 'enforced' ? 'Fail' : 'Ignore',
    matchPolicy: 'Equivalent',
    sideEffects: entry.writes === true ? 'NoneOnDryRun' : 'None',
    timeoutSeconds,
    ...(entry.namespaces === undefined ? {} : { namespaceSelector: { matchExpressions: entry.namespaces } }),
    matchConditions: [
      ...(entry.seesRepairs === true ? [notOwnBaseline(ownUsername, reservedNames)] : []),
      ...(entry.namespaces === undefined ? [] : outsidePrefixes(config.exemptPrefixes)),
      ...entry.conditions,
    ],
    ...(entry.reinvocation === undefined ? {} : { reinvocationPolicy: entry.reinvocation }),
  });
  return {
    validating: {
      apiVersion,
      kind: 'ValidatingWebhookConfiguration',
      metadata,
      webhooks: (['enforced', 'unenforced'] as const).flatMap((phase) => judgingEntries(phase, config)).map(build),
    },
    mutating: {
      apiVersion,
      kind: 'MutatingWebhookConfiguration',
      metadata,
      webhooks: mutatingEntries(config).map(build),
    },
    first: config.mode === 'enforce' ? 'Mutating' : 'Validating',
  };
}

/** The differences between the webhooks. */
interface Entry {
  readonly name: string;
  readonly phase: Phase;
  readonly rules: readonly Rule[];
  readonly namespaces?: readonly LabelSelectorRequirement[];
  readonly conditions: readonly Named[];
  /** Whether the rules include the baseline, which Ringfence itself makes and repairs. */
  readonly seesRepairs?: true;
  /** Whether a call that is not a dry run may write: the gate makes the wall. */
  readonly writes?: true;
  readonly reinvocation?: 'Never' | 'IfNeeded';
}

/**
 * Returns the entries that judge, for the namespaces that enforce or for the others. Match
 * conditions exclude every request that cannot change a label, a template or a specification. A
 * request that is not sent costs nothing and cannot fail.
 */
function judgingEntries(phase: 'enforced' | 'unenforced' | 'early', config: Config): readonly Entry[] {
  const isEnforced = phase !== 'unenforced';
  const suffix = { enforced: '', unenforced: '.unenforced', early: '.early' }[phase];
  const name = (resource: string) => `${resource}${suffix}.ringfence.dev`;
  const namespaces = [
    outsideOf(config.exemptNamespaces),
    ...inModes(isEnforced ? ['enforce'] : milderThanEnforce, config.mode),
  ];
  const enforces = namespaceEnforces(config);
  const { ordinary, reserved, baseline } = networkPolicyCalls(namespaces, config);
  return [
    {
      name: name('namespaces'),
      phase,
      rules: [...rulesOf(['Namespace'], ['CREATE', 'UPDATE']), namespaceSubresources],
      conditions: [
        notStartUp,
        namespaceChanges(config.taxonomy),
        isEnforced ? { name: 'enforced', expression: enforces } : { name: 'unenforced', expression: `!(${enforces})` },
      ],
    },
    { name: name('networkpolicies'), phase, ...ordinary },
    { name: name('reserved-names'), phase, ...reserved, seesRepairs: true },
    ...(isEnforced ? [{ name: name('baseline'), phase, ...baseline, seesRepairs: true } as const] : []),
    {
      name: name('pods'),
      phase,
      rules: [...rulesOf(['Pod'], ['CREATE', 'UPDATE']), podStatus, bindings],
      namespaces,
      conditions: [{ name: 'labels-change', expression: podLabelsChange(judgedKeys(config.taxonomy)) }],
      writes: true,
    },
    {
      name: name('workloads'),
      phase,
      rules: rulesOf(workloadKinds, ['CREATE', 'UPDATE']),
      namespaces,
      conditions: [{ name: 'template-changes', expression: templateChanges }],
    },
    ...otherWorkloadEntries({ name: name('otherworkloads'), phase, namespaces }, config),
    ...otherPolicyEntries({ name: name('otherpolicies'), phase, namespaces }, config),
    ...exposureEntries({ name: name('exposures'), phase, namespaces }, config),
  ];
}

/**
 * Returns the mutating entries. One marks new namespaces; it exists in every mode, so that it is in
 * place when a cluster begins to enforce. One fills in labels, if the configuration wants that.
 * Others judge before the backstop, if it is installed. All of them fail open, because validation
 * sees the final state.
 */
function mutatingEntries(config: Config): readonly Entry[] {
  const mark: Entry = {
    name: 'mark.ringfence.dev',
    phase: config.mode === 'enforce' ? 'mark' : 'markAsked',
    rules: rulesOf(['Namespace'], ['CREATE']),
    conditions: [notBuiltIn],
    reinvocation: 'Never',
  };
  const inherit: Entry = {
    name: 'inherit.ringfence.dev',
    phase: 'inherit',
    rules: [
      ...rulesOf(['Pod'], ['CREATE']),
      ...rulesOf(workloadKinds, ['CREATE', 'UPDATE']),
      ...rulesOf(['NetworkPolicy'], ['CREATE', 'UPDATE']),
      ...otherWorkloadRules(config.workloads),
    ],
    namespaces: [outsideOf(config.exemptNamespaces)],
    conditions: [mayInherit(config)],
    seesRepairs: true,
    reinvocation: 'IfNeeded',
  };
  const early = judgingEntries('early', config).map((entry): Entry => ({ ...entry, reinvocation: 'Never' }));
  return [mark, ...(config.inherit ? [inherit] : []), ...(config.backstop ? early : [])];
}
