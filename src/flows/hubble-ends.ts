import { own, stepInto, textAt } from '../kubernetes/raw-object.ts';
import { isMetadataAddress } from '../network/metadata-address.ts';
import { type CiliumLabels, createLabelReader } from './cilium-labels.ts';
import type { Intake, Line, MetEnd } from './intake.ts';
import { byText } from './order.ts';
import type { FlowEnd } from './record.ts';

/** What stands for an end in a line of Hubble. */
interface Endpoint {
  readonly identity: number;
  readonly labels: CiliumLabels;
  readonly namespace: string | undefined;
  readonly address: string | undefined;
  /** FQDNs that the DNS proxy has seen for the address. */
  readonly names: readonly string[];
  /** `destination_service`: the Service that owns the address. */
  readonly service: { readonly name: string; readonly namespace: string } | undefined;
}

/** One rule of what an endpoint is. The first that applies decides. */
interface EndRule {
  readonly id: string;
  /** The rule in words, for the documentation: what the line has, and what the end is. */
  readonly when: string;
  readonly is: string;
  readonly applies: (endpoint: Endpoint) => boolean;
  /** Undefined for a Pod. */
  readonly end: ((endpoint: Endpoint) => FlowEnd) | undefined;
}

const outside = ({ names, address }: Endpoint): FlowEnd => ({ kind: 'outside', names, address });
const unresolved = (why: string) => (): FlowEnd => ({ kind: 'unresolved', why });

/**
 * Reserved identities are numbers up to 11; 0 also stands for a field that a mask has dropped, and
 * numbers above 255 are given at run time: for these the labels decide (Cilium
 * pkg/identity/numericidentity.go).
 */
const isNumbered = ({ identity }: Endpoint): boolean => identity >= 1 && identity <= 11;
const is = (endpoint: Endpoint, identities: readonly number[], label: string): boolean =>
  isNumbered(endpoint) ? identities.includes(endpoint.identity) : endpoint.labels.reserved.has(label);

/** The scopes of identities that one node gives: bits 24 and above (pkg/identity/identity.go). */
const scopeOf = (identity: number): number => Math.floor(identity / 2 ** 24);
const isWorld = (endpoint: Endpoint): boolean =>
  isNumbered(endpoint)
    ? [2, 9, 10].includes(endpoint.identity)
    : endpoint.labels.hasCidr ||
      ['world', 'world-ipv4', 'world-ipv6'].some((name) => endpoint.labels.reserved.has(name)) ||
      scopeOf(endpoint.identity) === 1;

/** What an endpoint of Hubble is. The order matters. */
export const endRules: readonly EndRule[] = [
  {
    id: 'metadata-address',
    when: 'the address 169.254.169.254 or fd00:ec2::254',
    is: 'outside, with its address',
    applies: ({ address }) => address !== undefined && isMetadataAddress(address),
    end: outside,
  },
  {
    id: 'service-address',
    when: 'identity world or unknown, no Pod, and `destination_service`',
    is: 'the Service; the port is the Service’s',
    applies: (endpoint) =>
      endpoint.service !== undefined &&
      (isWorld(endpoint) || (!isNumbered(endpoint) && endpoint.namespace === undefined && !hasReserved(endpoint))),
    end: ({ service, address }) => ({
      kind: 'service',
      namespace: service?.namespace ?? '',
      name: service?.name ?? '',
      address,
    }),
  },
  {
    id: 'kube-apiserver',
    when: 'identity 7, or the label `reserved:kube-apiserver`',
    is: 'the API server, also if the label of its node stands beside it',
    applies: (endpoint) => is(endpoint, [7], 'kube-apiserver'),
    end: () => ({ kind: 'apiserver' }),
  },
  {
    id: 'ingress',
    when: 'identity 8, or the label `reserved:ingress`',
    is: 'Cilium’s ingress proxy',
    applies: (endpoint) => is(endpoint, [8], 'ingress'),
    end: () => ({ kind: 'ingress' }),
  },
  {
    id: 'remote-node',
    when: 'identity 6 or of the scope of nodes, or the label `reserved:remote-node`',
    is: 'another node, also if `reserved:host` stands beside it',
    applies: (endpoint) => is(endpoint, [6], 'remote-node') || scopeOf(endpoint.identity) === 2,
    end: () => ({ kind: 'node', name: 'remote-node' }),
  },
  {
    id: 'host',
    when: 'identity 1, or the label `reserved:host`',
    is: 'the node of the Pod',
    applies: (endpoint) => is(endpoint, [1], 'host'),
    end: () => ({ kind: 'node', name: 'host' }),
  },
  {
    id: 'health',
    when: 'identity 4, or the label `reserved:health`',
    is: 'unresolved',
    applies: (endpoint) => is(endpoint, [4], 'health'),
    end: unresolved('a health endpoint of Cilium'),
  },
  {
    id: 'init',
    when: 'identity 5, or the label `reserved:init`',
    is: 'unresolved',
    applies: (endpoint) => is(endpoint, [5], 'init'),
    end: unresolved('a Pod whose labels Cilium did not know yet'),
  },
  {
    id: 'unmanaged',
    when: 'identity 3, or the label `reserved:unmanaged`',
    is: 'unresolved',
    applies: (endpoint) => is(endpoint, [3], 'unmanaged'),
    end: unresolved('a Pod that Cilium does not manage'),
  },
  {
    id: 'world',
    when: 'identity 2, 9, 10 or of a CIDR, or their labels',
    is: 'outside, with its address and its FQDNs',
    applies: isWorld,
    end: outside,
  },
  {
    id: 'pod',
    when: 'a namespace, as a field or as a label, with any other identity (also 100 to 115)',
    is: 'the Pod',
    applies: (endpoint) => endpoint.namespace !== undefined && !isNumbered(endpoint),
    end: undefined,
  },
  {
    id: 'unknown',
    when: 'anything else: identity 0 or one that the configuration reserves',
    is: 'unresolved',
    applies: () => true,
    end: unresolved('an endpoint that Cilium does not know'),
  },
];

const hasReserved = ({ labels }: Endpoint): boolean =>
  [...labels.reserved].some((name) => name !== 'unknown' && !name.startsWith('world'));

/** The fields of a flow that belong to each end. */
const fieldsOf = {
  source: { address: 'source', names: 'source_names', service: undefined },
  destination: { address: 'destination', names: 'destination_names', service: 'destination_service' },
} as const;

/** Reads the ends of Hubble's flows. */
export function createEndReader(): (flow: Line, side: 'source' | 'destination', intake: Intake) => MetEnd {
  const readLabels = createLabelReader();
  return (flow, side, intake) => {
    const fields = fieldsOf[side];
    const raw = own(flow, side);
    const texts = own(raw, 'labels');
    const labels = readLabels(Array.isArray(texts) ? texts : []);
    const identity = own(raw, 'identity');
    const endpoint: Endpoint = {
      identity: typeof identity === 'number' ? identity : Number(identity ?? 0),
      labels,
      namespace: textAt(raw, 'namespace') ?? labels.namespace,
      address: textAt(own(flow, 'IP'), fields.address),
      names: readNames(own(flow, fields.names)),
      service: fields.service === undefined ? undefined : readService(own(flow, fields.service)),
    };
    const rule = endRules.find(({ applies }) => applies(endpoint));
    const end = rule?.end?.(endpoint);
    const cluster = textAt(raw, 'cluster_name') ?? labels.cluster;
    const isLocal = Number(own(raw, 'ID') ?? 0) > 0;
    if (end !== undefined) return intake.meet({ end, cluster: end.kind === 'outside' ? undefined : cluster, isLocal });
    const workload = readWorkload(stepInto(own(raw, 'workloads'), 0));
    return intake.meet({
      end: {
        kind: 'pod',
        namespace: endpoint.namespace ?? '',
        name: textAt(raw, 'pod_name'),
        labels: labels.pod,
        namespaceLabels: labels.ofNamespace,
        workload,
      },
      labelsKey: labels.key,
      cluster,
      isLocal,
    });
  };
}

function readNames(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) return [];
  return value
    .filter((name) => typeof name === 'string')
    .map((name) => name.replace(/\.$/, '').toLowerCase())
    .sort(byText);
}

function readService(value: unknown): Endpoint['service'] {
  const [name, namespace] = [textAt(value, 'name'), textAt(value, 'namespace')];
  return name === undefined || namespace === undefined ? undefined : { name, namespace };
}

function readWorkload(value: unknown): { readonly kind: string; readonly name: string } | undefined {
  const [kind, name] = [textAt(value, 'kind'), textAt(value, 'name')];
  return kind === undefined || name === undefined ? undefined : { kind, name };
}
