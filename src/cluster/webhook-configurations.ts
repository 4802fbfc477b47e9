import type { ObjectMeta } from '../kubernetes/object-meta.ts';
import { unlessNotFound } from './api-error.ts';
import type { Cluster } from './connection.ts';
import { resourcePath } from './resource-path.ts';

export type WebhookConfigurationKind = 'Validating' | 'Mutating';

/** admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration or MutatingWebhookConfiguration, as it came. */
export interface RawWebhookConfiguration {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
  readonly webhooks?: readonly unknown[];
}

export interface WebhookConfigurations {
  get(kind: WebhookConfigurationKind, name: string): Promise<RawWebhookConfiguration | undefined>;
  /** Throws an ApiError 409 AlreadyExists where another replica was first. */
  create(kind: WebhookConfigurationKind, configuration: RawWebhookConfiguration): Promise<RawWebhookConfiguration>;
  /** Throws an ApiError 409 Conflict where the object changed since its `metadata.resourceVersion`. */
  replace(kind: WebhookConfigurationKind, configuration: RawWebhookConfiguration): Promise<RawWebhookConfiguration>;
}

export function webhookConfigurations(cluster: Pick<Cluster, 'request'>): WebhookConfigurations {
  const path = (kind: WebhookConfigurationKind, name?: string): string =>
    resourcePath({
      api: '/apis/admissionregistration.k8s.io/v1',
      resource: kind === 'Validating' ? 'validatingwebhookconfigurations' : 'mutatingwebhookconfigurations',
      ...(name === undefined ? {} : { name }),
    });
  return {
    async get(kind, name) {
      return unlessNotFound(cluster.request<RawWebhookConfiguration>('GET', path(kind, name)));
    },
    async create(kind, configuration) {
      return cluster.request('POST', path(kind), { body: configuration });
    },
    async replace(kind, configuration) {
      return cluster.request('PUT', path(kind, configuration.metadata.name ?? ''), { body: configuration });
    },
  };
}
