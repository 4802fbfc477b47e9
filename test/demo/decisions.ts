// The decisions about the scenes in the audit log: as a table with one row for each, and what is
// missing.
import { auditMessage } from '../../src/telemetry/audit.ts';
import type { Scene } from './scene.ts';

/** The keys of an audit line (schemas/audit.schema.json) that the demo uses. */
export interface Decision {
  readonly time: string;
  readonly operation: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: string;
  readonly decision: string;
  readonly dryRun: boolean;
  readonly findings: readonly { readonly check: string }[];
}

/** Returns the decisions in a log, in their order, without the dry runs with which scenes wait. */
export function decisionsIn(lines: readonly object[]): readonly Decision[] {
  return lines
    .filter((line): line is Decision => 'msg' in line && line.msg === auditMessage)
    .filter(({ dryRun }) => !dryRun);
}

/** Formats a table with one row for each decision. A check with several findings is named once. */
export function tabulate(decisions: readonly Decision[]): string {
  const rows = decisions.map(({ time, decision, operation, resource, namespace, name, findings, user }) => [
    time.slice('2026-01-01T'.length, -'.000Z'.length),
    decision,
    operation,
    resource,
    resource === 'namespaces' ? name : `${namespace}/${name}`,
    [...new Set(findings.map(({ check }) => check))].join(',') || '-',
    user,
  ]);
  const table = [['TIME', 'DECISION', 'OPERATION', 'RESOURCE', 'OBJECT', 'CHECKS', 'USER'], ...rows];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/**
 * Returns, in phrases, what the log lacks. Each refusal of the developer must have one line, and
 * nobody else may have one.
 */
export function judgeDecisions(decisions: readonly Decision[], scenes: readonly Scene[]): readonly string[] {
  const refusals = scenes.flatMap(({ steps }) => steps).filter(({ expect }) => expect.answer === 'refused').length;
  const denied = decisions.filter(({ decision }) => decision === 'denied');
  const others = new Set(
    decisions.map(({ decision }) => decision).filter((word) => word !== 'denied' && word !== 'allowed'),
  );
  const strangers = new Set(denied.map(({ user }) => user).filter((user) => user !== 'developer'));
  return [
    ...(denied.length === refusals ? [] : [`${refusals} lines of refusals, not ${denied.length}`]),
    ...[...strangers].map((user) => `no refusal of ${user}`),
    ...[...others].map((word) => `no decision "${word}"`),
  ];
}
