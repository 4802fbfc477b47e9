import { gatewayGroup } from '../kubernetes/exposing-kinds.ts';
import { groupVersionOf } from '../kubernetes/kinds.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { textAt } from '../kubernetes/raw-object.ts';
import { isBehind, type ServicePort } from '../network/service.ts';
import { type Backend, type Front, readFront } from './front.ts';
import { type Gateway, type Grant, isAttached, isGranted, readGateway, readGrant } from './gateway.ts';
import { readService, type Service } from './service.ts';

/** One object that lets the outside in, and everything that it leads to. */
export interface Exposure {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /**
   * Whether traffic comes from the outside itself, to the address of a Service, or from the Pods of
   * a controller (an ingress controller, a gateway).
   */
  readonly by: 'address' | 'controller';
  readonly leads: readonly Lead[];
}

/** One way from an exposure to the Pods of a Service. */
export interface Lead {
  /** The field of the exposure: `spec.type`, `spec.rules[0].http.paths[0].backend`. */
  readonly field: string;
  /** How the outside gets in here: `LoadBalancer`, `Service web, port http`. */
  readonly text: string;
  readonly service: Service | undefined;
  /** The ports that it leads to; empty if it leads nowhere. */
  readonly ports: readonly ServicePort[];
  /** Why it leads to no Pod that is known, in a clause; undefined if it leads to some. */
  readonly nowhere: string | undefined;
}

/** Takes objects one by one, in any order. The first of two objects with one name counts. */
export interface ExposureTaker {
  /** Whether the object matters for exposure. `namespace` is that of the object. */
  add(object: unknown, namespace: string): boolean;
  take(namespaceLabels: (name: string) => Labels | undefined): Exposures;
}

export interface Exposures {
  /** Every exposure: Services first, each in the order in which they were added. */
  readonly all: readonly Exposure[];
  /** Returns the exposure that an object is; undefined if it lets nobody in. */
  of(object: unknown, namespace: string): Exposure | undefined;
}

export function createExposures(): ExposureTaker {
  const services = new Map<string, Service>();
  const fronts = new Map<string, Front>();
  const gateways = new Map<string, Gateway>();
  const grants: Grant[] = [];

  return {
    add(object, namespace) {
      const { group } = groupVersionOf(textAt(object, 'apiVersion') ?? '');
      const kind = textAt(object, 'kind') ?? '';
      if (isService(object)) keep(services, readService(object, namespace));
      else if (group === gatewayGroup && kind === 'Gateway') keep(gateways, readGateway(object, namespace));
      else if (group === gatewayGroup && kind === 'ReferenceGrant') grants.push(readGrant(object, namespace));
      else {
        const front = readFront(object, namespace);
        if (front === undefined) return false;
        keep(fronts, front, `${front.group} ${front.kind} `);
      }
      return true;
    },
    take(namespaceLabels) {
      const circumstances = { gateways, grants, namespaceLabels };

      function exposureOfFront(front: Front): Exposure | undefined {
        if (front.backends.length === 0 || !isAttached(front, circumstances)) return undefined;
        const { kind, namespace, name } = front;
        const leads = front.backends.map((backend) => leadOf(front, backend, services, grants));
        return { kind, namespace, name, by: 'controller', leads };
      }

      return {
        all: [
          ...[...services.values()].flatMap((service) => exposureOfService(service) ?? []),
          ...[...fronts.values()].flatMap((front) => exposureOfFront(front) ?? []),
        ],
        of(object, namespace) {
          if (isService(object)) return exposureOfService(readService(object, namespace));
          const front = readFront(object, namespace);
          return front === undefined ? undefined : exposureOfFront(front);
        },
      };
    },
  };
}

function isService(object: unknown): boolean {
  return textAt(object, 'kind') === 'Service' && groupVersionOf(textAt(object, 'apiVersion') ?? '').group === '';
}

function keep<T extends { readonly namespace: string; readonly name: string }>(
  map: Map<string, T>,
  one: T,
  prefix = '',
): void {
  const key = `${prefix}${one.namespace}/${one.name}`;
  if (!map.has(key)) map.set(key, one);
}

function exposureOfService(service: Service): Exposure | undefined {
  const { entrance, namespace, name, ports } = service;
  if (entrance === undefined) return undefined;
  const nowhere = service.selector === undefined ? noSelector : undefined;
  const leads = [{ ...entrance, service, ports: nowhere === undefined ? ports : [], nowhere }];
  return { kind: 'Service', namespace, name, by: 'address', leads };
}

const noSelector = 'it has no selector, so somebody else chooses its endpoints';

function leadOf(
  front: Front,
  backend: Backend,
  services: ReadonlyMap<string, Service>,
  grants: readonly Grant[],
): Lead {
  const { field, namespace, service: name, port } = backend;
  const where = namespace === front.namespace ? name : `${namespace}/${name}`;
  const text = `Service ${where}${port === undefined ? '' : `, port ${port}`}`;
  const service = services.get(`${namespace}/${name}`);
  const to = (ports: readonly ServicePort[], nowhere: string | undefined): Lead => ({
    field,
    text,
    service,
    ports,
    nowhere,
  });
  if (!isGranted(front, backend, grants)) return to([], `no ReferenceGrant in namespace ${namespace} allows it`);
  if (service === undefined) return to([], 'there is no such Service here');
  if (service.selector === undefined) return to([], noSelector);
  const ports = service.ports.filter((one) => isMeant(one, backend));
  return ports.length === 0 ? to([], 'the Service has no such port') : to(ports, undefined);
}

function isMeant(port: ServicePort, { port: wanted, isTargetPort }: Backend): boolean {
  if (wanted === undefined) return true;
  if (isTargetPort) return port.target === wanted || port.name === wanted;
  return typeof wanted === 'number' ? port.port === wanted : port.name === wanted;
}

/** The Pods that a lead ends at: those that the selector of its Service selects. */
export function podsBehind<P extends { readonly namespace: string; readonly labels: Labels }>(
  { service, nowhere }: Lead,
  podsOf: (namespace: string) => readonly P[],
): readonly P[] {
  if (service === undefined || nowhere !== undefined) return [];
  return podsOf(service.namespace).filter(({ labels }) => isBehind(service, labels));
}
