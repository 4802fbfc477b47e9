/** A workload by its names. */
interface Named {
  readonly kind: string;
  readonly name: string;
}

/**
 * The letters of the names that Kubernetes makes: no vowels, and no digits that look like letters
 * (k8s.io/apimachinery pkg/util/rand).
 */
const safe = '[bcdfghjklmnpqrstvwxz2456789]';

/** The five letters behind a generateName. */
const suffix = `${safe}{5}`;

/**
 * The hash of a template: a 32-bit number, so at most ten letters (pkg/controller ComputeHash).
 * Deployments before Kubernetes 1.8 wrote it in digits, and Rollouts write hexadecimal ones. A word
 * such as `facade` is no hash.
 */
const hash = `(?:${safe}{1,10}|(?=[a-f]*\\d)[0-9a-f]{6,10})`;

/** Behind something as telling as a long hash or a minute, any five letters will do. */
const anySuffix = '[a-z0-9]{5}';
const longHash = `(?:${safe}{6,10}|(?=[a-f]*\\d)[0-9a-f]{6,10})`;

/**
 * What stands behind the name of a workload and a hyphen in the names of its Pods, and of the
 * objects between.
 */
const tails: Readonly<Record<string, readonly string[]>> = {
  deployment: [`${hash}(?:-${suffix})?`, `${longHash}-${anySuffix}`],
  rollout: [`${hash}(?:-${suffix})?`, `${longHash}-${anySuffix}`],
  replicaset: [suffix],
  replicationcontroller: [suffix],
  daemonset: [suffix],
  statefulset: ['\\d+'],
  // An indexed Job puts the index before the letters.
  job: [`(?:\\d+-)?${suffix}`],
  // The minute of the run since 1970. A run by hand has a name of its choice.
  cronjob: [`\\d{8,10}(?:-(?:\\d+-)?${anySuffix})?`],
};

/** The kinds that Kubernetes has between a workload and its Pods. */
const kindsBetween: ReadonlyMap<string, readonly string[]> = new Map([
  ['replicaset', ['deployment', 'rollout', 'replicaset']],
  ['job', ['cronjob', 'job']],
]);

/**
 * Finds the workload that a name was made from: of a Pod (`cart-5d4f8c7b9-x2x7k`), of a ReplicaSet
 * or a Job (`cart-5d4f8c7b9`), or the beginning of one with a `*`, as Calico writes it. Of several
 * that fit, the longest name is the one. `between` is the kind of the object that has the name, if
 * it is no Pod.
 */
export function workloadNamedBy<W extends Named>(
  name: string,
  workloads: readonly W[],
  between?: string,
): W | undefined {
  const isBeginning = name.endsWith('*');
  const text = isBeginning ? name.slice(0, -1) : name;
  const kind = between?.toLowerCase();
  const kinds = kind === undefined ? undefined : (kindsBetween.get(kind) ?? [kind]);
  const fitting = workloads.filter((workload) => {
    if (kinds !== undefined && !kinds.includes(workload.kind)) return false;
    if (kind !== undefined && workload.name === text && workload.kind === kind) return true;
    if (!text.startsWith(`${workload.name}-`)) return false;
    const tail = text.slice(workload.name.length + 1);
    return isBeginning ? mayBegin(workload.kind, tail) : isTail(workload.kind, tail);
  });
  const longest = Math.max(0, ...fitting.map((workload) => workload.name.length));
  const best = fitting.filter((workload) => workload.name.length === longest);
  return best.length === 1 ? best[0] : undefined;
}

function isTail(kind: string, tail: string): boolean {
  return (tails[kind] ?? [`(?:${safe}{1,10}-)?${suffix}`]).some((pattern) => new RegExp(`^${pattern}$`).test(tail));
}

/** Whether a tail may begin so: its parts between hyphens have the letters of such names. */
function mayBegin(kind: string, beginning: string): boolean {
  if (kind === 'statefulset') return /^\d*$/.test(beginning);
  if (kind === 'cronjob') return new RegExp(`^\\d*(?:-(?:\\d+-)?${safe}{0,5})?$`).test(beginning);
  if (kind === 'job') return new RegExp(`^(?:\\d+-)?${safe}{0,5}$`).test(beginning);
  return new RegExp(`^(?:${safe}{0,10}|\\d{0,10}|${hash})(?:-${safe}{0,5})?$`).test(beginning);
}
