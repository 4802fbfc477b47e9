import { type ConfigFile, configApiVersion, configKind } from './schema.ts';

/**
 * The defaults, as the file that would say the same: what the article's practice asks for.
 * The order of the keys is the order in which messages print them.
 */
export const defaultFile = {
  apiVersion: configApiVersion,
  kind: configKind,
  // Without any configuration the gate is shut; a running cluster is sent to `observe` first.
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
  // The labels CoreDNS and its predecessor carry in every distribution that follows kubeadm.
  baseline: { dns: { namespace: 'kube-system', podLabels: { 'k8s-app': 'kube-dns' }, ports: [53] } },
  // The article's three tiers, and each tier to itself.
  flows: [
    { from: 'web', to: 'api' },
    { from: 'api', to: 'data' },
    { from: 'api', to: 'cache' },
    { from: 'web', to: 'web' },
    { from: 'api', to: 'api' },
    { from: 'data', to: 'data' },
    { from: 'cache', to: 'cache' },
  ],
  // The namespaces that the projects' own installation pages name.
  peers: [
    { name: 'monitoring', role: 'monitoring', namespace: 'monitoring' },
    { name: 'ingress-nginx', role: 'ingress', namespace: 'ingress-nginx' },
  ],
  // A private network's usual size is a /16; no IPv6 site needs more than a /48 (RFC 6177).
  breadth: { ipv4Prefix: 16, ipv6Prefix: 48 },
} as const satisfies ConfigFile;

/**
 * Exempt whatever the configuration says: a gate in front of these can stop the cluster's own
 * repair.
 */
export const builtInExemptNamespaces: readonly string[] = ['kube-system', 'kube-public', 'kube-node-lease'];
