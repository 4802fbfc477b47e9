import { isObject, own } from '../kubernetes/raw-object.ts';
import type { Path } from './document.ts';

/** An object of a document, and its path in the document. */
export interface Member {
  readonly object: unknown;
  readonly path: Path;
}

/**
 * The objects of a document: the document itself, or the members of a v1 `List` or of a typed list
 * (`PodList`, whose members the API server sends without kind and apiVersion). `wrong` is called
 * for each member that is not an object.
 */
export function flattenLists(object: unknown, wrong: (path: Path, message: string) => void, path: Path = []): Member[] {
  const items = own(object, 'items');
  const type = memberType(object, items);
  if (type === undefined) return [{ object, path }];
  if (items === undefined || items === null) return [];
  if (!Array.isArray(items)) {
    wrong([...path, 'items'], 'the items of a List must be a list');
    return [];
  }
  return items.flatMap((item: unknown, index): Member[] => {
    const at = [...path, 'items', index];
    if (!isObject(item)) {
      wrong(at, 'a member of the List is not an object');
      return [];
    }
    // Nobody nests Lists this deep, and such nesting must not exhaust the stack.
    if (at.length > depthLimit) {
      wrong(at, 'Lists nested too deep to read');
      return [];
    }
    return flattenLists({ ...type, ...item }, wrong, at);
  });
}

/** Each List around an object adds two steps (`items` and the index). */
const depthLimit = 20;

/** The default kind and apiVersion of a list's members. Undefined if the object is not a list. */
function memberType(object: unknown, items: unknown): Readonly<Record<string, unknown>> | undefined {
  const kind = own(object, 'kind');
  if (kind === 'List') return {};
  if (typeof kind !== 'string' || !kind.endsWith('List')) return undefined;
  // A custom resource may be called AllowList and have its own items.
  if (!Array.isArray(items) || !items.every(isObject)) return undefined;
  return { apiVersion: own(object, 'apiVersion'), kind: kind.slice(0, -'List'.length) };
}
