// Metrics with values.
import { vocabularies } from '../../src/process/vocabulary.ts';
import type { AuditRecord } from '../../src/telemetry/audit.ts';
import { createMetrics, type MetricSources, type Metrics } from '../../src/telemetry/metrics.ts';

export const sources: MetricSources = {
  pending: () => 3,
  failing: () => 1,
  census: () => [{ mode: 'enforce', baseline: 'true', namespaces: 4 }],
  informerAgeSeconds: () => ({ namespaces: 1.5, networkpolicies: 2 }),
  expiry: () => ({ certificate: 1_800_000_000 }),
  webhooksKept: () => true,
  standing: () => [
    { check: 'label-values', action: 'deny', policies: 2 },
    { check: 'label-values', action: 'warn', policies: 0 },
  ],
  exceptions: () => ({ holds: 2, ending: 1, ended: 0 }),
  webhooksReached: () => true,
  dnsFound: () => true,
  config: () => ({ mode: 'enforce', version: '7' }),
};

export const record: AuditRecord = {
  uid: 'u',
  operation: 'CREATE',
  resource: 'pods',
  kind: 'Pod',
  namespace: 'shop',
  name: 'web',
  user: 'dev',
  groups: [],
  mode: 'enforce',
  modeSource: 'cluster',
  configVersion: '7',
  decision: 'denied',
  findings: [
    { check: 'label-values', field: 'f', found: 'x', action: 'deny', because: 'cluster', reason: 'r' },
    { check: 'label-values', field: 'g', found: 'x', action: 'deny', because: 'cluster', reason: 'r' },
  ],
  durationMs: 3,
  dryRun: false,
};

/** Metrics of a ready process with all parts. */
export function follow(more: Partial<MetricSources> = {}): Metrics {
  const metrics = createMetrics({ ...vocabularies, checks: ['label-values', 'required-labels'] }, () => true);
  metrics.follow({ ...sources, ...more });
  return metrics;
}

/** Returns the lines of Ringfence's own metrics, without comments. */
export async function scrape(metrics: Metrics): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => line.startsWith('ringfence_'));
}
