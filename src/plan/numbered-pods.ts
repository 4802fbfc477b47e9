import { isBehind, type Service } from '../network/service.ts';
import type { Workload } from './workloads.ts';

/**
 * Whether a Service leads to Pods of a workload. A Service may mean one Pod of a StatefulSet by the
 * labels that the controller gives each (docs: concepts/workloads/controllers/statefulset, "Pod
 * name label" and "Pod index label"). The template does not have them.
 */
export function leadsTo({ selector }: Pick<Service, 'selector'>, { kind, name, labels }: Workload): boolean {
  const asked = [...(selector ?? [])].filter(
    ([key, value]) => kind !== 'statefulset' || labels.has(key) || !isOfOnePod(key, value, name),
  );
  return isBehind({ selector: selector && new Map(asked) }, labels);
}

function isOfOnePod(key: string, value: string, statefulSet: string): boolean {
  if (key === 'apps.kubernetes.io/pod-index') return /^\d+$/.test(value);
  if (key !== 'statefulset.kubernetes.io/pod-name' || !value.startsWith(`${statefulSet}-`)) return false;
  return /^\d+$/.test(value.slice(statefulSet.length + 1));
}
