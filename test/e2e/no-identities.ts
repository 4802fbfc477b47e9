/**
 * Labels that are not identity: of a database's failover, of Istio, of Pod Security, and of GitOps
 * tools.
 */
export const noIdentities = [
  { role: 'primary' },
  { 'cnpg.io/instanceRole': 'primary' },
  { 'istio-injection': 'enabled' },
  // `enforce` would refuse the Pods of the tests.
  { 'pod-security.kubernetes.io/audit': 'restricted' },
  { 'argocd.argoproj.io/instance': 'shop' },
  { 'kustomize.toolkit.fluxcd.io/name': 'shop' },
];
