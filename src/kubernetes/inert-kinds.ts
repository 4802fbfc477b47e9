import { type GroupVersionKind, isKubernetesGroup } from './kinds.ts';
import { findOtherPolicyKind } from './other-policies.ts';

/**
 * Groups of other projects whose objects make no Pods, by the end of the group's name. Some have
 * exceptions: kinds whose objects do make Pods.
 */
const inertGroups: readonly (readonly [group: string, exceptions?: readonly string[]])[] = [
  ['cert-manager.io'],
  ['external-secrets.io'],
  ['bitnami.com'],
  ['monitoring.coreos.com', ['Prometheus', 'PrometheusAgent', 'Alertmanager', 'ThanosRuler']],
  ['kyverno.io'],
  ['gatekeeper.sh'],
  ['kubewarden.io', ['PolicyServer']],
  ['networking.istio.io'],
  ['security.istio.io'],
  ['telemetry.istio.io'],
  ['extensions.istio.io'],
  ['linkerd.io'],
  ['traefik.io'],
  ['traefik.containo.us'],
  ['projectcontour.io', ['ContourDeployment']],
  ['metallb.io'],
  ['cilium.io'],
  ['projectcalico.org'],
  ['crd.antrea.io'],
  ['source.toolkit.fluxcd.io'],
  ['notification.toolkit.fluxcd.io'],
  ['image.toolkit.fluxcd.io'],
  ['karpenter.sh'],
  ['karpenter.k8s.aws'],
  ['secrets-store.csi.x-k8s.io'],
  ['keda.sh', ['ScaledJob']],
  ['config.openshift.io'],
  ['image.openshift.io'],
  ['network.openshift.io'],
  ['route.openshift.io'],
  ['security.openshift.io'],
  ['user.openshift.io'],
];

const groupByEnd: ReadonlyMap<string, readonly string[]> = new Map(
  inertGroups.map(([group, exceptions = []]) => [group, exceptions]),
);

/**
 * Whether objects of this kind make no Pods: a kind of Kubernetes itself that is not in the table
 * of kinds, a policy, or a kind of a project that is known for this.
 */
export function isInertKind({ group = '', kind }: GroupVersionKind): boolean {
  if (isKubernetesGroup(group) || findOtherPolicyKind(group, kind) !== undefined) return true;
  for (let end = group; end !== ''; end = end.slice(end.indexOf('.') + 1)) {
    const exceptions = groupByEnd.get(end);
    if (exceptions !== undefined) return !exceptions.includes(kind);
    if (!end.includes('.')) return false;
  }
  return false;
}
