// Objects as they come over the wire or from a file. Nothing inside is trusted: a key may be
// `__proto__`.

/** Whether a value is a mapping, and not a list or null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A mapping's own property; undefined where the value is no mapping or has no such key. */
export function own(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** A value as the mapping that it is; an empty one for anything else. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

/** The value at a path of own properties; undefined where a step leads nowhere. */
export function valueAt(object: unknown, ...path: readonly string[]): unknown {
  return path.reduce(own, object);
}

/**
 * The text at a path; undefined for anything else, and for the empty text, which means no value.
 */
export function textAt(object: unknown, ...path: readonly string[]): string | undefined {
  const value = valueAt(object, ...path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The list at a path; empty for anything else. */
export function listAt(object: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = valueAt(object, ...path);
  return Array.isArray(value) ? value : [];
}

/**
 * Among `metadata.ownerReferences`, the owner that made the object and will make it again (meta/v1
 * OwnerReference.controller). The API server lets an object have one at most.
 */
export function controllerIn(owners: unknown): Readonly<Record<string, unknown>> | undefined {
  return Array.isArray(owners) ? owners.filter(isObject).find((owner) => own(owner, 'controller') === true) : undefined;
}

/** A field that is not what its Kubernetes type says. */
export interface Unreadable {
  readonly field: string;
  /** What was found, by its type alone: nobody knows what stands in a wrong place. */
  readonly found: string;
  readonly expected: string;
  /** The text that was evidently meant: YAML takes `true` and `42` for other types. */
  readonly text?: string;
  /** The key, where the field is a label. */
  readonly label?: string;
}

export function unreadable(field: string, value: unknown, expected: string): Unreadable {
  const isScalar = typeof value === 'boolean' || typeof value === 'number';
  return { field, found: typeName(value), expected, ...(isScalar ? { text: String(value) } : {}) };
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? 'a text' : typeof value;
}
