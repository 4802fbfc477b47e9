import type { WebhookConfigurationStore } from '../../src/installation/ports.ts';
import type { WebhookConfiguration, WebhookKind } from '../../src/installation/webhook-configuration.ts';
import { createObjectStore } from '../api-server/object-store.ts';

/** A JSON object that tests may read and change freely. */
export interface Raw {
  [key: string]: unknown;
  metadata: { [key: string]: unknown; name?: string; resourceVersion?: string; uid?: string };
  webhooks?: { [key: string]: unknown; clientConfig: { [key: string]: unknown } }[];
}

/** Webhook configurations in memory, with the defaults of the API server. */
export interface MemoryConfigurations extends WebhookConfigurationStore {
  /** The stored objects, which a test may change in place. */
  readonly objects: Map<WebhookKind, Raw>;
  before: (verb: 'get' | 'create' | 'replace', kind: WebhookKind) => void;
  readonly log: string[];
}

export function memoryConfigurations(): MemoryConfigurations {
  const resource = 'webhookconfigurations';
  const store = createObjectStore();
  const configurations: MemoryConfigurations = {
    objects: store.all(resource) as unknown as Map<WebhookKind, Raw>,
    before: () => undefined,
    log: [],
    async get(kind) {
      configurations.before('get', kind);
      await Promise.resolve();
      return structuredClone(configurations.objects.get(kind));
    },
    async create(kind, configuration) {
      configurations.before('create', kind);
      const stored = store.create(resource, kind, withDefaults(kind, configuration));
      configurations.log.push(`create ${kind}`);
      return structuredClone(stored);
    },
    async replace(kind, configuration) {
      configurations.before('replace', kind);
      const stored = store.replace(resource, kind, withDefaults(kind, configuration));
      configurations.log.push(`replace ${kind}`);
      return structuredClone(stored);
    },
  };
  return configurations;
}

/**
 * Returns a configuration with the defaults of the API server (admissionregistration/v1
 * defaults.go).
 */
export function withDefaults(kind: WebhookKind, configuration: WebhookConfiguration): Raw {
  const raw = JSON.parse(JSON.stringify(configuration)) as Raw;
  raw.metadata = { creationTimestamp: '2026-11-22T12:00:00Z', generation: 1, managedFields: [], ...raw.metadata };
  raw.webhooks = (raw.webhooks ?? []).map((webhook) => ({
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
    ...(kind === 'Mutating' ? { reinvocationPolicy: 'Never' } : {}),
    ...webhook,
    rules: (Array.isArray(webhook['rules']) ? webhook['rules'] : []).map((rule: object) => ({ scope: '*', ...rule })),
    clientConfig: {
      ...webhook.clientConfig,
      ...('service' in webhook.clientConfig
        ? { service: { port: 443, ...(webhook.clientConfig['service'] as object) } }
        : {}),
    },
  }));
  return raw;
}

/** A minimal configuration of each kind, as the keeper gets it. */
export function template(kind: WebhookKind, version = '7'): WebhookConfiguration {
  const webhook = {
    name: kind === 'Mutating' ? 'mark.ringfence.dev' : 'pods.ringfence.dev',
    admissionReviewVersions: ['v1'],
    clientConfig: { service: { namespace: 'ringfence-system', name: 'ringfence', path: '/validate' } },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE', 'UPDATE'] }],
    sideEffects: 'None',
    timeoutSeconds: 5,
    namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['kube-system'] }] },
    matchConditions: [{ name: 'not-own', expression: 'request.userInfo.username != "ringfence"' }],
  };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: {
      name: 'ringfence',
      labels: { 'app.kubernetes.io/managed-by': 'ringfence' },
      annotations: { 'ringfence.dev/config-version': version },
    },
    webhooks: [webhook, { ...webhook, name: `second.${webhook.name}` }],
  };
}
