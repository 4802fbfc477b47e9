import { reachEntryName } from '../admission/reach.ts';
import type { ObjectMeta, OwnerReference } from '../kubernetes/object-meta.ts';
import { recordOf } from '../kubernetes/raw-object.ts';
import { withForeign } from './foreign-requirements.ts';
import { releaseAnnotation } from './release.ts';

/**
 * One of the two kinds: admissionregistration.k8s.io/v1 MutatingWebhookConfiguration or
 * ValidatingWebhookConfiguration.
 */
export type WebhookKind = 'Mutating' | 'Validating';

/** The wire form of a webhook configuration, with the fields that this code reads. */
export interface WebhookConfiguration {
  readonly apiVersion: 'admissionregistration.k8s.io/v1';
  readonly kind: `${WebhookKind}WebhookConfiguration`;
  readonly metadata: ObjectMeta;
  readonly webhooks: readonly Webhook[];
}

/**
 * One entry: admissionregistration.k8s.io/v1 MutatingWebhook or ValidatingWebhook. Its other fields
 * are only compared.
 */
export interface Webhook {
  readonly name: string;
  readonly clientConfig: object;
}

/**
 * Returns a configuration with the facts that only the running process knows: the authorities (PEM)
 * and the owners.
 */
export function completeConfiguration(
  configuration: WebhookConfiguration,
  facts: { readonly caBundle: string; readonly owners: readonly OwnerReference[] },
): WebhookConfiguration {
  const { metadata } = configuration;
  return {
    ...configuration,
    metadata: facts.owners.length === 0 ? metadata : { ...metadata, ownerReferences: facts.owners },
    webhooks: configuration.webhooks.map((webhook) => ({
      ...webhook,
      clientConfig: { ...webhook.clientConfig, caBundle: encodeBundle(facts.caBundle) },
    })),
  };
}

/** The annotation with the address at which the API server has been proved to reach Ringfence. */
export const reachedAtAnnotation = 'ringfence.dev/reached-at';

/** Whether a configuration records that the API server reached Ringfence at this address. */
export function isReachedAt(actual: unknown, address: string): boolean {
  return annotationOf(actual, reachedAtAnnotation) === address;
}

/**
 * Whether a release from before the proof made a configuration whose entries fail closed at the
 * same address. The cluster already lives with that, and an upgrade must not open the fence for the
 * moment of the proof. Such a release says neither which one it is nor what it has reached, so an
 * installation of this one is never taken for its work.
 */
export function closedBeforeProofs(actual: unknown, template: WebhookConfiguration): boolean {
  if (actual === undefined) return false;
  if ([releaseAnnotation, reachedAtAnnotation].some((key) => annotationOf(actual, key) !== undefined)) return false;
  const addresses = template.webhooks.map(({ clientConfig }) => dialedBy(clientConfig));
  const live = recordOf(actual)['webhooks'];
  return (
    Array.isArray(live) &&
    live
      .map(recordOf)
      .some((entry) => entry['failurePolicy'] === 'Fail' && addresses.includes(dialedBy(entry['clientConfig'])))
  );
}

/** Returns what a clientConfig (admissionregistration.k8s.io/v1) dials, without the path. */
function dialedBy(clientConfig: unknown): string {
  const { url, service } = recordOf(clientConfig);
  if (typeof url === 'string') return URL.parse(url)?.origin ?? url;
  const { namespace, name, port = 443 } = recordOf(service);
  return JSON.stringify([namespace, name, port]);
}

/** Returns an annotation of a configuration; undefined if it is absent. */
export function annotationOf(actual: unknown, key: string): string | undefined {
  return textsOf(recordOf(recordOf(actual)['metadata'])['annotations'])[key];
}

/** Returns a configuration with additional annotations. */
export function withAnnotations(
  configuration: WebhookConfiguration,
  annotations: Readonly<Record<string, string>>,
): WebhookConfiguration {
  const { metadata } = configuration;
  return { ...configuration, metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } } };
}

/**
 * Returns a configuration for an address that the API server has, or has not, been proved to reach.
 * With a proof, an annotation records it, for all replicas and after a restart. Without a proof, no
 * write of others may fail or wait long: every entry fails open, except the entry that only
 * Ringfence's own proof calls.
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

/** If a firewall drops the packets, each entry costs a write this long, and then fails open. */
const unreachedTimeoutSeconds = 1;

/**
 * Returns the object that replaces an existing one: the desired configuration, with the labels,
 * annotations, finalizers and namespaceSelector requirements of others. With its uid and
 * resourceVersion, the API server refuses (409) if the object has changed in the meantime, or was
 * deleted and created again.
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
 * Whether every entry of a configuration in the cluster carries these authorities (PEM). It is true
 * for a configuration without entries.
 */
export function carriesBundle(actual: unknown, caBundle: string): boolean {
  return bundlesOf(actual).every((found) => {
    const there = new Set(blocksOf(found));
    return blocksOf(caBundle).every((block) => there.has(block));
  });
}

/**
 * Returns the authorities of each entry of a configuration in the cluster, decoded from base64:
 * empty if the entry has none.
 */
export function bundlesOf(actual: unknown): readonly string[] {
  const webhooks = recordOf(actual)['webhooks'];
  if (!Array.isArray(webhooks)) return [];
  return webhooks.map((webhook) => {
    const caBundle = recordOf(recordOf(webhook)['clientConfig'])['caBundle'];
    return typeof caBundle === 'string' ? Buffer.from(caBundle, 'base64').toString() : '';
  });
}

/** Returns a configuration in which only the authorities (PEM) of each entry are changed. */
export function withBundle(actual: unknown, caBundle: string): object {
  const { webhooks, ...others } = recordOf(actual);
  if (!Array.isArray(webhooks)) return others;
  const changed = webhooks.map(recordOf).map((webhook) => ({
    ...webhook,
    clientConfig: { ...recordOf(webhook['clientConfig']), caBundle: encodeBundle(caBundle) },
  }));
  return { ...others, webhooks: changed };
}

/** Returns the entries of a labels or annotations map whose values are strings. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(recordOf(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function textOf(metadata: Readonly<Record<string, unknown>>, key: 'uid' | 'resourceVersion'): Partial<ObjectMeta> {
  const value = metadata[key];
  return typeof value === 'string' ? { [key]: value } : {};
}

/** Encodes a PEM bundle in base64, the form of `clientConfig.caBundle`. */
function encodeBundle(caBundle: string): string {
  return Buffer.from(caBundle).toString('base64');
}

/** Returns the blocks of a PEM text. They are compared one by one, because their order is free. */
function blocksOf(pem: string): readonly string[] {
  return pem.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? [pem.trim()];
}
