/** Freezes a value and all it holds; a Map, which `Object.freeze` leaves open, refuses to change as well. Returns the same value. */
export function freezeDeep<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) {
    for (const method of ['set', 'delete', 'clear'] as const)
      Object.defineProperty(value, method, {
        value: () => {
          throw new TypeError('the configuration does not change');
        },
      });
    for (const held of value.values()) freezeDeep(held);
  }
  Object.freeze(value);
  for (const held of Object.values(value)) freezeDeep(held);
  return value;
}
