import { isObject, recordOf } from '../kubernetes/raw-object.ts';

// A managed cluster may add requirements to the namespaceSelector of every webhook, and add them
// again if they are removed. The admissions enforcer of AKS does this to keep webhooks out of its
// own namespaces. Requirements on keys that Ringfence does not use are kept: they can only exclude
// namespaces, never include more.

interface Entry {
  readonly name: string;
}

/** Returns an entry from the cluster without the requirements of others. */
export function withoutForeign(
  actual: Readonly<Record<string, unknown>>,
  desired: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const foreign = foreignIn(actual, desired);
  if (foreign.length === 0) return actual;
  const selector = recordOf(actual['namespaceSelector']);
  const matchExpressions = expressionsOf(actual).filter((requirement) => !foreign.includes(requirement));
  return { ...actual, namespaceSelector: { ...selector, matchExpressions } };
}

/** Returns a desired entry with the requirements that others added to the entry of that name. */
export function withForeign<T extends Entry>(desired: T, configuration: unknown): T {
  const foreign = foreignIn(entryOf(configuration, desired.name), recordOf(desired));
  if (foreign.length === 0) return desired;
  const selector = recordOf(recordOf(desired)['namespaceSelector']);
  const matchExpressions = [...expressionsOf(recordOf(desired)), ...foreign];
  return { ...desired, ...{ namespaceSelector: { ...selector, matchExpressions } } };
}

/** Returns the keys of the requirements that others added to a configuration, each once, sorted. */
export function foreignKeys(configuration: unknown, desired: { readonly webhooks: readonly Entry[] }): string[] {
  const found = desired.webhooks.flatMap((entry) => foreignIn(entryOf(configuration, entry.name), recordOf(entry)));
  return [...new Set(found.map(({ key }) => String(key)))].toSorted((one, other) => (one < other ? -1 : 1));
}

function foreignIn(
  actual: Readonly<Record<string, unknown>>,
  desired: Readonly<Record<string, unknown>>,
): readonly Readonly<Record<string, unknown>>[] {
  const own = new Set(expressionsOf(desired).map(({ key }) => key));
  return expressionsOf(actual).filter(
    ({ key }) => typeof key === 'string' && !own.has(key) && !reserved.some((domain) => key.startsWith(domain)),
  );
}

/**
 * Requirements of others on the keys that Ringfence itself selects by are not kept in any entry.
 */
const reserved = ['kubernetes.io/', 'ringfence.dev/'];

function entryOf(configuration: unknown, name: string): Readonly<Record<string, unknown>> {
  const webhooks = recordOf(configuration)['webhooks'];
  if (!Array.isArray(webhooks)) return {};
  return webhooks.map(recordOf).find((entry) => entry['name'] === name) ?? {};
}

function expressionsOf(entry: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[] {
  const expressions = recordOf(entry['namespaceSelector'])['matchExpressions'];
  return Array.isArray(expressions) ? expressions.filter(isObject) : [];
}
