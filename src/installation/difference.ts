import { isDeepStrictEqual } from 'node:util';
import type { OwnerReference } from '../kubernetes/object-meta.ts';
import { recordOf } from '../kubernetes/raw-object.ts';
import { readResourceVersion } from '../kubernetes/resource-version.ts';
import { withoutForeign } from './foreign-requirements.ts';
import { textsOf, type WebhookConfiguration } from './webhook-configuration.ts';

/**
 * Returns the paths of the fields in which a webhook configuration differs from the desired one, in
 * a stable order; none if it means the same. A missing, changed or additional entry, rule,
 * condition, selector or owner is a difference. These are not: defaults of the API server
 * (admissionregistration/v1 defaults.go), labels, annotations and finalizers of others,
 * requirements of others in a namespaceSelector, and fields that this release does not know. Never
 * throws.
 * @param actual the object as the API server sent it, or any other value
 */
export function differencesOf(actual: unknown, desired: WebhookConfiguration): readonly string[] {
  const metadata = recordOf(recordOf(actual)['metadata']);
  return [
    ...missingTexts('metadata.labels', metadata['labels'], desired.metadata.labels),
    ...missingTexts('metadata.annotations', metadata['annotations'], desired.metadata.annotations),
    ...(hasOwners(actual, desired.metadata.ownerReferences) ? [] : ['metadata.ownerReferences']),
    ...webhookDifferences(recordOf(actual)['webhooks'], desired),
  ];
}

/**
 * Whether API servers send other requests, or send them elsewhere, because of a difference. The
 * others change how they take an answer, or who a configuration belongs to.
 */
export function changesCalls(field: string): boolean {
  return /^webhooks(?:\[.*\]\.(?:clientConfig|rules|matchConditions|(?:namespace|object)Selector))?$/.test(field);
}

/**
 * Whether a webhook configuration in the cluster was made from a newer configuration of Ringfence
 * than the desired one. Both carry the version in an annotation, as decimal text of at most 20
 * digits. Any other text is not newer.
 */
export function isNewer(actual: unknown, desired: WebhookConfiguration, versionAnnotation: string): boolean {
  const [found, own] = [actual, desired].map(versionIn(versionAnnotation));
  return found !== undefined && (own === undefined || found > own);
}

/** Whether it was made from an older configuration. Text that is no version is neither. */
export function isOlder(actual: unknown, desired: WebhookConfiguration, versionAnnotation: string): boolean {
  const [found, own] = [actual, desired].map(versionIn(versionAnnotation));
  return found !== undefined && own !== undefined && found < own;
}

function versionIn(annotation: string): (configuration: unknown) => bigint | undefined {
  return (one) => readResourceVersion(recordOf(recordOf(recordOf(one)['metadata'])['annotations'])[annotation]);
}

/** The fields of MutatingWebhook and ValidatingWebhook, with the defaults of the API server. */
const webhookDefaults: Readonly<Record<string, unknown>> = {
  name: undefined,
  clientConfig: undefined,
  rules: undefined,
  failurePolicy: 'Fail',
  matchPolicy: 'Equivalent',
  namespaceSelector: undefined,
  objectSelector: undefined,
  sideEffects: undefined,
  timeoutSeconds: 10,
  admissionReviewVersions: undefined,
  reinvocationPolicy: 'Never',
  matchConditions: undefined,
};

function webhookDifferences(actual: unknown, desired: WebhookConfiguration): string[] {
  const found = Array.isArray(actual) ? actual.map(recordOf) : [];
  const isSameList =
    found.length === desired.webhooks.length &&
    desired.webhooks.every((webhook, index) => found[index]?.['name'] === webhook.name);
  // An additional, missing or moved entry is one difference, not one for each entry.
  if (!isSameList) return ['webhooks'];
  return desired.webhooks.flatMap((webhook, index) => {
    const wanted = recordOf(webhook);
    const there = withoutForeign(found[index] ?? {}, wanted);
    return [...new Set([...Object.keys(webhookDefaults), ...Object.keys(wanted)])]
      .filter((field) => !isDeepStrictEqual(meaningOf(field, there), meaningOf(field, wanted)))
      .map((field) => `webhooks[${webhook.name}].${field}`);
  });
}

/** Returns the value of a field with its defaults, and without values that mean absence. */
function meaningOf(field: string, webhook: Readonly<Record<string, unknown>>): unknown {
  const value = (Object.hasOwn(webhook, field) ? webhook[field] : undefined) ?? webhookDefaults[field];
  if (field === 'rules' && Array.isArray(value))
    return value.map((rule) => compact({ ...recordOf(rule), scope: recordOf(rule)['scope'] ?? '*' }));
  if (field === 'clientConfig' && recordOf(value)['service'] !== undefined) {
    const service = recordOf(recordOf(value)['service']);
    return compact({ ...recordOf(value), service: { ...service, port: service['port'] ?? 443 } });
  }
  return compact(value);
}

/**
 * Returns a JSON value without the fields that are null, undefined, `{}` or `[]`, because all of
 * these mean absence in these kinds.
 */
function compact(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item: unknown) => compact(item) ?? {});
  if (typeof value !== 'object') return value;
  const fields = Object.entries(recordOf(value))
    .map(([key, item]) => [key, compact(item)] as const)
    .filter(([, item]) => item !== undefined);
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

function missingTexts(
  path: string,
  actual: unknown,
  desired: Readonly<Record<string, string>> | undefined,
): readonly string[] {
  const found = textsOf(actual);
  return Object.entries(desired ?? {})
    .filter(([key, value]) => !Object.hasOwn(found, key) || found[key] !== value)
    .map(([key]) => `${path}.${key}`);
}

/**
 * Whether a configuration in the cluster has these owners. An additional one is a difference,
 * because the garbage collector may delete an object whose owner does not exist.
 */
export function hasOwners(actual: unknown, owners: readonly OwnerReference[] = []): boolean {
  const found = recordOf(recordOf(actual)['metadata'])['ownerReferences'];
  return isDeepStrictEqual(textsOfOwners(found), textsOfOwners(owners));
}

function textsOfOwners(owners: unknown): readonly string[] {
  if (!Array.isArray(owners)) return [];
  return owners
    .map(recordOf)
    .map(({ apiVersion, kind, name, uid }) => JSON.stringify([apiVersion, kind, name, uid]))
    .sort();
}
