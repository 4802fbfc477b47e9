// The calls of the API in terms of RBAC (Kubernetes, "Authorization: request verbs").
import type { CallOptions, Method } from '../../src/cluster/connection.ts';

/** A name that RBAC does not know. A call with it needs the right for every name. */
export const any = 'any';

/** Returns the rights that a call needs, as `VERB GROUP/RESOURCE=NAME`. */
export function rightsFor(method: Method, path: string, options: CallOptions): string[] {
  const place = placeOf(path);
  const isCollection = partsOf(path).name === undefined;
  switch (method) {
    case 'GET':
      return [`${isCollection ? 'list' : 'get'} ${place}`];
    case 'POST':
      return [`create ${place}`];
    case 'PUT':
      return [`update ${place}`];
    case 'PATCH':
      // An apply creates the object if it does not exist.
      return options.contentType === 'application/apply-patch+yaml'
        ? [`patch ${place}`, `create ${place}`]
        : [`patch ${place}`];
    case 'DELETE':
      return [`delete ${place}`];
  }
}

/** Returns `GROUP/RESOURCE=NAME`, without the core group, and without the name if it may be any. */
export function placeOf(path: string): string {
  const { group, resource, name } = partsOf(path);
  return `${group === undefined ? '' : `${group}/`}${resource}${name === undefined || name === any ? '' : `=${name}`}`;
}

function partsOf(path: string): { readonly group?: string; readonly resource?: string; readonly name?: string } {
  const prefix = /^\/(?:api|apis\/(?<group>[^/]+))\/v\d\w*(?:\/namespaces\/[^/]+(?=\/))?/;
  const rest = /\/(?<resource>[^/]+)(?:\/(?<name>[^/]+))?$/;
  return new RegExp(prefix.source + rest.source).exec(path)?.groups ?? {};
}
