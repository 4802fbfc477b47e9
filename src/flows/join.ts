import type { Ends } from './ends.ts';
import type { MetEnd } from './intake.ts';
import { byText } from './order.ts';
import { textOfLabels } from './passing-labels.ts';
import { stemOf, withoutRevision } from './pod-stem.ts';
import type { FlowEnd, PodEnd } from './record.ts';

/** Pods whose workload some line names. */
type Owners = ReadonlyMap<string, readonly PodEnd[]>;

/**
 * Completes each end by what other lines say about it, once all lines are read.
 *
 * - A Pod of another cluster is unresolved: a NetworkPolicy cannot name it. Our cluster is the one
 *   of endpoints that are on a node that reported.
 * - Cilium gives workloads for the Pods of the node that reports only (ResolveEndpoint). A Pod on
 *   another node has the workload that Pods with its labels have on the lines of their node.
 * - Where a mask has dropped the labels, a Pod has the labels of its workload in another file.
 */
export function createJoin(ends: Ends): (met: MetEnd) => FlowEnd {
  const pods = [...ends.all()].map(({ end }) => end).filter((end) => end.kind === 'pod');
  const owned = pods.filter(({ workload }) => workload !== undefined);
  const byLabels = group(owned, labelsOf);
  const byOwner = group(
    owned.filter(({ labels }) => labels !== undefined),
    ownerOf,
  );
  return ({ end, cluster }) => {
    const isForeign = cluster !== undefined && ends.ourClusters.size > 0 && !ends.ourClusters.has(cluster);
    if (isForeign && end.kind !== 'outside') return { kind: 'unresolved', why: `an end in the cluster ${cluster}` };
    if (end.kind !== 'pod') return end;
    return withLabels(withWorkload(end, byLabels), byOwner);
  };
}

function group(pods: readonly PodEnd[], keyOf: (pod: PodEnd) => string): Owners {
  return Map.groupBy(pods, keyOf);
}

const labelsOf = ({ namespace, labels }: PodEnd): string => `${namespace}|${textOfLabels(labels)}`;

/** The workload behind a ReplicaSet, which older agents name instead of the Deployment. */
function ownerOf({ namespace, workload }: PodEnd): string {
  if (workload === undefined) return '';
  const { kind, name } = workload;
  return kind === 'ReplicaSet' ? `${namespace}|Deployment/${withoutRevision(name)}` : `${namespace}|${kind}/${name}`;
}

function withWorkload(pod: PodEnd, byLabels: Owners): PodEnd {
  if (pod.workload !== undefined || pod.labels === undefined) return pod;
  const candidates = byLabels.get(labelsOf(pod)) ?? [];
  const { name } = pod;
  const namesakes = candidates.filter(
    (one) => name !== undefined && one.name !== undefined && stemOf(one.name) === stemOf(name),
  );
  const workload = onlyOwner(candidates) ?? onlyOwner(namesakes);
  return workload === undefined ? pod : { ...pod, workload };
}

/** The workload, if it is one, of any revision. The first by name, so that the order is stable. */
function onlyOwner(pods: readonly PodEnd[]): PodEnd['workload'] {
  if (new Set(pods.map(ownerOf)).size !== 1) return undefined;
  return pods.map(({ workload }) => workload).sort((a, b) => byText(a?.name ?? '', b?.name ?? ''))[0];
}

function withLabels(pod: PodEnd, byOwner: Owners): PodEnd {
  if (pod.labels !== undefined || pod.workload === undefined) return pod;
  const candidates = byOwner.get(ownerOf(pod)) ?? [];
  const [first] = candidates;
  if (first === undefined || new Set(candidates.map(labelsOf)).size > 1) return pod;
  return { ...pod, labels: first.labels, namespaceLabels: first.namespaceLabels };
}
