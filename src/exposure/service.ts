import { isObject, listAt, own, textAt, valueAt } from '../kubernetes/raw-object.ts';
import { isCovered, readCidr } from '../network/address.ts';
import { privateNetworks } from '../network/blocks.ts';
import { type Service as NetworkService, readService as readNetworkService } from '../network/service.ts';

/** A core/v1 Service, and how it lets the outside in. */
export interface Service extends NetworkService {
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
  return { ...readNetworkService(object, namespace), entrance: readEntrance(object) };
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
  return isObject(annotations) && internalAddresses.some(([key, value]) => value.test(String(own(annotations, key))));
}

/** The annotations of the clouds' controllers that ask for a private address. */
const internalAddresses = [
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

/** Their keys. A change of one can let the outside in. */
export const internalAnnotations: readonly string[] = internalAddresses.map(([key]) => key);
