import { isObject } from '../kubernetes/raw-object.ts';
import { isMode } from '../policy/mode.ts';
import { type AuditFinding, type AuditLabels, type AuditRecord, auditMessage } from '../telemetry/audit.ts';

/** One audit line as it was written: schemas/audit.schema.json. */
export interface AuditLine extends Omit<AuditRecord, 'findings'> {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly findings: readonly LoggedFinding[];
  readonly omittedFindings?: number;
}

/** `found` is null if nothing was found. */
export type LoggedFinding = Omit<AuditFinding, 'found'> & { readonly found: string | null };

/** What one line of a log file has: audit lines, and the Pod that a prefix or a label names. */
export interface LoggedLine {
  readonly audits: readonly AuditLine[];
  readonly pod: string | undefined;
  /** Why an audit line cannot be used; undefined if each can. */
  readonly problem?: string;
  /** The message of another line of Ringfence's own log. */
  readonly message?: string;
  readonly time?: string;
}

/**
 * Reads one line of a log file: an audit line, plain or behind a prefix (`kubectl logs --prefix`
 * and `--timestamps`, CRI, logcli), or inside a JSON object that has it as text: an entry of
 * `logcli -o jsonl` (`line`), of Docker's json-file and Fluent Bit (`log`), or a whole answer of
 * Loki's HTTP API (query_range, resultType `streams`). Never throws.
 */
export function readLogged(text: string): LoggedLine {
  const pod = /^\[pod\/([^/\]]+)/.exec(text)?.[1];
  // The message is plain in every form, and escaping does not change it.
  if (!text.includes(auditMessage)) {
    const isCut = text.includes(begin) && !text.trimEnd().endsWith('}');
    return isCut ? { audits: [], pod, problem: cut } : { audits: [], pod, ...otherMessage(text) };
  }
  const value = parseFrom(text);
  if (value === undefined) return { audits: [], pod, problem: cut };
  return unwrap(value, pod);
}

/** How every line of the log begins (src/telemetry). */
const begin = '{"level":"';
const cut = 'is cut, or not JSON';

function unwrap(value: Readonly<Record<string, unknown>>, pod: string | undefined): LoggedLine {
  if (value['msg'] === auditMessage) {
    const problem = findProblem(value);
    return problem === undefined
      ? { audits: [value as unknown as AuditLine], pod }
      : { audits: [], pod, problem: `is an audit line, but ${problem}` };
  }
  const { labels, data } = value;
  const named = isObject(labels) && typeof labels['pod'] === 'string' ? labels['pod'] : pod;
  for (const field of ['line', 'log', 'message'] as const) {
    const inner = value[field];
    if (typeof inner !== 'string' || !inner.includes(auditMessage)) continue;
    const found = readLogged(inner);
    return { ...found, pod: found.pod ?? named };
  }
  if (isObject(data) && Array.isArray(data['result'])) return unwrapAnswer(data['result'], pod);
  return { audits: [], pod };
}

/** Streams of Loki: `[{stream: {pod}, values: [[nanoseconds, line], …]}, …]`. */
function unwrapAnswer(streams: readonly unknown[], pod: string | undefined): LoggedLine {
  const audits: AuditLine[] = [];
  let problem: string | undefined;
  for (const stream of streams) {
    const values = isObject(stream) && Array.isArray(stream['values']) ? stream['values'] : [];
    for (const entry of values) {
      const inner: unknown = Array.isArray(entry) ? entry[1] : undefined;
      if (typeof inner !== 'string' || !inner.includes(auditMessage)) continue;
      const found = readLogged(inner);
      audits.push(...found.audits);
      problem ??= found.problem;
    }
  }
  return { audits, pod, ...(problem === undefined ? {} : { problem: `has an entry that ${problem}` }) };
}

/** A prefix may have braces of its own (the labels of logcli), but few. */
const prefixBraces = 8;

/** Parses the JSON object at the end of a text; undefined if there is none. */
function parseFrom(text: string): Readonly<Record<string, unknown>> | undefined {
  let at = text.indexOf('{');
  for (let tries = 0; at !== -1 && tries < prefixBraces; tries += 1, at = text.indexOf('{', at + 1)) {
    try {
      const value: unknown = JSON.parse(at === 0 ? text : text.slice(at));
      return isObject(value) ? value : undefined;
    } catch {
      // The brace belongs to the prefix, or the line is cut.
    }
  }
  return undefined;
}

/** The messages of the log that tell of a start and of an end (src/process). */
const turningPoints = ['serving', 'stopped'] as const;

function otherMessage(text: string): Pick<LoggedLine, 'message' | 'time'> {
  const message = turningPoints.find((one) => text.includes(`"msg":"${one}"`));
  if (message === undefined) return {};
  const value = parseFrom(text);
  const time = value?.['time'];
  return value?.['msg'] === message && typeof time === 'string' ? { message, time } : {};
}

const decisions: readonly unknown[] = ['allowed', 'warned', 'denied', 'errored'];
const operations: readonly unknown[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'];
const actions: readonly unknown[] = ['deny', 'warn', 'record'];
const texts = ['uid', 'resource', 'kind', 'namespace', 'name', 'user', 'configVersion'] as const;

/** Says what of the line another program has changed; undefined if it is as the schema says. */
function findProblem(line: Readonly<Record<string, unknown>>): string | undefined {
  for (const field of texts) if (typeof line[field] !== 'string') return `${field} is not a text`;
  const { time, operation, mode, modeSource, decision, findings, identity, permissions } = line;
  if (typeof time !== 'string' || !/^\d{4}-\d{2}-\d{2}T.*Z$/.test(time)) return 'time is not a time in UTC';
  if (!operations.includes(operation)) return 'operation is unknown';
  if (!isMode(mode)) return 'mode is unknown';
  if (modeSource !== 'cluster' && modeSource !== 'namespace') return 'modeSource is unknown';
  if (!decisions.includes(decision)) return 'decision is unknown';
  if (!Array.isArray(findings) || !findings.every(isFinding)) return 'findings are not findings';
  if (permissions !== undefined && !isTexts(permissions)) return 'permissions are not texts';
  if (identity !== undefined && !isIdentity(identity)) return 'identity is not an identity';
  return undefined;
}

function isFinding(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { check, field, found, action, because, reason } = value;
  return (
    [check, field, because, reason].every((one) => typeof one === 'string') &&
    actions.includes(action) &&
    (found === null || typeof found === 'string')
  );
}

function isIdentity(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { rules, labels, old, namespace } = value;
  if (typeof rules !== 'string' || !isLabels(labels)) return false;
  return (old === undefined || isLabels(old)) && (namespace === undefined || namespace === null || isLabels(namespace));
}

function isLabels(value: unknown): value is AuditLabels {
  return isObject(value) && Object.values(value).every((one) => one === null || typeof one === 'string');
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
