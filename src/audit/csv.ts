import { stringify } from 'csv-stringify/sync';
import type { AuditReport } from './report.ts';

const columns = [
  'type',
  'severity',
  'namespace',
  'team',
  'kind',
  'name',
  'check',
  'field',
  'message',
  'remedy',
  'cause',
] as const;

type Row = Readonly<Partial<Record<(typeof columns)[number], string | number>>>;

/**
 * An audit as a table (RFC 4180): a row for each finding, and rows of other types for what is no
 * finding on one object. Cells that a spreadsheet would take for a formula get an apostrophe, so
 * that a label's value stays data.
 */
export function* auditCsv(report: AuditReport): Generator<string> {
  yield stringify([[...columns]]);
  for (const rows of blocks(rowsOf(report))) yield stringify(rows, { columns: [...columns], escape_formulas: true });
}

/** A call for each row would read the options each time. */
const blockSize = 500;

function* blocks(rows: Iterable<Row>): Generator<Row[]> {
  let block: Row[] = [];
  for (const row of rows) {
    if (block.push(row) < blockSize) continue;
    yield block;
    block = [];
  }
  if (block.length > 0) yield block;
}

function* rowsOf(report: AuditReport): Generator<Row> {
  const numbers = new Map(report.causes.map(({ id }, index) => [id, index + 1]));
  const teams = new Map(report.namespaces.map(({ name, team }) => [name, team]));
  for (const { cause, kind, name, namespace: place, ...finding } of report.findings) {
    // A filter by namespace finds the namespace itself too.
    const namespace = kind === 'Namespace' ? name : place;
    const team = teams.get(namespace) ?? '';
    yield { type: 'finding', ...finding, kind, name, namespace, team, cause: numbers.get(cause.id) ?? 0 };
  }
  for (const { name, team, why } of report.namespaces)
    if (why !== '') yield { type: 'not-fenced', namespace: name, team, kind: 'Namespace', name, message: why };
  for (const { namespace, service, fate, reason, callers } of report.apiServerCalls) {
    const from = callers.map((one) => `${one.kind} ${one.name}`).join(', ');
    const team = teams.get(namespace) ?? '';
    const message = `${reason} (${from})`;
    yield { type: 'api-server-calls', severity: fate, namespace, team, kind: 'Service', name: service, message };
  }
  for (const { exposure, via, to, verdict } of report.exposure.flows)
    yield { type: 'exposure', severity: verdict, name: exposure, message: `${via} to ${to.join(', ')}` };
  for (const { name, namespace, state, until, checks } of report.exceptions)
    yield { type: 'exception', severity: state, namespace, name, message: `${checks.join(', ')} until ${until}` };
  for (const { examination, status, looked, found, remedy } of report.doctor ?? [])
    yield { type: 'doctor', severity: status, name: looked, check: examination, message: found, remedy };
  for (const { id, message, overlooked } of report.notes)
    yield { type: 'note', severity: overlooked ? 'overlooked' : '', check: id, message };
  for (const [kind, count] of report.judgement.unread)
    yield { type: 'note', severity: 'overlooked', check: 'unread', kind, message: `${count} not read` };
}
