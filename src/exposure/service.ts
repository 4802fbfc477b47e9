import type { Labels } from '../kubernetes/labels.ts';
import { isObject, listAt, own, recordOf, textAt, valueAt } from '../kubernetes/raw-object.ts';
import { isCovered, readCidr } from '../network/address.ts';
import { privateNetworks } from '../network/blocks.ts';

/** A port of a Service (core/v1 ServicePort), and the port of the Pods behind it. */
export interface ServicePort {
  /** Empty if it has none. */
  readonly name: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly port: number;
  /** A number, or the name of a container port. The default is `port`. */
  readonly target: number | string;
}

/** A core/v1 Service. */
export interface Service {
  readonly namespace: string;
  readonly name: string;
  /** Undefined if it has none: then somebody else chooses its endpoints. */
  readonly selector: Labels | undefined;
  readonly ports: readonly ServicePort[];
  /** How it lets the outside in by itself; undefined if it does not. */
  readonly entrance: Entrance | undefined;
}

/** What makes a Service reachable from outside (`LoadBalancer`), and the field that says so. */
export interface Entrance {
  readonly field: string;
  readonly text: string;
}

/** Reads a core/v1 Service in wire form. Values of another type count as absent. Never throws. */
export function readService(object: unknown, namespace: string): Service {
  const spec = own(object, 'spec');
  const isExternalName = textAt(spec, 'type') === 'ExternalName';
  const selector = Object.entries(recordOf(own(spec, 'selector'))).map(([key, value]) => [key, String(value)] as const);
  return {
    namespace,
    name: textAt(object, 'metadata', 'name') ?? '',
    selector: selector.length === 0 || isExternalName ? undefined : new Map(selector),
    ports: listAt(spec, 'ports').flatMap(readPort),
    entrance: readEntrance(object),
  };
}

function readPort(entry: unknown): readonly ServicePort[] {
  const port = own(entry, 'port');
  const protocol = textAt(entry, 'protocol') ?? 'TCP';
  if (typeof port !== 'number' || (protocol !== 'TCP' && protocol !== 'UDP' && protocol !== 'SCTP')) return [];
  const target = own(entry, 'targetPort');
  const isTarget = (typeof target === 'number' && target !== 0) || (typeof target === 'string' && target !== '');
  return [{ name: textAt(entry, 'name') ?? '', protocol, port, target: isTarget ? target : port }];
}

function readEntrance(object: unknown): Entrance | undefined {
  const type = textAt(object, 'spec', 'type');
  if (type === 'NodePort' || (type === 'LoadBalancer' && !isInternal(object)))
    return { field: 'spec.type', text: type };
  const addresses = listAt(object, 'spec', 'externalIPs');
  return addresses.length === 0 ? undefined : { field: 'spec.externalIPs', text: 'externalIPs' };
}

/**
 * Whether a load balancer has a private address, or lets in private addresses only. Kubernetes has
 * no field for the first; each cloud reads its own annotation.
 */
function isInternal(object: unknown): boolean {
  const sources = listAt(object, 'spec', 'loadBalancerSourceRanges').map((text) => readCidr(String(text)));
  if (sources.length > 0 && sources.every((range) => range !== undefined && isCovered([range], privateNetworks)))
    return true;
  const annotations = valueAt(object, 'metadata', 'annotations');
  return isObject(annotations) && internalAnnotations.some(([key, value]) => value.test(String(own(annotations, key))));
}

/** The annotations of the clouds' controllers that ask for a private address. */
const internalAnnotations = [
  ['service.beta.kubernetes.io/aws-load-balancer-internal', /^(?:true|0\.0\.0\.0\/0)$/],
  ['service.beta.kubernetes.io/aws-load-balancer-scheme', /^internal$/],
  ['service.beta.kubernetes.io/azure-load-balancer-internal', /^true$/],
  ['networking.gke.io/load-balancer-type', /^Internal$/i],
  ['cloud.google.com/load-balancer-type', /^Internal$/i],
  ['service.beta.kubernetes.io/oci-load-balancer-internal', /^true$/],
  ['service.beta.kubernetes.io/openstack-internal-load-balancer', /^true$/],
  ['service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type', /^intranet$/],
  ['service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type', /^private$/],
] as const;
