/**
 * Reads a `metadata.resourceVersion`, or a copy of one in an annotation. Versions of one collection
 * are increasing unsigned 64-bit numbers (KEP-5504), so they can be compared. Undefined for any
 * other value. The limit on the length bounds the cost of a forged text.
 */
export function readResourceVersion(text: unknown): bigint | undefined {
  return typeof text === 'string' && /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
}
