/**
 * The name of a Pod without the parts that are another in each Pod of its workload: `web-*` for
 * `web-7857758574-x2k4q`, `web-*` (where the log has already joined Pods) and `web-0`
 * (apiserver pkg/storage/names adds five characters; a ReplicaSet's hash has up to ten, an ordinal
 * and the minute of a CronJob are numbers).
 */
export function stemOf(podName: string): string {
  const stem = podName.replace(/-(?:\*|[a-z0-9]{5})$/, '').replace(/-(?:\d+|(?=[a-z0-9]*\d)[a-z0-9]{6,10})$/, '');
  return stem === podName ? podName : `${stem}-*`;
}

/** The name of a ReplicaSet without the hash of its revision: `web` for `web-7857758574`. */
export function withoutRevision(replicaSet: string): string {
  return replicaSet.replace(/-[a-z0-9]{6,10}$/, '');
}
