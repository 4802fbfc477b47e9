import { byText } from './order.ts';

/**
 * Labels that only one Pod, or one revision of a workload, has. They tell no workloads apart, and
 * with them a flow would be a new one after each rollout (kubernetes.io/docs/reference/
 * labels-annotations-taints).
 */
const passing: ReadonlySet<string> = new Set([
  'pod-template-hash',
  'rollouts-pod-template-hash',
  'pod-template-generation',
  'controller-revision-hash',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'controller-uid',
  'job-name',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'batch.kubernetes.io/job-completion-index',
]);

/** Returns the labels that the next Pod of the workload will have too. */
export function withoutPassing(labels: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...labels].filter(([key]) => !passing.has(key)));
}

/** Labels as one text, the same for equal labels in any order. */
export function textOfLabels(labels: ReadonlyMap<string, string> | undefined): string {
  if (labels === undefined) return '?';
  return [...labels]
    .map(([key, value]) => `${key}=${value}`)
    .sort(byText)
    .join(',');
}

/**
 * Reads `key=value` texts. A value may itself hold `=`. A text without one is a key without a
 * value.
 */
export function readLabelTexts(texts: readonly unknown[]): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const text of texts) {
    if (typeof text !== 'string' || text === '') continue;
    const at = text.indexOf('=');
    if (at === -1) labels.set(text, '');
    else labels.set(text.slice(0, at), text.slice(at + 1));
  }
  return labels;
}
