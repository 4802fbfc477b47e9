import { configVersionAnnotation, managedByLabel, reservedNames } from '../baseline/names.ts';
import type { Config } from '../config/config.ts';
import { builtInNamespaces, type JudgedResource, judgedResources } from './kinds.ts';

/** admissionregistration.k8s.io/v1 WebhookClientConfig without its caBundle, which the keeper fills in. */
export type ClientConfig =
  | { readonly url: string }
  | {
      readonly service: {
        readonly namespace: string;
        readonly name: string;
        readonly path: string;
        readonly port: number;
      };
    };

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
  readonly namespaceSelector?: {
    readonly matchExpressions: readonly [
      { readonly key: string; readonly operator: 'NotIn'; readonly values: readonly string[] },
    ];
  };
  readonly matchConditions: readonly MatchCondition[];
  readonly reinvocationPolicy?: 'Never';
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly string[];
  readonly scope: 'Cluster' | 'Namespaced';
}

interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** Where the API server finds Ringfence: the Service in the cluster, or a base URL outside. */
export type Endpoint =
  | { readonly baseUrl: string }
  | { readonly service: { readonly namespace: string; readonly name: string; readonly port: number } };

/** admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration or MutatingWebhookConfiguration, without caBundle and owner. */
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

/** The paths that the webhook server answers. */
export const webhookPaths = { validate: '/validate', mutate: '/mutate' } as const;

/** The name of both webhook configurations. */
export const webhookConfigurationName = 'ringfence';

/**
 * Seconds the API server waits. The gate gives up after 3 s and a SubjectAccessReview after 2 s, so that the person reads our reason
 * and not the API server's "context deadline exceeded".
 */
const timeoutSeconds = 5;

/** Both webhook configurations as they should stand in the cluster, but for what only the running process knows (caBundle, owner). */
export function desiredConfigurations(
  config: Config,
  endpoint: Endpoint,
  ownUsername: string,
): { readonly validating: WebhookConfiguration<'Validating'>; readonly mutating: WebhookConfiguration<'Mutating'> } {
  const webhooks = desiredWebhooks(config, endpoint, ownUsername);
  const metadata = {
    name: webhookConfigurationName,
    labels: { [managedByLabel]: 'ringfence' },
    annotations: { [configVersionAnnotation]: config.version },
  };
  const apiVersion = 'admissionregistration.k8s.io/v1';
  return {
    validating: { apiVersion, kind: 'ValidatingWebhookConfiguration', metadata, webhooks: webhooks.validating },
    mutating: { apiVersion, kind: 'MutatingWebhookConfiguration', metadata, webhooks: webhooks.mutating },
  };
}

/**
 * The webhooks that the configuration asks for. Match conditions keep everything out that cannot change a label, a template or a
 * specification: what the API server does not send costs nothing, and cannot fail.
 */
function desiredWebhooks(
  config: Config,
  endpoint: Endpoint,
  ownUsername: string,
): { readonly validating: readonly Webhook[]; readonly mutating: readonly Webhook[] } {
  const entry = (
    name: JudgedResource['entry'],
    rules: readonly Rule[],
    sideEffects: Webhook['sideEffects'],
    conditions: readonly MatchCondition[],
  ): Webhook => ({
    name: `${name}.ringfence.dev`,
    admissionReviewVersions: ['v1'],
    clientConfig: clientConfig(endpoint, webhookPaths.validate),
    rules,
    failurePolicy: config.mode === 'enforce' ? 'Fail' : 'Ignore',
    matchPolicy: 'Equivalent',
    sideEffects,
    timeoutSeconds,
    // True inside an exempt namespace: the API server itself keeps this label, and no one can change it there.
    ...(name === 'namespaces' ? {} : { namespaceSelector: notIn(config.exemptNamespaces) }),
    matchConditions: [notOwn(ownUsername), ...conditions],
  });
  const validating = [
    entry(
      'namespaces',
      rulesOf('namespaces', ['CREATE', 'UPDATE'], ['namespaces/status', 'namespaces/finalize']),
      'None',
      [notBuiltIn, { name: 'labels-change', expression: labelsChange }],
    ),
    entry('networkpolicies', rulesOf('networkpolicies', ['CREATE', 'UPDATE', 'DELETE']), 'None', [
      {
        name: 'meaning-changes',
        expression: [
          `request.operation == "DELETE" ? oldObject.metadata.name in ${list(reservedNames)} :`,
          `(${labelsChange} || object.?spec != oldObject.?spec ||`,
          'object.metadata.?ownerReferences != oldObject.metadata.?ownerReferences)',
        ].join(' '),
      },
    ]),
    entry('pods', podRules(), 'NoneOnDryRun', [
      {
        name: 'labels-change',
        expression: [
          `request.kind.kind == "Binding" ?`,
          `has(object.metadata.labels) && object.metadata.labels.exists(key, key in ${list([...config.taxonomy.keys.keys()])}) :`,
          `(${labelsChange})`,
        ].join(' '),
      },
    ]),
    entry('workloads', rulesOf('workloads', ['CREATE', 'UPDATE']), 'None', [
      {
        name: 'template-changes',
        expression: [
          'oldObject == null || (request.kind.kind == "CronJob" ?',
          'object.spec.jobTemplate.spec.template != oldObject.spec.jobTemplate.spec.template :',
          'object.spec.?template != oldObject.spec.?template)',
        ].join(' '),
      },
    ]),
  ];
  return { validating, mutating: config.mode === 'enforce' ? [markingWebhook(endpoint, ownUsername)] : [] };
}

/** Marks new namespaces. It fails open: validation sees the final state and refuses an unmarked creation. */
function markingWebhook(endpoint: Endpoint, ownUsername: string): Webhook {
  return {
    name: 'mark.ringfence.dev',
    admissionReviewVersions: ['v1'],
    clientConfig: clientConfig(endpoint, webhookPaths.mutate),
    rules: rulesOf('namespaces', ['CREATE']),
    failurePolicy: 'Ignore',
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    timeoutSeconds,
    matchConditions: [notOwn(ownUsername), notBuiltIn],
    reinvocationPolicy: 'Never',
  };
}

const labelsChange = 'oldObject == null || object.metadata.?labels != oldObject.metadata.?labels';

/** A creation by generateName has no name yet when mutation asks: reading it would be an error, and the entry skipped. */
const notBuiltIn: MatchCondition = {
  name: 'not-built-in',
  expression: `!has(request.name) || !(request.name in ${list(builtInNamespaces)})`,
};

/** Ringfence repairs its own objects while its webhook is down: without this, Fail would be a deadlock. */
function notOwn(username: string): MatchCondition {
  return { name: 'not-own', expression: `request.userInfo.username != ${JSON.stringify(username)}` };
}

function rulesOf(
  entry: JudgedResource['entry'],
  operations: readonly string[],
  subresources: readonly string[] = [],
): readonly Rule[] {
  const judged = judgedResources.filter((resource) => resource.entry === entry);
  const scope = entry === 'namespaces' ? 'Cluster' : 'Namespaced';
  const rule = (group: string, resources: readonly string[], on: readonly string[]): Rule => ({
    apiGroups: [group],
    apiVersions: ['v1'],
    resources,
    operations: on,
    scope,
  });
  return [
    ...[...new Set(judged.map((resource) => resource.group))].map((group) =>
      rule(
        group,
        judged.filter((resource) => resource.group === group).map((resource) => resource.resource),
        operations,
      ),
    ),
    ...(subresources.length > 0 ? [rule('', subresources, ['UPDATE'])] : []),
  ];
}

/** A Binding comes as a creation of `bindings` or of `pods/binding`; its labels overwrite the Pod's. */
function podRules(): readonly Rule[] {
  const core = { apiGroups: [''], apiVersions: ['v1'], scope: 'Namespaced' } as const;
  return [
    ...rulesOf('pods', ['CREATE', 'UPDATE']),
    { ...core, resources: ['pods/status'], operations: ['UPDATE'] },
    { ...core, resources: ['pods/binding', 'bindings'], operations: ['CREATE'] },
  ];
}

function notIn(namespaces: readonly string[]): NonNullable<Webhook['namespaceSelector']> {
  return { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: namespaces }] };
}

function clientConfig(endpoint: Endpoint, path: string): ClientConfig {
  return 'baseUrl' in endpoint
    ? { url: `${endpoint.baseUrl.replace(/\/$/, '')}${path}` }
    : { service: { ...endpoint.service, path } };
}

/** A CEL list literal: JSON's strings are CEL's. */
function list(texts: readonly string[]): string {
  return JSON.stringify(texts);
}
