import type { Labels } from '../kubernetes/labels.ts';

/** Labels that never select a workload, because the next Pod may have another value or none. */
interface Passing {
  readonly why: string;
  readonly keys: readonly string[];
  /** Every key that begins with one of these. */
  readonly prefixes?: readonly string[];
}

/**
 * The part of the selector law that says which labels do not last. The keys are those that the
 * controllers of Kubernetes and the usual tools set.
 */
export const passingLabels: readonly Passing[] = [
  {
    why: 'the hash of a template, which each revision changes',
    keys: ['pod-template-hash', 'rollouts-pod-template-hash', 'controller-revision-hash', 'pod-template-generation'],
  },
  {
    why: 'the index or the name of one Pod',
    keys: [
      'statefulset.kubernetes.io/pod-name',
      'apps.kubernetes.io/pod-index',
      'leaderworkerset.sigs.k8s.io/worker-index',
    ],
  },
  {
    why: 'the name or the uid of one run of a Job',
    keys: ['job-name', 'controller-uid', 'job-completion-index'],
    prefixes: ['batch.kubernetes.io/'],
  },
  {
    why: 'the place of the node that a Pod happens to run on',
    keys: ['kubernetes.io/hostname'],
    prefixes: ['topology.kubernetes.io/', 'failure-domain.beta.kubernetes.io/'],
  },
  {
    why: 'a version, which each release changes',
    keys: ['app.kubernetes.io/version', 'helm.sh/chart', 'chart', 'version', 'release-version', 'revision'],
  },
  {
    why: 'what a plugin adds to the labels that it reports',
    keys: [],
    prefixes: ['io.cilium.', 'io.kubernetes.', 'projectcalico.org/', 'security.istio.io/', 'service.istio.io/'],
  },
];

/** Whether the next Pod of the same workload will have the label too. */
export function isLasting(key: string): boolean {
  return !passingLabels.some(
    ({ keys, prefixes = [] }) => keys.includes(key) || prefixes.some((prefix) => key.startsWith(prefix)),
  );
}

/** The labels that the next Pod will have too. */
export function lastingLabels(labels: Labels): Labels {
  return new Map([...labels].filter(([key]) => isLasting(key)));
}
