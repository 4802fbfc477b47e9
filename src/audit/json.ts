import type { Labels } from '../kubernetes/labels.ts';
import { outsideData } from '../reach/outside-text.ts';
import { totalsOf } from './audit.ts';
import type { AuditFinding } from './finding.ts';
import { type AuditReport, summarize } from './report.ts';

/**
 * An audit for programs, as `schemas/cluster-audit.schema.json` defines it, in pieces. Each member
 * of a list is a line, because ten thousand Pods may have fifty thousand findings.
 */
export function* auditJson(report: AuditReport): Generator<string> {
  let separator = '{\n';
  for (const [key, value] of Object.entries(dataOf(report))) {
    yield `${separator}  ${JSON.stringify(key)}: `;
    if (isIterable(value)) yield* linesOf(value);
    else yield JSON.stringify(value);
    separator = ',\n';
  }
  yield '\n}\n';
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function* linesOf(items: Iterable<unknown>): Generator<string> {
  let separator = '[\n    ';
  let isEmpty = true;
  for (const item of items) {
    yield `${separator}${JSON.stringify(item)}`;
    separator = ',\n    ';
    isEmpty = false;
  }
  yield isEmpty ? '[]' : '\n  ]';
}

function dataOf(report: AuditReport): object {
  const { namespaces, teams, findings, causes, apiServerCalls, exposure, unreached } = report;
  const numbers = new Map(causes.map(({ id }, index) => [id, index + 1]));
  return {
    at: report.at,
    summary: summarize(report),
    totals: totalsOf(report),
    teams,
    namespaces: namespaces.map(({ labels: _, identity, ...one }) => ({ ...one, identity: recordOf(identity) })),
    causes: causes.map(({ id, objects, ...cause }) => ({
      id: numbers.get(id),
      ...cause,
      objects: Object.fromEntries(objects),
    })),
    findings: findings.values().map((finding) => entryOf(finding, numbers.get(finding.cause.id) ?? 0)),
    apiServerCalls,
    exposure: { ...outsideData(exposure), unreached },
    exceptions: report.exceptions,
    notes: report.notes,
    leftOut: Object.fromEntries(report.leftOut),
    unread: Object.fromEntries(report.judgement.unread),
    ...(report.doctor === undefined ? {} : { doctor: report.doctor }),
    ...(report.requests === undefined ? {} : { requests: report.requests }),
  };
}

function recordOf(labels: Labels): Readonly<Record<string, string>> {
  return Object.fromEntries(labels);
}

function entryOf({ file, line, uid, fix, exception, found: _, ...finding }: AuditFinding, cause: number): object {
  return {
    ...finding,
    ...(uid === '' ? {} : { uid }),
    ...(file === '' ? {} : { file, line }),
    ...(fix === undefined ? {} : { fix: { key: fix.key, value: fix.value } }),
    ...(exception === undefined ? {} : { exception }),
    cause,
  };
}
