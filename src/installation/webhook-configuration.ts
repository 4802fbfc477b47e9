import { reachEntryName } from '../admission/reach.ts';
import type { ObjectMeta, OwnerReference } from '../kubernetes/object-meta.ts';
import { recordOf } from '../kubernetes/raw-object.ts';
import { withForeign } from './foreign-requirements.ts';

/**
 * Which of the two kinds: admissionregistration.k8s.io/v1 MutatingWebhookConfiguration or
 * ValidatingWebhookConfiguration.
 */
export type WebhookKind = 'Mutating' | 'Validating';

/** The wire form of a webhook configuration, as far as it is looked into here. */
export interface WebhookConfiguration {
  readonly apiVersion: 'admissionregistration.k8s.io/v1';
  readonly kind: `${WebhookKind}WebhookConfiguration`;
  readonly metadata: ObjectMeta;
  readonly webhooks: readonly Webhook[];
}

/**
 * One entry: admissionregistration.k8s.io/v1 MutatingWebhook or ValidatingWebhook. The fields not
 * named here are compared, never read.
 */
export interface Webhook {
  readonly name: string;
  readonly clientConfig: object;
}

/**
 * A configuration with what only the running process knows: the authorities to be trusted (PEM),
 * and the owner it goes with.
 */
export function completeConfiguration(
  configuration: WebhookConfiguration,
  facts: { readonly caBundle: string; readonly owner: OwnerReference | undefined },
): WebhookConfiguration {
  const { metadata } = configuration;
  return {
    ...configuration,
    metadata: facts.owner === undefined ? metadata : { ...metadata, ownerReferences: [facts.owner] },
    webhooks: configuration.webhooks.map((webhook) => ({
      ...webhook,
      clientConfig: { ...webhook.clientConfig, caBundle: encodeBundle(facts.caBundle) },
    })),
  };
}

/** The annotation that holds the address at which the API server has proved to reach Ringfence. */
export const reachedAtAnnotation = 'ringfence.dev/reached-at';

/** Whether a configuration in the cluster says that the API server reached Ringfence there. */
export function isReachedAt(actual: unknown, address: string): boolean {
  return annotationOf(actual, reachedAtAnnotation) === address;
}

/** An annotation of a configuration in the cluster. */
export function annotationOf(actual: unknown, key: string): string | undefined {
  return textsOf(recordOf(recordOf(actual)['metadata'])['annotations'])[key];
}

/** A configuration with more annotations. */
export function withAnnotations(
  configuration: WebhookConfiguration,
  annotations: Readonly<Record<string, string>>,
): WebhookConfiguration {
  const { metadata } = configuration;
  return { ...configuration, metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } } };
}

/**
 * A configuration by whether the API server has proved to reach the address. With a proof, it says
 * so in an annotation, for all replicas and after a restart. Without one, no write of others may
 * fail or wait long: every entry fails open, but for the one that only Ringfence's proof calls.
 */
export function byReach(
  configuration: WebhookConfiguration,
  { address, isReached }: { readonly address: string; readonly isReached: boolean },
): WebhookConfiguration {
  const { webhooks } = configuration;
  if (isReached) return withAnnotations(configuration, { [reachedAtAnnotation]: address });
  const open = { failurePolicy: 'Ignore', timeoutSeconds: unreachedTimeoutSeconds };
  return {
    ...configuration,
    webhooks: webhooks.map((webhook) => (webhook.name === reachEntryName ? webhook : { ...webhook, ...open })),
  };
}

/** A packet that a firewall drops is waited for: a second for each entry, and nothing fails. */
const unreachedTimeoutSeconds = 1;

/**
 * The object to replace an existing one with: what is desired, over what others put into the
 * metadata and the namespaceSelectors. The uid and resourceVersion make the API server refuse (409)
 * where it has changed since, or been deleted and created again.
 * @param actual the object as the API server sent it
 */
export function replacementOf(actual: unknown, desired: WebhookConfiguration): WebhookConfiguration {
  const metadata = recordOf(recordOf(actual)['metadata']);
  const finalizers = metadata['finalizers'];
  return {
    ...desired,
    webhooks: desired.webhooks.map((webhook) => withForeign(webhook, actual)),
    metadata: {
      ...desired.metadata,
      ...textOf(metadata, 'uid'),
      ...textOf(metadata, 'resourceVersion'),
      ...(Array.isArray(finalizers) ? { finalizers } : {}),
      labels: { ...textsOf(metadata['labels']), ...desired.metadata.labels },
      annotations: { ...textsOf(metadata['annotations']), ...desired.metadata.annotations },
    },
  };
}

/**
 * Whether every entry of a configuration in the cluster carries these authorities (PEM). One
 * without entries has nobody to trust, and does.
 */
export function carriesBundle(actual: unknown, caBundle: string): boolean {
  return bundlesOf(actual).every((found) => {
    const there = new Set(blocksOf(found));
    return blocksOf(caBundle).every((block) => there.has(block));
  });
}

/**
 * What each entry of a configuration in the cluster has for authorities: PEM where it is right,
 * empty where there is nothing.
 */
export function bundlesOf(actual: unknown): readonly string[] {
  const webhooks = recordOf(actual)['webhooks'];
  if (!Array.isArray(webhooks)) return [];
  return webhooks.map((webhook) => {
    const caBundle = recordOf(recordOf(webhook)['clientConfig'])['caBundle'];
    return typeof caBundle === 'string' ? Buffer.from(caBundle, 'base64').toString() : '';
  });
}

/**
 * A configuration as the API server sent it, with other authorities (PEM) in each entry and nothing
 * else changed.
 */
export function withBundle(actual: unknown, caBundle: string): object {
  const { webhooks, ...others } = recordOf(actual);
  if (!Array.isArray(webhooks)) return others;
  const changed = webhooks.map(recordOf).map((webhook) => ({
    ...webhook,
    clientConfig: { ...recordOf(webhook['clientConfig']), caBundle: encodeBundle(caBundle) },
  }));
  return { ...others, webhooks: changed };
}

/** The entries of a labels or annotations map. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(recordOf(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function textOf(metadata: Readonly<Record<string, unknown>>, key: 'uid' | 'resourceVersion'): Partial<ObjectMeta> {
  const value = metadata[key];
  return typeof value === 'string' ? { [key]: value } : {};
}

/** A PEM bundle as `clientConfig.caBundle` carries it: base64. */
function encodeBundle(caBundle: string): string {
  return Buffer.from(caBundle).toString('base64');
}

/** The blocks of a PEM text, to be compared one by one: their order means nothing. */
function blocksOf(pem: string): readonly string[] {
  return pem.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? [pem.trim()];
}
