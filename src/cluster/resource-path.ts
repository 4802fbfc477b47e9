import { ApiError } from './api-error.ts';

/**
 * Where a resource is served: the prefix of the API (`/api/v1`, `/apis/networking.k8s.io/v1`) and
 * the plural name.
 */
export interface ResourceLocation {
  readonly api: string;
  readonly resource: string;
  readonly namespace?: string;
  /** Undefined means the collection. */
  readonly name?: string;
}

/**
 * The path of an object or a collection. Throws an ApiError (400 BadRequest) for a name that cannot
 * be a path segment: an empty name would turn a GET of one object into a LIST, and `..` would read
 * another object.
 */
export function resourcePath({ api, resource, namespace, name }: ResourceLocation): string {
  const parent = namespace === undefined ? api : `${api}/namespaces/${segment(namespace)}`;
  return name === undefined ? `${parent}/${resource}` : `${parent}/${resource}/${segment(name)}`;
}

// Refuses the names that k8s.io/apimachinery IsValidPathSegmentName refuses ('.', '..', '/', '%'),
// and the empty name.
function segment(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/%]/u.test(name))
    throw new ApiError(`${JSON.stringify(name.slice(0, 63))} is not a name`, { code: 400, reason: 'BadRequest' });
  return encodeURIComponent(name);
}
