import { shorten } from '../reach/table.ts';
import { escapeMarkdown, markdownTable } from '../report/markdown.ts';
import { groupCauses } from './cause-groups.ts';
import { listPlaces, sayPlace } from './cause-text.ts';
import { type AuditReport, summarize } from './report.ts';
import { noteLines, remarksOn } from './text.ts';

/** An audit as Markdown with tables (GitHub's), for an issue, a wiki or a summary of a pipeline. */
export function auditMarkdown(report: AuditReport): string {
  const { teams, namespaces, causes, apiServerCalls, exposure, unreached, exceptions, doctor } = report;
  const lines = doctor?.filter(({ status }) => status !== 'clean') ?? [];
  const sections = [
    `# Audit of ${report.at.slice(0, 10)}\n\n${escapeMarkdown(summarize(report))}.\n`,
    table(
      'Teams',
      ['team', 'namespaces', 'fenced', 'Pods', 'findings', 'warnings', 'not decided'],
      teams.map(({ name, namespaces: count, fenced, pods, findings: { error, warning, undecided } }) => [
        name === '' ? '(none)' : name,
        ...[count, fenced, pods, error, warning, undecided].map(String),
      ]),
    ),
    table(
      'Namespaces',
      ['namespace', 'team', 'mode', 'fence', 'Pods', 'findings', 'warnings', 'not decided', 'remarks'],
      namespaces.map((one) => [
        one.name,
        one.team,
        one.isExempt ? 'exempt' : one.mode,
        one.fence,
        ...[one.pods.all, one.findings.error, one.findings.warning, one.findings.undecided].map(String),
        remarksOn(one).join('; '),
      ]),
    ),
    table(
      'What to correct',
      ['severity', 'where', 'what', 'checks', 'findings', 'do'],
      groupCauses(causes).map(({ severity, message, checks, count, fix, remedy, causes: own }) => [
        severity,
        own.length === 1 ? sayPlace(own) : `${sayPlace(own)}: ${listPlaces(own).join(', ')}`,
        message,
        checks.join(', '),
        String(count),
        fix.length > 0 ? fix.map((line) => line.trim()).join(' ') : remedy,
      ]),
    ),
    table(
      'Calls of the API server',
      ['fate', 'Service', 'port', 'called by', 'why'],
      apiServerCalls.map(({ fate, namespace, service, port, callers, reason }) => [
        fate,
        `${namespace}/${service}`,
        String(port),
        shorten(callers.map(({ kind, name }) => `${kind} ${name}`)),
        reason,
      ]),
    ),
    table(
      'Exposed to the outside',
      ['verdict', 'by', 'to', 'port', 'labels'],
      exposure.flows.map(({ verdict, exposure: by, via, to, port, unexpected }) => [
        verdict,
        `${by} (${via})`,
        shorten(to),
        `${port.protocol}/${port.port}`,
        unexpected ?? '',
      ]),
    ),
    list('Exposed by label only', unreached),
    table(
      'Exceptions',
      ['exception', 'namespace', 'checks', 'until', 'state', 'reason'],
      exceptions.map(({ name, namespace, checks, until, state, reason }) => [
        name,
        namespace,
        checks.join(', '),
        until,
        state,
        reason,
      ]),
    ),
    table(
      'Doctor',
      ['status', 'examination', 'looked at', 'found', 'means', 'do'],
      lines.map(({ status, examination, looked, found, means, remedy }) => [
        status,
        examination,
        looked,
        found,
        means,
        remedy,
      ]),
    ),
    list('Good to know', noteLines(report)),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

function table(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const cells = rows.map((row) => row.map(escapeMarkdown));
  return [`## ${title}\n`, ...markdownTable(heads, cells), ''].join('\n');
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0
    ? ''
    : [`## ${title}\n`, ...items.map((item) => `- ${escapeMarkdown(item)}`), ''].join('\n');
}
