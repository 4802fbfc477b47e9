import type { FlowEnd } from '../flows/record.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import type { Inventory } from '../network/inventory.ts';
import type { Pod } from '../network/world.ts';
import type { NamedPeer } from '../policy/network-config.ts';
import { lastingLabels } from './lasting-labels.ts';
import type { Party } from './party.ts';
import { byKey, byText } from './text-order.ts';
import type { Workload, Workloads } from './workloads.ts';

/** The parties that Pods are: of workloads, of configured peers, or bare. */
export interface PodParties {
  ofWorkload(workload: Workload): Party;
  ofPod(pod: Pod): Party;
  /** The Pods of a configured peer: those of the manifests, or else one that is assumed. */
  ofPeer(peer: NamedPeer): readonly Party[];
  /** The Pod that a log names. `port` is the one at which it was reached. */
  ofSeenPod(seen: Extract<FlowEnd, { kind: 'pod' }>, port: number): Party;
  /** Pods that are not among the manifests, and the labels that a log gives their namespaces. */
  readonly assumed: readonly Pod[];
  readonly namespaces: ReadonlyMap<string, Labels>;
}

export function createPodParties(inventory: Inventory, workloads: Workloads, peers: readonly NamedPeer[]): PodParties {
  const { world } = inventory;
  const assumed = new Map<string, Pod>();
  const namespaces = new Map<string, Labels>();

  function ofWorkload(workload: Workload): Party {
    const { namespace, kind, name, labels, matchLabels } = workload;
    const base = matchLabels !== undefined && matchLabels.size > 0 ? matchLabels : labels;
    return {
      end: { kind: 'workload', namespace, workload: `${kind}/${name}` },
      pods: workload.pods,
      addresses: [],
      target: { kind: 'pods', namespace, name, base, labels, workload, isPeer: false },
    };
  }

  function ofPod(pod: Pod): Party {
    const workload = workloads.of(pod);
    return workload === undefined ? ofBarePod(pod, pod.name) : ofWorkload(workload);
  }

  function ofBarePod(pod: Pod, name: string): Party {
    const { namespace, labels } = pod;
    const peer = peers.find((one) => isPodOf(one, namespace, labels));
    if (peer !== undefined) return ofPeerPod(peer, pod);
    return {
      end: { kind: 'namespace', namespace },
      pods: [pod],
      addresses: [],
      target:
        labels.size === 0
          ? undefined
          : { kind: 'pods', namespace, name, base: labels, labels, workload: undefined, isPeer: false },
      ...(labels.size === 0 ? { why: 'the labels of the Pod are not known' } : {}),
    };
  }

  function ofPeerPod({ name, namespace = '', podLabels }: NamedPeer, pod: Pod): Party {
    const labels = new Map(Object.entries(podLabels));
    return {
      end: { kind: 'namespace', namespace },
      pods: [pod],
      addresses: [],
      target: { kind: 'pods', namespace, name, base: labels, labels, workload: undefined, isPeer: true },
    };
  }

  function ofPeer(peer: NamedPeer): readonly Party[] {
    const { namespace, podLabels } = peer;
    if (namespace === undefined) return [];
    const found = workloads.in(namespace).filter(({ labels }) => isPodOf(peer, namespace, labels));
    if (found.length > 0) return found.map(ofWorkload);
    const pods = world.pods.filter((pod) => isPodOf(peer, pod.namespace, pod.labels));
    const [pod] = pods;
    return [ofPeerPod(peer, pod ?? assume(namespace, new Map(Object.entries(podLabels))))];
  }

  /** A Pod that only a log or the configuration knows. */
  function assume(namespace: string, labels: Labels): Pod {
    const key = JSON.stringify([namespace, [...labels].sort(byKey)]);
    const known = assumed.get(key);
    if (known !== undefined) return known;
    const said = [...lastingLabels(labels)].map(([label, value]) => `${label}=${value}`).sort(byText);
    const name = `Pods with ${said.length === 0 ? 'any labels' : said.join(',')}`;
    const pod = { namespace, name, labels, addresses: [], hostNetwork: false, nodeAddresses: [], ports: [] };
    assumed.set(key, pod);
    return pod;
  }

  function ofSeenPod(seen: Extract<FlowEnd, { kind: 'pod' }>, port: number): Party {
    const { namespace, name, labels } = seen;
    if (seen.namespaceLabels !== undefined && !world.namespaces.has(namespace) && !namespaces.has(namespace))
      namespaces.set(namespace, new Map([...seen.namespaceLabels, [metadataNameLabel, namespace]]));
    const workload = workloads.find(seen);
    if (workload !== undefined) return ofWorkload(workload);
    const pod = name === undefined ? undefined : inventory.podsByName.get(`${namespace}/${name}`);
    if (pod !== undefined) return ofBarePod(pod, pod.name);
    // A log without labels still shows who answers for DNS: the port and the namespace say so.
    const dns = peers.find(
      ({ role, ports, namespace: home }) => role === 'dns' && home === namespace && ports?.includes(port),
    );
    if (labels === undefined && dns !== undefined) return ofPeer(dns)[0] as Party;
    return ofBarePod(assume(namespace, labels ?? new Map()), nameFor(labels, name));
  }

  return {
    ofWorkload,
    ofPod,
    ofPeer,
    ofSeenPod,
    namespaces,
    get assumed() {
      return [...assumed.values()];
    },
  };
}

/** Whether a configured peer of Pods holds Pods of these labels. */
export function isPodOf(peer: NamedPeer, namespace: string, labels: Labels): boolean {
  return (
    peer.namespace === namespace && Object.entries(peer.podLabels).every(([key, value]) => labels.get(key) === value)
  );
}

/** A name for policies about Pods that no manifest has. */
function nameFor(labels: Labels | undefined, name: string | undefined): string {
  const said = ['app.kubernetes.io/name', 'app', 'k8s-app', 'name'].map((key) => labels?.get(key)).find(Boolean);
  return said ?? name?.replace(/[^a-z0-9.-]+$/, '').replace(/-+$/, '') ?? 'pods';
}
