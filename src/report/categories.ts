import type { Severity } from './report.ts';

/** The category of each rule in reports of other tools. */
export const categories: Readonly<Record<string, 'Identity' | 'Flows' | 'Exposure' | 'Breadth' | 'Baseline'>> = {
  'api-server-traffic': 'Flows',
  'baseline-guard': 'Baseline',
  'baseline-state': 'Baseline',
  'baseline-void': 'Baseline',
  'cross-environment': 'Flows',
  'egress-broad-cidr': 'Breadth',
  'egress-to-anyone': 'Breadth',
  'egress-to-api-server': 'Flows',
  'egress-to-metadata': 'Exposure',
  'egress-without-dns': 'Flows',
  'exposed-unexpected': 'Exposure',
  'exposes-unexposed': 'Exposure',
  'flow-matrix': 'Flows',
  'host-network': 'Flows',
  'host-port': 'Flows',
  'ingress-broad-cidr': 'Breadth',
  'ingress-from-anyone': 'Exposure',
  'internal-expose': 'Identity',
  'internal-exposed': 'Exposure',
  'label-agreement': 'Identity',
  'label-values': 'Identity',
  'missing-template': 'Identity',
  'mode-value': 'Identity',
  'namespace-exposure': 'Identity',
  'namespace-selector-as-internet': 'Flows',
  'never-fenced': 'Baseline',
  'no-effect': 'Flows',
  'other-policy': 'Flows',
  'policy-types': 'Flows',
  readable: 'Identity',
  'required-labels': 'Identity',
  'unanchored-identity': 'Identity',
  'ungoverned-selector': 'Identity',
  'unknown-taxonomy-value': 'Identity',
};

/**
 * How grave a finding of a rule is, in the words that PolicyReports and code scanning share. What
 * lets the outside in is the gravest.
 */
export type Gravity = 'critical' | 'high' | 'medium' | 'low';

export function gravityOf(check: string, severity: Severity): Gravity {
  if (severity === 'error') return categories[check] === 'Exposure' ? 'critical' : 'high';
  return severity === 'warning' ? 'medium' : 'low';
}
