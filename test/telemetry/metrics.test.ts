import { describe, expect, it } from 'vitest';
import { vocabularies } from '../../src/process/vocabulary.ts';
import { answerCodes, metricFamilies } from '../../src/telemetry/families.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { follow, record, scrape, sources } from './metrics-scene.ts';

describe('the metrics', () => {
  it('count decisions, their findings by check, and their durations in seconds', async () => {
    const metrics = follow();
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

  it.each<[string, (metrics: ReturnType<typeof follow>) => void, readonly string[]]>([
    ['reviews', ({ reviewed }) => reviewed('early', 'patched'), ['reviews_total{phase="early",outcome="patched"} 1']],
    ['malformed bodies', ({ malformed }) => malformed('json'), ['malformed_reviews_total{reason="json"} 1']],
    ['defects', ({ defect }) => defect(), ['defects_total 1']],
    [
      'what the gate saw',
      ({ looked }) => looked('made', 20),
      ['gate_total{outcome="made"} 1', 'gate_duration_seconds_sum 0.02'],
    ],
    [
      'permissions asked for',
      ({ asked }) => asked('failed', 2000),
      ['access_review_duration_seconds_count{outcome="failed"} 1'],
    ],
    [
      'calls',
      ({ called }) => called('PATCH', 200, 4),
      ['api_calls_total{verb="PATCH",code="2xx"} 1', 'api_call_duration_seconds_sum{verb="PATCH"} 0.004'],
    ],
    [
      'reconciliations',
      ({ reconciled }) => reconciled('repaired'),
      ['baseline_reconciliations_total{outcome="repaired"} 1'],
    ],
    ['Events', ({ recorded }) => recorded('dropped'), ['events_total{outcome="dropped"} 1']],
  ])('count %s', async (_, happen, lines) => {
    const metrics = follow();
    happen(metrics);
    expect(await scrape(metrics)).toEqual(expect.arrayContaining(lines.map((line) => `ringfence_${line}`)));
  });

  it.each([
    [0, 'none'],
    [200, '2xx'],
    [201, '2xx'],
    [304, '3xx'],
    [403, '4xx'],
    [404, '404'],
    [409, '409'],
    [410, '410'],
    [429, '429'],
    [500, '5xx'],
    [503, '5xx'],
    [999, 'none'],
  ] as const)('count an answer %d as %s', async (status, code) => {
    const metrics = follow();
    metrics.called('GET', status, 1);
    expect(answerCodes).toContain(code);
    const counted = (await scrape(metrics)).filter((line) => /^ringfence_api_calls_total\{.*\} 1$/.test(line));
    expect(counted).toEqual([`ringfence_api_calls_total{verb="GET",code="${code}"} 1`]);
  });

  it('count each event once, however often they are asked', async () => {
    const metrics = follow();
    for (let round = 1; round <= 3; round += 1) {
      metrics.decided(record);
      metrics.reconciled('repaired');
      const lines = await scrape(metrics);
      expect(lines).toContain(
        `ringfence_decisions_total{resource="pods",operation="CREATE",decision="denied"} ${round}`,
      );
      expect(lines).toContain(`ringfence_baseline_reconciliations_total{outcome="repaired"} ${round}`);
      expect(await scrape(metrics)).toEqual(lines);
    }
  });

  it('leave the time of a watch alone: it lasts as long as it is meant to', async () => {
    const metrics = follow();
    metrics.called('WATCH', 200, 20_000);
    expect((await scrape(metrics)).filter((line) => line.includes('api_call_duration'))).toEqual([]);
  });

  it('ask at each scrape for what changes by itself', async () => {
    let pending = 3;
    const metrics = follow({ pending: () => pending });
    await metrics.text();
    pending = 0;
    const lines = (await scrape(metrics)).filter((line) => !/_total|_config_|_duration_/.test(line));
    expect(lines).toEqual([
      'ringfence_ready 1',
      'ringfence_baselines_pending 0',
      'ringfence_baselines_failing 1',
      'ringfence_webhooks_kept 1',
      'ringfence_webhooks_reached 1',
      'ringfence_dns_found 1',
      'ringfence_mode{mode="observe"} 0',
      'ringfence_mode{mode="warn"} 0',
      'ringfence_mode{mode="enforce"} 1',
      'ringfence_namespaces{mode="enforce",baseline="true"} 4',
      'ringfence_standing_findings{check="label-values",action="deny"} 2',
      'ringfence_standing_findings{check="label-values",action="warn"} 0',
      'ringfence_exceptions{state="holds"} 2',
      'ringfence_exceptions{state="ending"} 1',
      'ringfence_exceptions{state="ended"} 0',
      'ringfence_informer_age_seconds{informer="namespaces"} 1.5',
      'ringfence_informer_age_seconds{informer="networkpolicies"} 2',
      'ringfence_certificate_expiry_timestamp_seconds{part="certificate"} 1800000000',
    ]);
  });

  it('say from the start whether the process is ready, and nothing of parts that do not exist yet', async () => {
    let ready = false;
    const metrics = createMetrics(vocabularies, () => ready);
    expect((await scrape(metrics)).filter((line) => !/_total|_config_|_duration_/.test(line))).toEqual([
      'ringfence_ready 0',
    ]);
    ready = true;
    expect(await scrape(metrics)).toContain('ringfence_ready 1');
  });

  it('begin at zero where an alert waits for the first: an increase from nothing is none', async () => {
    const lines = await scrape(follow());
    expect(lines).toEqual(
      expect.arrayContaining([
        'ringfence_defects_total 0',
        'ringfence_gate_total{outcome="failed"} 0',
        'ringfence_malformed_reviews_total{reason="envelope"} 0',
        'ringfence_baseline_reconciliations_total{outcome="failed"} 0',
        'ringfence_events_total{outcome="failed"} 0',
        'ringfence_reviews_total{phase="enforced",outcome="denied"} 0',
      ]),
    );
  });

  it('say whether the configuration could be loaded, and when it last could', async () => {
    const before = Math.floor(Date.now() / 1000);
    const metrics = createMetrics(vocabularies, () => true);
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

  it('have a version of the configuration that replicas can be compared by', async () => {
    expect(await scrape(follow())).toContain('ringfence_config_version 7');
  });

  it('of two processes in one are apart', async () => {
    const [one, other] = [follow(), follow()];
    one.reconciled('equal');
    expect(await scrape(other)).toContain('ringfence_baseline_reconciliations_total{outcome="equal"} 0');
  });
});

describe('hostile names', () => {
  it('make no series: 10,000 in every label are the series of one', async () => {
    const metrics = follow();
    const names = Array.from({ length: 10_000 }, (_, index) => hostile(index));
    for (const name of names) feed(metrics, name);
    const lines = await scrape(metrics);
    expect(lines.filter((line) => /pwn|__proto__|constructor|\n/.test(line))).toEqual([]);
    const once = follow();
    feed(once, hostile(0));
    expect(lines.length).toBe((await scrape(once)).length);
    expect(lines.length).toBeLessThan(400);
    expect(lines).toContain('ringfence_decisions_total{resource="other",operation="other",decision="other"} 10000');
  });

  it('make no more than the families say, with every word that they know beside', async () => {
    const families = metricFamilies({ ...vocabularies, checks: record.findings.map(({ check }) => check) });
    const metrics = follow();
    for (const resource of [...vocabularies.resources, 'x'])
      for (const decision of [...families.decisions.labels.decision, 'x'])
        metrics.decided({ ...record, resource, decision: decision as 'denied' });
    for (const { type, name, labels } of Object.values(families)) {
      const bound = Object.values(labels).reduce((product, words) => product * (words.length + 1), 1);
      const series = (await scrape(metrics)).filter((line) => new RegExp(`^${name}(_count)?[ {]`).test(line));
      expect(series.length, `${type} ${name}`).toBeLessThanOrEqual(bound);
    }
  });

  function hostile(index: number): string {
    const forms = [`pwn-${index}`, `__proto__${index}`, `constructor${index}`, `"} 1\nringfence_pwn{x="${index}`, ''];
    return forms[index % forms.length] ?? '';
  }

  /** Uses one name for every label value, as if there were no types. */
  function feed(metrics: ReturnType<typeof follow>, name: string): void {
    const word = name as never;
    metrics.reviewed(name, word);
    metrics.malformed(word);
    metrics.decided({
      ...record,
      ...{ resource: name, operation: word, decision: word, namespace: name, name, user: name, kind: name },
      findings: [{ check: name, field: name, found: name, action: word, because: 'cluster', reason: name }],
    });
    metrics.looked(word, 1);
    metrics.asked(word, 1);
    metrics.called(name, name.length, 1);
    metrics.reconciled(name);
    metrics.recorded(word);
    metrics.configured({ problem: name, since: new Date(0) });
    metrics.follow({
      ...sources,
      informerAgeSeconds: () => ({ [`x${name}`]: 1 }),
      expiry: () => ({ [`x${name}`]: 1 }),
      census: () => [{ mode: word, baseline: word, namespaces: 1 }],
      config: () => ({ mode: name, version: '7' }),
    });
  }
});
