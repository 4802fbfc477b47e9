// The reports that `ringfence audit --publish` writes, and that other tools show.

/** Where reports of each API are served: those in namespaces, and those of the cluster. */
export const reportKinds = {
  openreports: {
    group: 'openreports.io',
    version: 'v1alpha1',
    namespaced: { kind: 'Report', resource: 'reports' },
    clustered: { kind: 'ClusterReport', resource: 'clusterreports' },
  },
  policyreport: {
    group: 'wgpolicyk8s.io',
    version: 'v1alpha2',
    namespaced: { kind: 'PolicyReport', resource: 'policyreports' },
    clustered: { kind: 'ClusterPolicyReport', resource: 'clusterpolicyreports' },
  },
} as const;

/** One report in each namespace has this name, and one of the cluster. */
export const reportName = 'ringfence-audit';

/** The recommended label that tells Ringfence's reports from those of others. */
export const reportLabels = { 'app.kubernetes.io/managed-by': 'ringfence' } as const;
