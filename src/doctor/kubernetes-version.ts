import { examination } from './examination.ts';
import { clean, finding } from './line.ts';

/** Whether the API server deletes the Pods of a namespace before its policies (KEP-5080). */
export const kubernetesVersion = examination({
  id: 'kubernetes-version',
  question: 'Does the baseline stay until the last Pod of a deleted namespace is gone?',
  finding: 'Kubernetes is older than 1.34, which made this order a promise',
  needs: ['version'],
  answer({ version: { major, minor, git } }) {
    const place = '/version';
    if (major > 1 || minor >= firstOrdered) return [clean(place, `${git} deletes Pods before NetworkPolicies`)];
    return [
      finding(
        place,
        git,
        'when a namespace is deleted, its NetworkPolicies may go before its Pods, which are open until they end',
        'Upgrade to Kubernetes 1.34 or later. Until then, delete the workloads of a namespace before the namespace.',
      ),
    ];
  },
});

const firstOrdered = 34;
