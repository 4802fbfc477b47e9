import { gatewayGroup } from '../kubernetes/exposing-kinds.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { isObject, listAt, own, textAt, valueAt } from '../kubernetes/raw-object.ts';
import { Reader } from '../network/reader.ts';
import { selects } from '../network/selector.ts';
import type { Backend, Front, Parent } from './front.ts';

/** A gateway.networking.k8s.io Gateway: which namespaces may attach routes to its listeners. */
export interface Gateway {
  readonly namespace: string;
  readonly name: string;
  readonly listeners: readonly { readonly name: string; readonly allowed: unknown }[];
}

/** A ReferenceGrant: whose routes may name Services of its namespace. */
export interface Grant {
  readonly namespace: string;
  readonly from: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[];
  /** The names of the Services; undefined for all of them. */
  readonly services: readonly (string | undefined)[];
}

export function readGateway(object: unknown, namespace: string): Gateway {
  return {
    namespace,
    name: textAt(object, 'metadata', 'name') ?? '',
    listeners: listAt(object, 'spec', 'listeners').map((listener) => ({
      name: textAt(listener, 'name') ?? '',
      allowed: valueAt(listener, 'allowedRoutes', 'namespaces'),
    })),
  };
}

export function readGrant(object: unknown, namespace: string): Grant {
  return {
    namespace,
    from: listAt(object, 'spec', 'from').map((entry) => ({
      group: textAt(entry, 'group') ?? '',
      kind: textAt(entry, 'kind') ?? '',
      namespace: textAt(entry, 'namespace') ?? '',
    })),
    services: listAt(object, 'spec', 'to')
      .filter((entry) => (textAt(entry, 'group') ?? '') === '' && textAt(entry, 'kind') === 'Service')
      .map((entry) => textAt(entry, 'name')),
  };
}

/** What is known besides a route, to decide whether requests reach its backends. */
export interface Circumstances {
  readonly gateways: ReadonlyMap<string, Gateway>;
  readonly grants: readonly Grant[];
  readonly namespaceLabels: (name: string) => Labels | undefined;
}

/**
 * Whether a front gets requests from outside. A route of the Gateway API needs a Gateway that lets
 * its namespace attach. A Service as parent means requests inside the cluster (a mesh). A Gateway,
 * or the labels of a namespace, that nobody knows count as letting it.
 */
export function isAttached({ parents, namespace }: Front, circumstances: Circumstances): boolean {
  return parents === undefined || parents.some((parent) => attaches(parent, namespace, circumstances));
}

function attaches(parent: Parent, from: string, { gateways, namespaceLabels }: Circumstances): boolean {
  if (parent.group !== gatewayGroup) return parent.group !== '';
  const gateway = parent.kind === 'Gateway' ? gateways.get(`${parent.namespace}/${parent.name}`) : undefined;
  if (gateway === undefined) return true;
  return gateway.listeners.some(
    ({ name, allowed }) =>
      (parent.section === undefined || parent.section === name) &&
      isAllowed(allowed, from, parent.namespace, namespaceLabels),
  );
}

/** gateway.networking.k8s.io RouteNamespaces: the default is the Gateway's own namespace. */
function isAllowed(allowed: unknown, from: string, home: string, labelsOf: Circumstances['namespaceLabels']): boolean {
  switch (textAt(allowed, 'from') ?? 'Same') {
    case 'All':
      return true;
    case 'Same':
      return from === home;
    case 'Selector': {
      const labels = labelsOf(from);
      const raw = own(allowed, 'selector');
      if (labels === undefined || !isObject(raw)) return true;
      const reader = new Reader(selectorEntries);
      const selector = reader.selector(raw, 'selector');
      return selector === undefined || reader.problems.length > 0 || selects(selector, labels);
    }
    default:
      return false;
  }
}

/** Whether a route may name a Service of another namespace: a ReferenceGrant there says so. */
export function isGranted(front: Front, backend: Backend, grants: readonly Grant[]): boolean {
  if (front.parents === undefined || backend.namespace === front.namespace) return true;
  return grants.some(
    ({ namespace, from, services }) =>
      namespace === backend.namespace &&
      from.some((one) => one.group === front.group && one.kind === front.kind && one.namespace === front.namespace) &&
      services.some((name) => name === undefined || name === backend.service),
  );
}

/** Far more than anybody writes. */
const selectorEntries = 1_000;
