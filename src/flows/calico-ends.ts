import { isMetadataAddress } from '../network/metadata-address.ts';
import type { Intake, MetEnd, SeenEnd } from './intake.ts';
import { readLabelTexts, withoutPassing } from './passing-labels.ts';
import type { FlowEnd } from './record.ts';

/** An end as each of Calico's logs has it. */
export interface CalicoEnd {
  readonly name: unknown;
  readonly namespace: unknown;
  /** A number, a name of the enumeration, or the short form of Enterprise. Whisker has none. */
  readonly type: unknown;
  /** `key=value` texts. */
  readonly labels: readonly unknown[];
  /** Calico Enterprise only: the open-source logs have no address at all. */
  readonly address: unknown;
  readonly domains: readonly unknown[];
}

/** goldmane/proto/api.proto EndpointType; the short forms are those of Calico Enterprise. */
const types: ReadonlyMap<unknown, 'workload' | 'host' | 'set' | 'network'> = new Map<
  unknown,
  'workload' | 'host' | 'set' | 'network'
>([
  [1, 'workload'],
  ['WorkloadEndpoint', 'workload'],
  ['wep', 'workload'],
  [2, 'host'],
  ['HostEndpoint', 'host'],
  ['hep', 'host'],
  [3, 'set'],
  ['NetworkSet', 'set'],
  ['ns', 'set'],
  [4, 'network'],
  ['Network', 'network'],
  ['net', 'network'],
]);

/** Names of networks in Goldmane and Enterprise, and in Whisker. */
const publicNames: ReadonlySet<unknown> = new Set(['pub', 'PUBLIC NETWORK']);
const privateNames: ReadonlySet<unknown> = new Set(['pvt', 'PRIVATE NETWORK']);

/**
 * Reads an end of a flow of Calico. A name that ends with `*` stands for the Pods that share it,
 * and the labels are those that all of them have.
 */
export function meetCalicoEnd(raw: CalicoEnd, intake: Intake): MetEnd {
  return intake.meet(readEnd(raw));
}

function readEnd(raw: CalicoEnd): SeenEnd {
  const [name, namespace, address] = [given(raw.name), given(raw.namespace), given(raw.address)];
  const names = raw.domains.filter((domain) => typeof domain === 'string');
  if (address !== undefined && isMetadataAddress(address)) return { end: { kind: 'outside', names, address } };
  const type = types.get(raw.type) ?? (namespace === undefined ? 'network' : 'workload');
  if (type === 'host') return unresolved('a host endpoint of Calico: the node of the Pod, or another one');
  if (type === 'network') return { end: networkOf(name, names, address) };
  if (type === 'set') {
    if (names.length > 0) return { end: { kind: 'outside', names, address } };
    return address === undefined ? unresolved('a NetworkSet of Calico') : { end: { kind: 'address', address, names } };
  }
  if (namespace === undefined) return unresolved('a Pod without its namespace');
  const labels = withoutPassing(
    new Map([...readLabelTexts(raw.labels)].filter(([key]) => !key.startsWith('projectcalico.org/') && key !== '-')),
  );
  return {
    end: {
      kind: 'pod',
      namespace,
      name,
      labels: labels.size === 0 ? undefined : labels,
      namespaceLabels: undefined,
      workload: undefined,
    },
    // Without a name, only the labels tell Pods apart.
    ...(name === undefined ? {} : { group: name }),
  };
}

/**
 * Calico tells addresses outside all its endpoints apart by RFC 1918 only. A private one may be a
 * node, which also means the kubelet and the API server.
 */
function networkOf(name: string | undefined, names: readonly string[], address: string | undefined): FlowEnd {
  if (publicNames.has(name)) return { kind: 'outside', names, address };
  if (names.length > 0) return { kind: 'outside', names, address };
  const why = privateNames.has(name)
    ? 'a private network: a node, the API server or a host outside'
    : 'a network that the log does not name';
  return { kind: 'unresolved', why };
}

function unresolved(why: string): SeenEnd {
  return { end: { kind: 'unresolved', why } };
}

/** `-` stands for a field that the level of aggregation leaves out, and so do null and `*`. */
function given(value: unknown): string | undefined {
  return typeof value === 'string' && !['', '-', '*'].includes(value) ? value : undefined;
}
