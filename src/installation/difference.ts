import { isDeepStrictEqual } from 'node:util';
import { recordOf } from '../kubernetes/raw-object.ts';
import { withoutForeign } from './foreign-requirements.ts';
import { textsOf, type WebhookConfiguration } from './webhook-configuration.ts';

/**
 * Where a webhook configuration in the cluster is not what is desired: field paths in a stable
 * order, none where it means the same. What the API server fills in (admissionregistration/v1
 * defaults.go) is not a difference. Nor are labels, annotations and finalizers of others, what
 * others require in a namespaceSelector, and fields that this release does not know. A missing,
 * changed or additional entry, rule, condition, selector or owner is one.
 * @param actual the object as the API server sent it, or anything else: never throws
 */
export function differencesOf(actual: unknown, desired: WebhookConfiguration): readonly string[] {
  const metadata = recordOf(recordOf(actual)['metadata']);
  return [
    ...missingTexts('metadata.labels', metadata['labels'], desired.metadata.labels),
    ...missingTexts('metadata.annotations', metadata['annotations'], desired.metadata.annotations),
    ...(isDeepStrictEqual(ownersOf(metadata), ownersOf(recordOf(desired.metadata)))
      ? []
      : ['metadata.ownerReferences']),
    ...webhookDifferences(recordOf(actual)['webhooks'], desired),
  ];
}

/**
 * Whether a configuration in the cluster was made from a newer configuration of ours than the
 * desired one, by the annotation that both carry: decimal text of any length. What is no number is
 * not newer.
 */
export function isNewer(actual: unknown, desired: WebhookConfiguration, versionAnnotation: string): boolean {
  const annotations = recordOf(recordOf(recordOf(actual)['metadata'])['annotations']);
  const found = versionOf(annotations[versionAnnotation]);
  const own = versionOf(recordOf(desired.metadata.annotations)[versionAnnotation]);
  return found !== undefined && (own === undefined || found > own);
}

/** A version as a number to compare, or undefined. */
export function versionOf(text: unknown): bigint | undefined {
  // etcd revisions are 64-bit; the length keeps a forged text from costing more than it is worth.
  return typeof text === 'string' && /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
}

/**
 * The fields of MutatingWebhook and ValidatingWebhook, with what the API server makes of their
 * absence.
 */
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
  // Not set right one by one: an entry more or less, or in another place, is one fact.
  if (!isSameList) return ['webhooks'];
  return desired.webhooks.flatMap((webhook, index) => {
    const wanted = recordOf(webhook);
    const there = withoutForeign(found[index] ?? {}, wanted);
    return [...new Set([...Object.keys(webhookDefaults), ...Object.keys(wanted)])]
      .filter((field) => !isDeepStrictEqual(meaningOf(field, there), meaningOf(field, wanted)))
      .map((field) => `webhooks[${webhook.name}].${field}`);
  });
}

/** A field's value with defaults filled in, and without what means the same as nothing. */
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
 * A JSON value without fields that are null, undefined, `{}` or `[]`: in these kinds all of them
 * mean absence.
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
 * An object's owners, as a set: an owner more could be one that does not exist, which the garbage
 * collector takes for a reason to delete.
 */
function ownersOf(metadata: Readonly<Record<string, unknown>>): readonly string[] {
  const owners = metadata['ownerReferences'];
  if (!Array.isArray(owners)) return [];
  return owners
    .map(recordOf)
    .map(({ apiVersion, kind, name, uid }) => JSON.stringify([apiVersion, kind, name, uid]))
    .sort();
}
