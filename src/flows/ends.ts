import type { MetEnd, SeenEnd } from './intake.ts';
import { textOfLabels } from './passing-labels.ts';
import { stemOf } from './pod-stem.ts';
import type { FlowEnd, PodEnd } from './record.ts';

/**
 * How many outside addresses are told apart. Beyond it, those of a /24 or a /48 are one end: the
 * memory must not grow with the clients of a public service.
 */
const mostAddresses = 50_000;

/** The ends of all lines, each once. */
export interface Ends {
  meet(seen: SeenEnd): MetEnd;
  readonly all: () => Iterable<MetEnd>;
  /** The clusters of the endpoints on the nodes that reported. */
  readonly ourClusters: ReadonlySet<string>;
  /** Whether there were more outside addresses than are told apart. */
  readonly hasJoinedAddresses: () => boolean;
}

export function createEnds(): Ends {
  const met = new Map<string, { readonly id: number; end: FlowEnd; readonly cluster: string | undefined }>();
  const ourClusters = new Set<string>();
  let addresses = 0;
  return {
    meet(seen) {
      const { cluster } = seen;
      if (seen.isLocal === true && cluster !== undefined) ourClusters.add(cluster);
      const known = met.get(keyOfSeen(seen));
      if (known !== undefined) {
        known.end = joinEnds(known.end, seen.end, seen.group !== undefined);
        return known;
      }
      if (seen.end.kind === 'outside' && seen.end.address !== undefined) {
        addresses += 1;
        if (addresses > mostAddresses) {
          const end = { ...seen.end, address: networkOf(seen.end.address) };
          if (end.address !== seen.end.address) return this.meet({ ...seen, end });
        }
      }
      const fresh = { id: met.size, end: seen.end, cluster };
      met.set(keyOfSeen(seen), fresh);
      return fresh;
    },
    all: () => met.values(),
    ourClusters,
    hasJoinedAddresses: () => addresses > mostAddresses,
  };
}

/** The first address of the /24 or /48 that an address is in. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address.replace(/\.\d+$/, '.0');
  const groups = address.split('::')[0]?.split(':').slice(0, 3) ?? [];
  return `${groups.join(':')}::`;
}

/** Ends with the same key. The order in which they are met does not matter. */
function joinEnds(known: FlowEnd, seen: FlowEnd, isGroup: boolean): FlowEnd {
  if (known.kind === 'pod' && seen.kind === 'pod') return joinPods(known, seen, isGroup);
  // A Service has an address of each family.
  const isLater = known.kind === 'service' && seen.kind === 'service' && (seen.address ?? '~') < (known.address ?? '~');
  return isLater ? seen : known;
}

/** Pods that the log, or their labels, do not tell apart. */
function joinPods(known: PodEnd, seen: PodEnd, isGroup: boolean): PodEnd {
  const isFirst = known.name === undefined || (seen.name !== undefined && seen.name < known.name);
  const name = isFirst ? seen.name : known.name;
  const labels = isGroup ? shared(known.labels, seen.labels) : known.labels;
  return name === known.name && labels === known.labels ? known : { ...known, name, labels };
}

/** The labels that both have. Labels that were not given say nothing. */
function shared(one: PodEnd['labels'], other: PodEnd['labels']): PodEnd['labels'] {
  if (one === undefined || other === undefined) return one ?? other;
  const kept = [...one].filter(([key, value]) => other.get(key) === value);
  return kept.length === one.size ? one : new Map(kept);
}

function keyOfSeen({ end, group, labelsKey, cluster = '' }: SeenEnd): string {
  if (end.kind !== 'pod') return `${keyOfEnd(end)}|${cluster}`;
  if (group !== undefined) return `group|${end.namespace}|${group}`;
  return `pod|${end.namespace}|${labelsKey ?? textOfLabels(end.labels)}|${ownerKey(end)}|${cluster}`;
}

/**
 * The workload; without one, what the names of Pods with these labels have in common; without
 * labels, the name.
 */
function ownerKey({ workload, name, labels }: PodEnd): string {
  if (workload !== undefined) return `${workload.kind}/${workload.name}`;
  return name === undefined ? '' : labels === undefined ? name : stemOf(name);
}

/** Ends with the same key are one end. */
export function keyOfEnd(end: FlowEnd): string {
  switch (end.kind) {
    case 'pod':
      return `pod|${end.namespace}|${textOfLabels(end.labels)}|${textOfLabels(end.namespaceLabels)}|${ownerKey(end)}`;
    case 'node':
      return `node|${end.name}`;
    case 'apiserver':
    case 'ingress':
      return end.kind;
    case 'service':
      return `service|${end.namespace}|${end.name}`;
    case 'address':
    case 'outside':
      return `${end.kind}|${end.address ?? ''}|${end.names.join(',')}`;
    case 'unresolved':
      return `unresolved|${end.why}`;
  }
}
