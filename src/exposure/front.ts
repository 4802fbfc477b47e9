import { gatewayGroup, routeKinds } from '../kubernetes/exposing-kinds.ts';
import { groupVersionOf } from '../kubernetes/kinds.ts';
import { listAt, own, textAt, valueAt } from '../kubernetes/raw-object.ts';

/**
 * An object that tells a controller to pass requests from outside on to Services: an Ingress, a
 * route of the Gateway API, or a Route of OpenShift.
 */
export interface Front {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly backends: readonly Backend[];
  /** The parents of a route of the Gateway API; undefined for the other kinds, which need none. */
  readonly parents: readonly Parent[] | undefined;
}

/** A Service to which a front passes requests on. */
export interface Backend {
  /** The field's path, for example `spec.rules[0].http.paths[0].backend`. */
  readonly field: string;
  readonly namespace: string;
  readonly service: string;
  /** The port of the Service, by name or number; undefined means all its ports. */
  readonly port: string | number | undefined;
  /** OpenShift's Route names the port of the Pods instead. */
  readonly isTargetPort?: true;
}

/** What a route attaches to (gateway.networking.k8s.io ParentReference). */
export interface Parent {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** The name of the listener; undefined for every listener. */
  readonly section: string | undefined;
}

/** Reads a front in wire form; undefined for any other object. Never throws. */
export function readFront(object: unknown, namespace: string): Front | undefined {
  const { group } = groupVersionOf(textAt(object, 'apiVersion') ?? '');
  const kind = textAt(object, 'kind') ?? '';
  const names = { group, kind, namespace, name: textAt(object, 'metadata', 'name') ?? '' };
  // `extensions` served Ingress before Kubernetes 1.22.
  if (kind === 'Ingress' && (group === 'networking.k8s.io' || group === 'extensions'))
    return { ...names, backends: ingressBackends(object, namespace), parents: undefined };
  if (kind === 'Route' && group === 'route.openshift.io')
    return { ...names, backends: openShiftBackends(object, namespace), parents: undefined };
  if (group === gatewayGroup && routeKinds.some((one) => one === kind))
    return { ...names, backends: routeBackends(object, namespace), parents: parentsOf(object, namespace) };
  return undefined;
}

/** networking.k8s.io/v1 Ingress, and v1beta1, which had `serviceName` and `servicePort`. */
function ingressBackends(object: unknown, namespace: string): readonly Backend[] {
  const read = (backend: unknown, field: string): readonly Backend[] => {
    const service = textAt(backend, 'service', 'name') ?? textAt(backend, 'serviceName');
    if (service === undefined) return [];
    const port =
      valueAt(backend, 'service', 'port', 'name') ??
      valueAt(backend, 'service', 'port', 'number') ??
      own(backend, 'servicePort');
    return [{ field, namespace, service, port: portOf(port) }];
  };
  const spec = own(object, 'spec');
  const initial = own(spec, 'defaultBackend') === undefined ? 'backend' : 'defaultBackend';
  return [
    ...read(own(spec, initial), `spec.${initial}`),
    ...listAt(spec, 'rules').flatMap((rule, at) =>
      listAt(rule, 'http', 'paths').flatMap((path, index) =>
        read(own(path, 'backend'), `spec.rules[${at}].http.paths[${index}].backend`),
      ),
    ),
  ];
}

/** route.openshift.io/v1: `to`, and `alternateBackends` for a part of the requests. */
function openShiftBackends(object: unknown, namespace: string): readonly Backend[] {
  const spec = own(object, 'spec');
  const port = portOf(valueAt(spec, 'port', 'targetPort'));
  const entries = [
    [own(spec, 'to'), 'spec.to'] as const,
    ...listAt(spec, 'alternateBackends').map((entry, at) => [entry, `spec.alternateBackends[${at}]`] as const),
  ];
  return entries.flatMap(([entry, field]) => {
    const service = textAt(entry, 'name');
    if (service === undefined || (textAt(entry, 'kind') ?? 'Service') !== 'Service' || own(entry, 'weight') === 0)
      return [];
    return [{ field, namespace, service, port, isTargetPort: true as const }];
  });
}

/** The backends of a route, and those to which a filter sends a copy of each request. */
function routeBackends(object: unknown, namespace: string): readonly Backend[] {
  return listAt(object, 'spec', 'rules').flatMap((rule, at) => {
    const field = `spec.rules[${at}]`;
    const backends = listAt(rule, 'backendRefs').flatMap((entry, index) => [
      ...backendOf(entry, `${field}.backendRefs[${index}]`, namespace),
      ...mirrorsOf(entry, `${field}.backendRefs[${index}]`, namespace),
    ]);
    return [...backends, ...mirrorsOf(rule, field, namespace)];
  });
}

function mirrorsOf(holder: unknown, field: string, namespace: string): readonly Backend[] {
  return listAt(holder, 'filters').flatMap((filter, at) =>
    backendOf(
      valueAt(filter, 'requestMirror', 'backendRef'),
      `${field}.filters[${at}].requestMirror.backendRef`,
      namespace,
    ),
  );
}

function backendOf(entry: unknown, field: string, home: string): readonly Backend[] {
  const service = textAt(entry, 'name');
  const isService = (textAt(entry, 'group') ?? '') === '' && (textAt(entry, 'kind') ?? 'Service') === 'Service';
  // A weight of 0 sends no request there.
  if (service === undefined || !isService || own(entry, 'weight') === 0) return [];
  return [{ field, namespace: textAt(entry, 'namespace') ?? home, service, port: portOf(own(entry, 'port')) }];
}

function parentsOf(object: unknown, home: string): readonly Parent[] {
  return listAt(object, 'spec', 'parentRefs').flatMap((entry) => {
    const name = textAt(entry, 'name');
    if (name === undefined) return [];
    const group = own(entry, 'group');
    return [
      {
        // Here the empty text is the core group, and no default.
        group: typeof group === 'string' ? group : gatewayGroup,
        kind: textAt(entry, 'kind') ?? 'Gateway',
        namespace: textAt(entry, 'namespace') ?? home,
        name,
        section: textAt(entry, 'sectionName'),
      },
    ];
  });
}

function portOf(value: unknown): string | number | undefined {
  return (typeof value === 'string' && value !== '') || typeof value === 'number' ? value : undefined;
}
