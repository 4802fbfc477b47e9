import type { Labels } from '../kubernetes/labels.ts';
import { listAt, own, recordOf, textAt } from '../kubernetes/raw-object.ts';
import { type Address, readAddress } from './address.ts';
import type { Protocol } from './rules.ts';

/** A core/v1 Service, as far as it says which pods answer it and on which ports. */
export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  /** The DNS name that an ExternalName stands for. */
  readonly externalName: string | undefined;
  /** Whether it has no address of its own, so that callers use those of its pods. */
  readonly isHeadless: boolean;
  /** Its own addresses: `spec.clusterIPs`. */
  readonly addresses: readonly Address[];
  /** Undefined if it has none: then its EndpointSlices say who answers. */
  readonly selector: Labels | undefined;
  readonly ports: readonly ServicePort[];
  /** What its EndpointSlices say, if it has no selector. */
  readonly endpoints: readonly ServiceEndpoint[];
}

/** A port of a Service (core/v1 ServicePort), and the port of the pods behind it. */
export interface ServicePort {
  /** Empty if it has none. */
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** A number, or the name of a container port, which each pod resolves. The default is `port`. */
  readonly target: number | string;
}

/** An endpoint of a discovery.k8s.io/v1 EndpointSlice. */
export interface ServiceEndpoint {
  readonly address: Address;
  /** The pod that has the address, as `namespace/name`. Undefined if it is no pod. */
  readonly pod: string | undefined;
  readonly ports: readonly { readonly name: string; readonly protocol: Protocol; readonly port: number }[];
}

/** Takes Services and EndpointSlices in any order. */
export interface ServiceTaker {
  /**
   * Returns the Service that an object is, `slice` for an EndpointSlice, and undefined for another
   * object. Values of another type count as absent.
   */
  add(object: unknown): Service | 'slice' | undefined;
  /** By `namespace/name`. */
  take(): ReadonlyMap<string, Service>;
}

export function createServices(): ServiceTaker {
  const services = new Map<string, Service>();
  const endpoints = new Map<string, ServiceEndpoint[]>();
  return {
    add(object) {
      const type = `${textAt(object, 'apiVersion') ?? ''} ${textAt(object, 'kind') ?? ''}`;
      const namespace = textAt(object, 'metadata', 'namespace') ?? 'default';
      if (type === 'v1 Service') {
        const service = readService(object, namespace);
        services.set(`${namespace}/${service.name}`, service);
        return service;
      }
      if (type !== 'discovery.k8s.io/v1 EndpointSlice') return undefined;
      // The label is the only link from a slice to its Service (discovery/v1 LabelServiceName).
      const name = `${namespace}/${textAt(object, 'metadata', 'labels', 'kubernetes.io/service-name') ?? ''}`;
      // A selector says who answers. Slices that come after their Service are not kept.
      if (services.get(name)?.selector !== undefined) return 'slice';
      const known = endpoints.get(name) ?? [];
      for (const endpoint of readEndpoints(object, namespace)) known.push(endpoint);
      endpoints.set(name, known);
      return 'slice';
    },
    take: () =>
      new Map(
        [...services].map(([name, service]) => [
          name,
          service.selector === undefined ? { ...service, endpoints: endpoints.get(name) ?? [] } : service,
        ]),
      ),
  };
}

/** The DNS of a Service without an address of its own leads to its pods (core/v1 ClusterIPNone). */
const headless = 'None';

/** Reads a core/v1 Service in wire form. Values of another type count as absent. Never throws. */
export function readService(object: unknown, namespace: string): Service {
  const spec = own(object, 'spec');
  const plural = listAt(spec, 'clusterIPs');
  const addresses = plural.length > 0 ? plural : [own(spec, 'clusterIP')];
  const type = textAt(spec, 'type') ?? 'ClusterIP';
  const selector = Object.entries(recordOf(own(spec, 'selector'))).map(([key, value]) => [key, String(value)] as const);
  return {
    namespace,
    name: textAt(object, 'metadata', 'name') ?? '',
    type,
    externalName: textAt(spec, 'externalName'),
    isHeadless: addresses.includes(headless),
    addresses: addresses.flatMap((text) => (typeof text === 'string' ? (readAddress(text) ?? []) : [])),
    selector: selector.length === 0 || type === 'ExternalName' ? undefined : new Map(selector),
    ports: listAt(spec, 'ports').flatMap(readServicePort),
    endpoints: [],
  };
}

/** Whether a Service with a selector selects a pod of its namespace with these labels. */
export function isBehind({ selector }: Pick<Service, 'selector'>, labels: Labels): boolean {
  return selector !== undefined && [...selector].every(([key, value]) => labels.get(key) === value);
}

/** The port of a pod behind a Service's port. Undefined if the pod has no port of that name. */
export function podPort(
  { target, protocol }: Pick<ServicePort, 'target' | 'protocol'>,
  pod: { readonly ports: readonly { readonly name: string; readonly protocol: string; readonly port: number }[] },
): number | undefined {
  if (typeof target === 'number') return target;
  return pod.ports.find((one) => one.name === target && one.protocol === protocol)?.port;
}

function readServicePort(entry: unknown): readonly ServicePort[] {
  const port = own(entry, 'port');
  const protocol = textAt(entry, 'protocol') ?? 'TCP';
  if (typeof port !== 'number' || !isProtocol(protocol)) return [];
  const target = own(entry, 'targetPort');
  const isTarget = (typeof target === 'number' && target !== 0) || (typeof target === 'string' && target !== '');
  return [{ name: textAt(entry, 'name') ?? '', protocol, port, target: isTarget ? target : port }];
}

function readEndpoints(object: unknown, namespace: string): readonly ServiceEndpoint[] {
  const ports = listAt(object, 'ports').flatMap((entry) => {
    const port = own(entry, 'port');
    const protocol = textAt(entry, 'protocol') ?? 'TCP';
    if (typeof port !== 'number' || !isProtocol(protocol)) return [];
    return [{ name: textAt(entry, 'name') ?? '', protocol, port }];
  });
  return listAt(object, 'endpoints').flatMap((entry) => {
    const target = textAt(entry, 'targetRef', 'kind') === 'Pod' ? textAt(entry, 'targetRef', 'name') : undefined;
    return listAt(entry, 'addresses').flatMap((text): ServiceEndpoint[] => {
      const address = typeof text === 'string' ? readAddress(text) : undefined;
      if (address === undefined) return [];
      return [{ address, pod: target === undefined ? undefined : `${namespace}/${target}`, ports }];
    });
  });
}

function isProtocol(text: string): text is Protocol {
  return text === 'TCP' || text === 'UDP' || text === 'SCTP';
}
