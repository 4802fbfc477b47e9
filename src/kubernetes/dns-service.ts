import { listAt, own, textAt } from './raw-object.ts';

/**
 * The Services through which a cluster answers DNS, by namespace and name, in the order in which
 * they are looked for: those of kubeadm and its followers, of RKE2, and of OpenShift.
 */
export const dnsServiceNames = [
  ['kube-system', 'kube-dns'],
  ['kube-system', 'rke2-coredns-rke2-coredns'],
  ['openshift-dns', 'dns-default'],
] as const;

/** The port of DNS (RFC 1035 4.2), at which a Service of DNS is asked. */
const dnsPort = 53;

/**
 * Returns the ports on which the Pods behind a Service of DNS listen, each once. NetworkPolicies
 * judge these and not those of the Service. A `targetPort` is a number, the Service's own port if
 * it is missing, or the name of a container's port (core/v1 ServicePort), whose number is that of
 * the EndpointSlices' port with the name of the Service's port (discovery.k8s.io/v1).
 */
export function dnsPodPorts(service: unknown, slices: readonly unknown[]): readonly number[] {
  const numbers = listAt(service, 'spec', 'ports')
    .filter((port) => own(port, 'port') === dnsPort)
    .flatMap((port): readonly unknown[] => {
      const target = own(port, 'targetPort') ?? dnsPort;
      if (typeof target === 'number') return [target];
      const [name, protocol] = [textAt(port, 'name') ?? '', textAt(port, 'protocol') ?? 'TCP'];
      return slices
        .flatMap((slice) => listAt(slice, 'ports'))
        .filter((one) => (textAt(one, 'name') ?? '') === name && (textAt(one, 'protocol') ?? 'TCP') === protocol)
        .map((one) => own(one, 'port'));
    });
  return [...new Set(numbers.filter((port) => typeof port === 'number'))];
}

/** Whether a Service of DNS has a port with a name for the Pods' port. */
export function hasNamedDnsPort(service: unknown): boolean {
  return listAt(service, 'spec', 'ports').some(
    (port) => own(port, 'port') === dnsPort && typeof own(port, 'targetPort') === 'string',
  );
}
