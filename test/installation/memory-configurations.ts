import type { WebhookConfigurationStore } from '../../src/installation/ports.ts';
import type { WebhookConfiguration, WebhookKind } from '../../src/installation/webhook-configuration.ts';

/** A JSON object, to be read and changed freely by tests. */
export interface Raw {
  [key: string]: unknown;
  metadata: { [key: string]: unknown; name?: string; resourceVersion?: string; uid?: string };
  webhooks?: { [key: string]: unknown; clientConfig: { [key: string]: unknown } }[];
}

/** Webhook configurations in memory with the API server's rules: defaults filled in, 409 for a second creation, a stale write, another uid. */
export interface MemoryConfigurations extends WebhookConfigurationStore {
  readonly objects: Map<WebhookKind, Raw>;
  before: (verb: 'get' | 'create' | 'replace', kind: WebhookKind) => void;
  readonly log: string[];
}

export class HttpError extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`HTTP ${code}`);
    this.code = code;
  }
}

export function memoryConfigurations(): MemoryConfigurations {
  let revision = 0;
  const stored = (kind: WebhookKind, configuration: WebhookConfiguration, uid: string): Raw => {
    revision += 1;
    const raw = withDefaults(kind, configuration);
    raw.metadata = { ...raw.metadata, uid, resourceVersion: String(revision), generation: 1, managedFields: [] };
    store.objects.set(kind, raw);
    return structuredClone(raw);
  };
  const store: MemoryConfigurations = {
    objects: new Map(),
    before: () => undefined,
    log: [],
    async get(kind) {
      store.before('get', kind);
      await Promise.resolve();
      return structuredClone(store.objects.get(kind));
    },
    async create(kind, configuration) {
      store.before('create', kind);
      if (store.objects.has(kind)) throw new HttpError(409);
      store.log.push(`create ${kind}`);
      return stored(kind, configuration, `uid-${revision}`);
    },
    async replace(kind, configuration) {
      store.before('replace', kind);
      const there = store.objects.get(kind)?.metadata;
      if (there === undefined) throw new HttpError(404);
      const { uid, resourceVersion } = configuration.metadata;
      if (there.uid !== uid || there.resourceVersion !== resourceVersion) throw new HttpError(409);
      store.log.push(`replace ${kind}`);
      return stored(kind, configuration, uid ?? '');
    },
  };
  return store;
}

/** What the API server makes of a configuration: admissionregistration/v1 defaults.go. */
export function withDefaults(kind: WebhookKind, configuration: WebhookConfiguration): Raw {
  const raw = JSON.parse(JSON.stringify(configuration)) as Raw;
  raw.metadata = { creationTimestamp: '2026-11-22T12:00:00Z', ...raw.metadata };
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

/** A minimal pair of configurations, as the keeper is handed them. */
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
