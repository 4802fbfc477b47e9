// The alert rules, tested by Prometheus' own tool: they parse, each fires when it should, and none
// fires when it should not.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openObservation } from '../../src/process/observation.ts';
import { runTool } from '../go-tools/tool.ts';
import { describeWithTool } from '../go-tools/vitest.ts';
import { alerts, expressions, folder } from '../manifests/monitoring.ts';
import type { Case } from './case.ts';
import { cases } from './cases.ts';

const rulesFile = join(folder, 'rules.yaml');

await describeWithTool('promtool', 'the alert rules', (promtool) => {
  let temporary = '';
  beforeAll(() => {
    temporary = mkdtempSync(join(tmpdir(), 'ringfence-promtool-'));
  });
  afterAll(() => rmSync(temporary, { recursive: true, force: true }));

  it('parse, without a complaint', () => {
    const { exitCode, output } = runTool(promtool, ['check', 'rules', '--lint=all', '--lint-fatal', rulesFile]);
    expect(output).toContain(`${alerts.length} rules found`);
    expect(exitCode).toBe(0);
  });

  it('have for each alert what makes it fire, and what does not', () => {
    const names = (fires: boolean) =>
      new Set(cases.filter((one) => (one.fires !== undefined) === fires).map(({ alert }) => alert));
    const all = new Set(alerts.map(({ alert }) => alert));
    expect(names(true)).toEqual(all);
    expect(names(false)).toEqual(all);
  });

  it.each(alerts.map(({ alert }) => alert))('%s fires when it should, says so, and not otherwise', (alert) => {
    const file = join(temporary, `${alert}.json`);
    writeFileSync(file, JSON.stringify(testFile(cases.filter((one) => one.alert === alert))));
    const { exitCode, output } = runTool(promtool, ['test', 'rules', file]);
    expect(output).toContain('SUCCESS');
    expect(exitCode).toBe(0);
  });

  it('fail their tests when they say something else', () => {
    const file = join(temporary, 'wrong.json');
    const [first] = cases;
    if (first === undefined) throw new Error('no case');
    const { fires: _, ...silent } = first;
    writeFileSync(file, JSON.stringify(testFile([silent])));
    expect(runTool(promtool, ['test', 'rules', file])).toMatchObject({ exitCode: 1 });
  });
});

await describeWithTool('promtool', 'the queries of the dashboard', (promtool) => {
  it('are PromQL to Prometheus itself', () => {
    // The queries become recording rules, so that promtool finds queries that are not valid.
    const rules = expressions.map(([, expression], index) => ({
      record: `query:${index}`,
      expr: expression.replaceAll('$__rate_interval', '5m'),
    }));
    const text = JSON.stringify({ groups: [{ name: 'queries', rules }] });
    const { exitCode, output } = runTool(promtool, ['check', 'rules'], { input: text });
    expect(output).toContain(`${rules.length} rules found`);
    expect(exitCode).toBe(0);
  });
});

await describeWithTool('promtool', 'the metrics', (promtool) => {
  it('are named as Prometheus wants them', async () => {
    const text = await openObservation(120).metrics.text();
    const { output } = runTool(promtool, ['check', 'metrics'], { input: text });
    // The library names Node's own metrics.
    expect(output.split('\n').filter((line) => line.includes('ringfence_') || /parse|error while/i.test(line))).toEqual(
      [],
    );
  });
});

/** A test file of promtool, in JSON, which is YAML. */
function testFile(tests: readonly Case[]): object {
  return {
    rule_files: [rulesFile],
    evaluation_interval: '1m',
    tests: tests.map(({ alert, series, at, fires, shown }) => ({
      interval: '1m',
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      alert_rule_test: [
        {
          alertname: alert,
          eval_time: at,
          exp_alerts:
            fires === undefined
              ? []
              : [{ exp_labels: { ...fires, severity: severityOf(alert) }, exp_annotations: said(alert, fires, shown) }],
        },
      ],
    })),
  };
}

function severityOf(name: string): string | undefined {
  return alerts.find(({ alert }) => alert === name)?.labels.severity;
}

/** Returns the annotations of an alert, with the template filled in. */
function said(name: string, labels: Readonly<Record<string, string>>, shown = ''): Readonly<Record<string, string>> {
  const annotations = alerts.find(({ alert }) => alert === name)?.annotations;
  return Object.fromEntries(
    Object.entries<string>({ ...annotations }).map(([key, text]) => [
      key,
      text
        .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? '')
        .replaceAll(/\{\{ \$value(?: \| \w+)? \}\}/g, shown),
    ]),
  );
}
