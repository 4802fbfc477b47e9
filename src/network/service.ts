import { listAt, textAt, valueAt } from '../kubernetes/raw-object.ts';
import { type Address, readAddress } from './address.ts';
import type { Protocol } from './rules.ts';
import type { Selector } from './selector.ts';

/** A core/v1 Service, as far as it says which pods answer it and on which ports. */
export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  /** The DNS name that an ExternalName stands for. */
  readonly externalName: string | undefined;
  /** Whether it has no address of its own, so that callers use the addresses and ports of its pods. */
  readonly isHeadless: boolean;
  /** Its own addresses: `spec.clusterIPs`. */
  readonly addresses: readonly Address[];
  /** Undefined if it selects no pods. Then its EndpointSlices say who answers. */
  readonly selector: Selector | undefined;
  readonly ports: readonly ServicePort[];
  /** What its EndpointSlices say, if it has no selector. */
  readonly endpoints: readonly ServiceEndpoint[];
}

export interface ServicePort {
  /** Empty if the port has no name. */
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** A number, or the name of a container's port, which each pod resolves. */
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
  /** Returns whether the object is one of them. A field of another form than its own is left out. */
  add(object: unknown): boolean;
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
        const service = readService(object, namespace, textAt(object, 'metadata', 'name') ?? '');
        services.set(`${namespace}/${service.name}`, service);
        return true;
      }
      if (type !== 'discovery.k8s.io/v1 EndpointSlice') return false;
      // The label is the only link from a slice to its Service (discovery/v1 LabelServiceName).
      const name = `${namespace}/${textAt(object, 'metadata', 'labels', 'kubernetes.io/service-name') ?? ''}`;
      const known = endpoints.get(name) ?? [];
      for (const endpoint of readEndpoints(object, namespace)) known.push(endpoint);
      endpoints.set(name, known);
      return true;
    },
    take: () =>
      new Map([...services].map(([name, service]) => [name, { ...service, endpoints: endpoints.get(name) ?? [] }])),
  };
}

/** The DNS of a Service without an address of its own leads to its pods (core/v1 ClusterIPNone). */
const headless = 'None';

function readService(object: unknown, namespace: string, name: string): Service {
  const single = textAt(object, 'spec', 'clusterIP');
  const plural = listAt(object, 'spec', 'clusterIPs');
  const addresses = plural.length > 0 ? plural : [single];
  const selector = Object.entries(valueAt(object, 'spec', 'selector') ?? {});
  return {
    namespace,
    name,
    type: textAt(object, 'spec', 'type') ?? 'ClusterIP',
    externalName: textAt(object, 'spec', 'externalName'),
    isHeadless: addresses.includes(headless),
    addresses: addresses.flatMap((text) => (typeof text === 'string' ? (readAddress(text) ?? []) : [])),
    selector:
      selector.length === 0
        ? undefined
        : {
            requirements: selector.map(([key, value]) => ({ key, operator: 'In', values: new Set([String(value)]) })),
          },
    ports: listAt(object, 'spec', 'ports').flatMap((entry) => {
      const port = valueAt(entry, 'port');
      const protocol = textAt(entry, 'protocol') ?? 'TCP';
      if (typeof port !== 'number' || !isProtocol(protocol)) return [];
      const target = valueAt(entry, 'targetPort');
      return [
        {
          name: textAt(entry, 'name') ?? '',
          protocol,
          port,
          // A missing targetPort is the port itself (core/v1 ServicePort).
          target: typeof target === 'number' || typeof target === 'string' ? target : port,
        },
      ];
    }),
    endpoints: [],
  };
}

function readEndpoints(object: unknown, namespace: string): readonly ServiceEndpoint[] {
  const ports = listAt(object, 'ports').flatMap((entry) => {
    const port = valueAt(entry, 'port');
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
