import type { RuleText } from '../policy/check.ts';

/**
 * The rules that only an audit judges: each needs a whole cluster, or several objects of it. Their
 * caps are fixed, because no request is refused for them.
 */
export const auditRules = {
  'baseline-state': {
    id: 'baseline-state',
    rule: 'Every namespace with the mark has its baseline, with the specification, the labels and no owner.',
    remedy: 'Ringfence repairs this within seconds where it runs. Where it stays, its log names the namespace.',
    cap: 'enforce',
  },
  'baseline-void': {
    id: 'baseline-void',
    rule: 'No NetworkPolicy of a fenced namespace allows everything in one direction.',
    remedy: 'Name the peers and the ports that the Pods need.',
    cap: 'warn',
  },
  'api-server-traffic': {
    id: 'api-server-traffic',
    rule: 'In a fenced namespace, policies let the API server reach the webhooks and the aggregated APIs that are there.',
    remedy:
      'Allow ingress from the addresses of the API server on the port of the Pods. Until then, the API server cannot call them.',
    cap: 'enforce',
  },
  'host-port': {
    id: 'host-port',
    rule: 'No Pod outside the exempt namespaces has a hostPort.',
    remedy: 'Use a Service instead of the hostPort.',
    cap: 'warn',
  },
} as const satisfies Readonly<Record<string, RuleText>>;

export type AuditRule = keyof typeof auditRules;
