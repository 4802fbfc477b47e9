import { describe, expect, it } from 'vitest';
import { desiredConfigurations } from '../../src/admission/webhooks.ts';
import type { AuditRecord } from '../../src/telemetry/audit.ts';
import { createMetrics, knownResources, type MetricSources } from '../../src/telemetry/metrics.ts';
import { configIn } from '../admission/scene.ts';

const sources: MetricSources = {
  pending: () => 3,
  failing: () => 1,
  informerAgeSeconds: () => ({ namespaces: 1.5, networkpolicies: 2 }),
  expiry: () => ({ certificate: 1_800_000_000 }),
};
const record: AuditRecord = {
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

/** The lines of our own metrics, without comments. */
async function scrape(metrics: ReturnType<typeof createMetrics>): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => line.startsWith('ringfence_'));
}

describe('the metrics', () => {
  it('count decisions, their findings by check, and their durations in seconds', async () => {
    const metrics = createMetrics(sources);
    metrics.decided(record);
    metrics.decided({ ...record, decision: 'allowed', findings: [] });
    expect(await scrape(metrics)).toEqual(
      expect.arrayContaining([
        'ringfence_decisions_total{resource="pods",operation="CREATE",decision="denied"} 1',
        'ringfence_decisions_total{resource="pods",operation="CREATE",decision="allowed"} 1',
        'ringfence_findings_total{check="label-values",action="deny"} 2',
        'ringfence_decision_duration_seconds_sum{resource="pods"} 0.006',
        'ringfence_decision_duration_seconds_bucket{le="0.0025",resource="pods"} 0',
        'ringfence_decision_duration_seconds_bucket{le="0.005",resource="pods"} 2',
      ]),
    );
  });

  it('ask at each scrape for what changes by itself', async () => {
    let pending = 3;
    const metrics = createMetrics({ ...sources, pending: () => pending });
    await metrics.text();
    pending = 0;
    expect((await scrape(metrics)).filter((line) => !line.startsWith('ringfence_config_'))).toEqual([
      'ringfence_baselines_pending 0',
      'ringfence_baselines_failing 1',
      'ringfence_informer_age_seconds{informer="namespaces"} 1.5',
      'ringfence_informer_age_seconds{informer="networkpolicies"} 2',
      'ringfence_certificate_expiry_timestamp_seconds{part="certificate"} 1800000000',
    ]);
  });

  it('count reconciliations by outcome', async () => {
    const metrics = createMetrics(sources);
    metrics.reconciled('repaired');
    expect(await scrape(metrics)).toContain('ringfence_baseline_reconciliations_total{outcome="repaired"} 1');
  });

  it('count Events by outcome', async () => {
    const metrics = createMetrics(sources);
    metrics.recorded('written');
    metrics.recorded('repeated');
    metrics.recorded('repeated');
    expect(await scrape(metrics)).toEqual(
      expect.arrayContaining([
        'ringfence_events_total{outcome="written"} 1',
        'ringfence_events_total{outcome="repeated"} 2',
      ]),
    );
  });

  it('say whether the configuration could be loaded, and when it last could', async () => {
    const before = Math.floor(Date.now() / 1000);
    const metrics = createMetrics(sources);
    const config = async () => {
      const lines = (await scrape(metrics)).filter((line) => line.startsWith('ringfence_config_'));
      return lines.map((line) => Number(line.slice(line.lastIndexOf(' '))));
    };
    expect(await config()).toEqual([1, expect.toSatisfy((at: number) => at >= before)]);
    metrics.configured({ problem: undefined, since: new Date(5_000) });
    expect(await config()).toEqual([1, 5]);
    metrics.configured({ problem: 'mode: is wrong', since: new Date(9_000) });
    expect(await config()).toEqual([0, 5]);
    metrics.configured({ problem: undefined, since: new Date(12_000) });
    expect(await config()).toEqual([1, 12]);
  });

  it('have one series for all resources that only a forged review can name', async () => {
    const metrics = createMetrics(sources);
    for (let index = 0; index < 1000; index += 1) metrics.decided({ ...record, resource: `forged-${index}` });
    const lines = await scrape(metrics);
    expect(lines).toContain('ringfence_decisions_total{resource="other",operation="CREATE",decision="denied"} 1000');
    expect(lines.filter((line) => line.includes('forged'))).toEqual([]);
  });

  it('know exactly the resources that the webhooks ask for', () => {
    const { validating } = desiredConfigurations(configIn('enforce'), { baseUrl: '' }, '');
    const asked = validating.webhooks.flatMap(({ rules }) => rules.flatMap(({ resources }) => resources));
    expect(new Set(asked)).toEqual(knownResources);
  });

  it('of two processes in one are apart', async () => {
    const [one, other] = [createMetrics(sources), createMetrics(sources)];
    one.reconciled('equal');
    expect(await scrape(other)).not.toContain('ringfence_baseline_reconciliations_total{outcome="equal"} 1');
  });
});
