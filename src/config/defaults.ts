import { type ConfigFile, configApiVersion, configKind } from './schema.ts';

/**
 * The defaults, in the form of a configuration file. They follow the practice of the article
 * (docs/article.md). Messages print the keys in this order.
 */
export const defaultFile = {
  apiVersion: configApiVersion,
  kind: configKind,
  // Without any configuration Ringfence enforces. The manifests set `observe` for a running
  // cluster.
  mode: 'enforce',
  taxonomy: {
    env: { values: ['prod', 'staging', 'dev'], agrees: true },
    tier: { values: ['web', 'api', 'data', 'cache'], agrees: true },
    // RFC 1123: a DNS label has at most 63 characters.
    team: { pattern: '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?', patternText: 'a DNS label', agrees: true },
    sensitivity: { values: ['high', 'medium', 'low'], agrees: false },
    expose: {
      values: ['true', 'false'],
      agrees: false,
      hint: '"true" if the outside may reach it, else "false"',
      suggest: 'false',
    },
    internal: {
      values: ['true', 'false'],
      agrees: false,
      hint: '"true" if the outside must never reach it, else "false"',
      suggest: 'false',
    },
  },
  required: {
    Namespace: ['env', 'tier', 'team'],
    Pod: ['env', 'tier', 'team', 'expose'],
    NetworkPolicy: ['env', 'tier', 'team'],
  },
  exempt: { namespaces: [] },
  checks: {},
  workloads: [],
  exceptions: [],
  inherit: false,
  backstop: false,
  webhooks: { labels: {}, annotations: {} },
  otherPolicies: true,
  reports: 'off',
  audit: { log: 'all' },
  // CoreDNS and its predecessor carry these labels in every distribution that follows kubeadm.
  baseline: { dns: [{ namespace: 'kube-system', podLabels: { 'k8s-app': 'kube-dns' } }] },
  flowKey: 'tier',
  // The flows of the article, and each tier to itself.
  flows: [
    { from: 'web', to: 'api' },
    { from: 'api', to: 'data' },
    { from: 'api', to: 'cache' },
    { from: 'web', to: 'web' },
    { from: 'api', to: 'api' },
    { from: 'data', to: 'data' },
    { from: 'cache', to: 'cache' },
  ],
  // The installation pages of these projects name these namespaces.
  peers: [
    { name: 'monitoring', role: 'monitoring', namespace: 'monitoring' },
    { name: 'ingress-nginx', role: 'ingress', namespace: 'ingress-nginx' },
  ],
  // A /16 is the usual size of a private network. No IPv6 site needs more than a /48 (RFC 6177).
  breadth: { ipv4Prefix: 16, ipv6Prefix: 48 },
} as const satisfies ConfigFile;

/**
 * Always exempt, whatever the configuration says. A webhook that refuses requests in these
 * namespaces can prevent the cluster's own repair.
 */
export const builtInExemptNamespaces: readonly string[] = ['kube-system', 'kube-public', 'kube-node-lease'];
