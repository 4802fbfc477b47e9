import { readLabelTexts, textOfLabels, withoutPassing } from './passing-labels.ts';

/** The labels of an endpoint of Cilium, sorted by what they say. */
export interface CiliumLabels {
  /** A short text, the same for endpoints that these labels do not tell apart. */
  readonly key: string;
  /** The Pod's own labels. Undefined if there is none of a Pod, of its namespace or of another. */
  readonly pod: ReadonlyMap<string, string> | undefined;
  readonly ofNamespace: ReadonlyMap<string, string> | undefined;
  readonly namespace: string | undefined;
  readonly cluster: string | undefined;
  /** Names of reserved identities: `world`, `remote-node`. */
  readonly reserved: ReadonlySet<string>;
  /** Whether a CIDR is among them, which only endpoints outside the cluster have. */
  readonly hasCidr: boolean;
}

/** Labels that Cilium itself puts on Pods (pkg/k8s/apis/cilium.io/const.go). */
const namespaceKey = 'io.kubernetes.pod.namespace';
const namespaceLabelPrefix = 'io.cilium.k8s.namespace.labels.';
const clusterKey = 'io.cilium.k8s.policy.cluster';
const ownPrefix = 'io.cilium.k8s.';

/** A cluster has some thousand sets of labels. The memory must not grow with the lines. */
const mostKept = 20_000;

/** Reads lists of labels, and remembers what it has read: most lines have the same few lists. */
export function createLabelReader(): (labels: readonly unknown[]) => CiliumLabels {
  const known = new Map<string, CiliumLabels>();
  const keys = new Map<string, string>();
  return (labels) => {
    const text = labels.join('\n');
    const before = known.get(text);
    if (before !== undefined) return before;
    if (known.size >= mostKept) known.clear();
    const read = readCiliumLabels(labels);
    // The text has some hundred characters, and each line would have to compare it.
    const long = `${textOfLabels(read.pod)};${textOfLabels(read.ofNamespace)}`;
    const key = keys.get(long) ?? String(keys.size);
    keys.set(long, key);
    const keyed = { ...read, key };
    known.set(text, keyed);
    return keyed;
  };
}

/**
 * Reads labels as `source:key=value` (pkg/labels Label.String). Those of the sources `reserved`
 * and `cidr` have no value; `fqdn` is a selector of a policy, not a name.
 */
function readCiliumLabels(texts: readonly unknown[]): Omit<CiliumLabels, 'key'> {
  const pod = new Map<string, string>();
  const ofNamespace = new Map<string, string>();
  const reserved = new Set<string>();
  let [namespace, cluster]: (string | undefined)[] = [];
  let hasCidr = false;
  let ofPod = false;
  for (const [sourced, value] of readLabelTexts(texts)) {
    const colon = sourced.indexOf(':');
    const source = sourced.slice(0, Math.max(colon, 0));
    const key = sourced.slice(colon + 1);
    if (source === 'reserved') reserved.add(key);
    else if (source === 'cidr') hasCidr = true;
    else if (source === 'fqdn' || source === 'cidrgroup') continue;
    else {
      ofPod = true;
      if (key === namespaceKey) namespace = value;
      else if (key.startsWith(namespaceLabelPrefix)) ofNamespace.set(key.slice(namespaceLabelPrefix.length), value);
      else if (key === clusterKey) cluster = value;
      else if (!key.startsWith(ownPrefix)) pod.set(key, value);
    }
  }
  const lasting = ofPod ? withoutPassing(pod) : undefined;
  // Every namespace has the label kubernetes.io/metadata.name: none at all means not given.
  const namespaceLabels = ofNamespace.size > 0 ? ofNamespace : undefined;
  return {
    pod: lasting,
    ofNamespace: namespaceLabels,
    namespace,
    cluster,
    reserved,
    hasCidr,
  };
}
