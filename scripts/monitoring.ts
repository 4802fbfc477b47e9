// The generated files about metrics and alerts: the rules in the operator's form, and the pages for
// people.
import { Document, parse } from 'yaml';
import { vocabularies } from '../src/process/vocabulary.ts';
import { metricFamilies } from '../src/telemetry/families.ts';
import { table } from './table.ts';

/** A rules file of Prometheus, with the fields that ours use. */
export interface Rules {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Alert[] }[];
}

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: 'warning' | 'critical' };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook: string };
}

export function readRules(text: string): Rules {
  return parse(text) as Rules;
}

/** The rules as monitoring.coreos.com/v1 PrometheusRule. */
export function renderPrometheusRule(text: string): string {
  const { groups } = readRules(text);
  const document = new Document({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'ringfence' },
    spec: { groups },
  });
  document.commentBefore = ' Generated from rules.yaml by `npm run docs`: do not edit.';
  return document.toString({ lineWidth: 120 });
}

/** docs/alerts.md: a section for each alert. The name of the alert links to it. */
export function renderAlerts(text: string): string {
  return readRules(text)
    .groups.flatMap(({ rules }) => rules)
    .map(({ alert, expr, labels, annotations, ...rule }) =>
      [
        `## ${alert}`,
        `${plain(annotations.summary)} ${plain(annotations.description)}`,
        `**What to do.** ${annotations.runbook}`,
        `Severity: ${labels.severity}.${rule.for === undefined ? '' : ` After ${rule.for} of:`}`,
        `\`\`\`promql\n${expr}\n\`\`\``,
      ].join('\n\n'),
    )
    .join('\n\n');
}

export function renderMetrics(): string {
  const families = Object.values(metricFamilies({ ...vocabularies, checks: ['ids of docs/checks.md'] }));
  const rows = families.map(({ name, type, help, labels }) => {
    const words = Object.entries<readonly string[]>(labels).map(
      ([label, values]) =>
        `\`${label}\`: ${values.map((value) => (value.includes(' ') ? value : `\`${value}\``)).join(', ')}`,
    );
    return [`\`${name}\``, type, help, words.join('<br>')];
  });
  return table(['metric', 'type', 'meaning', 'labels'], rows);
}

/** An annotation without its templates, which only a firing alert can fill. */
export function plain(text: string): string {
  return text
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => `(${label})`)
    .replaceAll(/\{\{ \$value(?: \| \w+)? \}\}/g, '(value)');
}
