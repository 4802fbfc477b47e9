// Objects as they come over the wire or from a file. Their content is not trusted: a key may be
// `__proto__`.

/** Whether a value is a mapping: neither a list nor null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A mapping's own property; undefined if the value is not a mapping or has no such key. */
export function own(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Returns a value that is a mapping, and an empty mapping for any other value. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

/**
 * The value at a path of own properties and indices of lists; undefined if one of them does not
 * exist.
 */
export function valueAt(object: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce(stepInto, object);
}

/** A mapping's own property, or an item of a list by its index. */
export function stepInto(value: unknown, step: string | number): unknown {
  if (typeof step === 'string') return own(value, step);
  return Array.isArray(value) ? value[step] : undefined;
}

/**
 * The text at a path; undefined for any other value, and for the empty text, which means no value.
 */
export function textAt(object: unknown, ...path: readonly string[]): string | undefined {
  const value = valueAt(object, ...path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The list at a path; empty for any other value. */
export function listAt(object: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = valueAt(object, ...path);
  return Array.isArray(value) ? value : [];
}

/**
 * Returns the controlling owner of `metadata.ownerReferences` (meta/v1 OwnerReference.controller).
 * It creates the object again after a deletion. The API server allows at most one.
 */
export function controllerIn(owners: unknown): Readonly<Record<string, unknown>> | undefined {
  return Array.isArray(owners) ? owners.filter(isObject).find((owner) => own(owner, 'controller') === true) : undefined;
}

/** A field that the API server does not accept. */
export interface FieldProblem {
  readonly field: string;
  /** The predicate of a sentence whose subject is the field: `must be a list, not an object`. */
  readonly message: string;
  /** Whether the value is a number or a boolean, where a text must stand. */
  readonly unquoted?: true;
}

/** A field that does not have its Kubernetes type. */
export interface Unreadable {
  readonly field: string;
  /** The type of the value. The value itself may be a secret in the wrong place. */
  readonly found: string;
  readonly expected: string;
  /** The text that was probably meant. YAML reads `true` and `42` as other types. */
  readonly text?: string;
  /** The key, if the field is a label. */
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
