const rbac = '/apis/rbac.authorization.k8s.io/v1';
const admission = '/apis/admissionregistration.k8s.io/v1';

/** The paths of the objects that tests create. */
export const paths = {
  namespace: (name: string) => `/api/v1/namespaces/${name}`,
  policy: (namespace: string, name: string) =>
    `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/${name}`,
  clusterRole: (name: string) => `${rbac}/clusterroles/${name}`,
  clusterRoleBinding: (name: string) => `${rbac}/clusterrolebindings/${name}`,
  webhooks: (kind: 'validating' | 'mutating') => `${admission}/${kind}webhookconfigurations/ringfence`,
  admission: (resource: string, name: string) => `${admission}/${resource}/${name}`,
};

/** The parts of a path of the API. Namespace and name are empty if the path has none. */
export interface Address {
  /** `/api/v1`, or `/apis/GROUP/VERSION`. */
  readonly api: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  /** `NAMESPACE/NAME`, or the part of it that exists. */
  readonly key: string;
}

const pattern =
  /^(?<api>\/api\/v1|\/apis\/[^/]+\/v\d\w*)(?:\/namespaces\/(?<namespace>[^/]+)(?=\/))?\/(?<resource>[^/]+)(?:\/(?<name>[^/]+))?$/u;

/** Parses a path. Throws if it is not a path of the API. */
export function addressOf(path: string): Address {
  const groups = pattern.exec(path)?.groups;
  if (groups === undefined) throw new Error(`${path} is no path of the API`);
  const { api = '', resource = '', namespace = '', name = '' } = groups;
  const key = namespace === '' || name === '' ? `${namespace}${name}` : `${namespace}/${name}`;
  return { api, resource, namespace, name, key };
}
