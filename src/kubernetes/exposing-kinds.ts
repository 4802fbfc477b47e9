/** A kind whose objects can let the outside in, and how the API server serves it. */
export interface ExposingKind {
  readonly kind: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
}

/** The group of the Gateway API, and its routes. */
export const gatewayGroup = 'gateway.networking.k8s.io';
export const routeKinds = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'] as const;

/** Services, and the kinds that tell a controller to pass requests on to Services. */
export const exposingKinds: readonly ExposingKind[] = [
  { kind: 'Service', group: '', resource: 'services' },
  { kind: 'Ingress', group: 'networking.k8s.io', resource: 'ingresses' },
  { kind: 'Route', group: 'route.openshift.io', resource: 'routes' },
  ...routeKinds.map((kind) => ({ kind, group: gatewayGroup, resource: `${kind.toLowerCase()}s` })),
];

/** The kind of a request, by its group and resource, in any version. */
export function exposingKindOf({
  group = '',
  resource,
}: {
  readonly group?: string;
  readonly resource: string;
}): ExposingKind | undefined {
  return exposingKinds.find((one) => one.group === group && one.resource === resource);
}
