// The label filter of Cilium (cilium/cilium, pkg/labelsfilter/filter.go): which labels of a Pod
// make its identity. Policies select by identities.
import { RE2JS } from 're2js';

/** One pattern of the filter. */
interface Pattern {
  readonly leavesOut: boolean;
  /** How many characters at the beginning of a key it matches; 0 for none. */
  readonly lengthIn: (key: string) => number;
}

// Its own patterns stand before those of the ConfigMap.
const defaults = [
  'reserved:.*',
  'io\\.kubernetes\\.pod\\.namespace',
  'io\\.cilium\\.k8s\\.namespace\\.labels',
  'app\\.kubernetes\\.io',
  '!io\\.kubernetes',
  '!kubernetes\\.io',
  '!.*beta\\.kubernetes\\.io',
  '!k8s\\.io',
  '!pod-template-generation',
  '!pod-template-hash',
  '!controller-revision-hash',
  '!annotation.*',
  '!etcd_node',
];

/**
 * Whether the filter keeps the label of a key on a Pod. `text` is the value of `labels` in
 * `cilium-config`: patterns with spaces between them, an optional source (`k8s:`) and `!` before
 * what is left out. As soon as one pattern includes, only what is included counts. The longest
 * inclusion has to match more of the key than the shortest exclusion. A text is the first
 * pattern that cannot be read here.
 */
export function keepsLabel(text: string): ((key: string) => boolean) | string {
  const added = text.split(/\s+/).filter((pattern) => pattern !== '');
  const patterns: Pattern[] = [];
  for (const pattern of [...defaults, ...added]) {
    const read = readPattern(pattern);
    if (read === undefined) return pattern;
    patterns.push(read);
  }
  const onlyIncluded = patterns.slice(defaults.length).some(({ leavesOut }) => !leavesOut);
  return (key) => {
    let [included, leftOut] = [0, 0];
    for (const { leavesOut, lengthIn } of patterns) {
      const length = lengthIn(key);
      if (length === 0) continue;
      if (!leavesOut) included = Math.max(included, length);
      else if (leftOut === 0 || length < leftOut) leftOut = length;
    }
    return (!onlyIncluded && leftOut === 0) || included > leftOut;
  };
}

/** Undefined where it is no expression of RE2, which is what Cilium compiles. */
function readPattern(text: string): Pattern | undefined {
  const colon = text.indexOf(':');
  const source = text.slice(0, Math.max(colon, 0));
  const rest = text.slice(colon + 1);
  const leavesOut = rest.startsWith('!');
  if (rest === '') return undefined;
  try {
    const expression = RE2JS.compile(leavesOut ? rest.slice(1) : rest);
    // Labels of Pods have the source `k8s`. A pattern of another source matches none of them, and
    // is a pattern all the same.
    if (source !== '' && source !== 'k8s') return { leavesOut, lengthIn: () => 0 };
    const lengthIn = (key: string): number => {
      const matcher = expression.matcher(key);
      return matcher.find() && matcher.start() === 0 ? matcher.end() : 0;
    };
    return { leavesOut, lengthIn };
  } catch {
    return undefined;
  }
}
