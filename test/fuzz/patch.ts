// The part of JSON Patch (RFC 6902) that Ringfence uses: `add`, strictly.

export interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** Applies a patch in place. Throws if the API server would refuse the patch. */
export function applyPatch(document: unknown, operations: readonly Operation[]): void {
  for (const { path, value } of operations) {
    const tokens = path
      .split('/')
      .slice(1)
      .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = tokens.pop() ?? '';
    let place = document;
    for (const token of tokens) {
      if (typeof place !== 'object' || place === null || !Object.hasOwn(place, token))
        throw new Error(`${path}: there is no ${token}`);
      place = (place as Readonly<Record<string, unknown>>)[token];
    }
    if (typeof place !== 'object' || place === null || (Array.isArray(place) && !/^(?:\d+|-)$/.test(last)))
      throw new Error(`${path}: nothing can be added there`);
    Object.defineProperty(place, last, { value, enumerable: true, configurable: true, writable: true });
  }
}
