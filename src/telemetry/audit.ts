/**
 * One decision, as the admission side hands it over. The line that is written of it has a schema:
 * schemas/audit.schema.json.
 */
export interface AuditRecord {
  /**
   * AdmissionRequest.uid: of this one call of a webhook. What is not trivial has it in the API
   * server's audit log too, as an annotation.
   */
  readonly uid: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  /** The resource with its subresource: `pods`, `pods/status`. */
  readonly resource: string;
  /** The kind, without its group: `Pod`. */
  readonly kind: string;
  /** Empty for what is in no namespace. */
  readonly namespace: string;
  readonly name: string;
  readonly user: string;
  readonly groups: readonly string[];
  readonly mode: 'observe' | 'warn' | 'enforce';
  /** What the mode came from. */
  readonly modeSource: 'cluster' | 'namespace';
  /**
   * The version of the configuration that judged: its ConfigMap's resourceVersion, "0" for a file
   * or the defaults.
   */
  readonly configVersion: string;
  /** `errored`: a defect of ours decided, not a rule. */
  readonly decision: 'allowed' | 'warned' | 'denied' | 'errored';
  readonly findings: readonly AuditFinding[];
  /** From the parsed body to the answer, in milliseconds. */
  readonly durationMs: number;
  readonly dryRun: boolean;
  /** What the gate found or did about the namespace's baseline: `there`, `made`, … */
  readonly baseline?: string;
  /** Permissions that the request needed, asked for and had: `claim identities/team:shop`. */
  readonly permissions?: readonly string[];
}

/** What an audit line says of a finding; the policy's findings satisfy it. */
export interface AuditFinding {
  readonly check: string;
  readonly field: string;
  readonly found: string | undefined;
  readonly action: 'deny' | 'warn' | 'record';
  readonly because: 'cluster' | 'namespace' | 'cap' | 'ratchet' | 'guard' | 'exception';
  /** The exception that waives it, by name. */
  readonly exception?: string;
  readonly reason: string;
  readonly undecided?: true;
}

/**
 * What audit lines are written to: the same output as the log's, whatever the log's level, because
 * a quiet log must not lose decisions.
 */
export interface AuditSink {
  write(line: string): void;
}

export const auditMessage = 'admission decision';

/**
 * Writes one line for one decision; never the object's body, and never more than {@link
 * auditLimits} allow.
 */
export function writeAudit(sink: AuditSink, record: AuditRecord): void {
  // Of the log's form, without the log: one shape, written as it stands, costs half.
  sink.write(`${JSON.stringify(shapeLine(record))}\n`);
}

/**
 * Bounds of a line, so that no request can write an enormous one. Lengths in UTF-16 units; a
 * shortened text ends with "…".
 */
export const auditLimits = {
  // Kubernetes bounds names (253 characters), but what calls the port need not be Kubernetes.
  name: 253,
  // A user name may be a distinguished name or an e-mail address; X.509 and OIDC names stay well
  // below.
  user: 256,
  groups: 64,
  // A label's key has 317 characters at most, and a pod template's path comes before it.
  field: 400,
  // Twice the longest label value.
  found: 128,
  reason: 512,
  // More findings than an object has labels that anyone governs; those beyond are counted.
  findings: 100,
} as const;

/** A key whose value is undefined is not written. */
function shapeLine(record: AuditRecord): object {
  const { findings, groups } = auditLimits;
  return {
    level: 'info',
    time: timeText(),
    uid: shorten(record.uid, auditLimits.name),
    operation: record.operation,
    resource: shorten(record.resource, auditLimits.name),
    kind: shorten(record.kind, auditLimits.name),
    namespace: shorten(record.namespace, auditLimits.name),
    name: shorten(record.name, auditLimits.name),
    user: shorten(record.user, auditLimits.user),
    groups: record.groups.slice(0, groups).map((group) => shorten(group, auditLimits.user)),
    omittedGroups: record.groups.length > groups ? record.groups.length - groups : undefined,
    mode: record.mode,
    modeSource: record.modeSource,
    configVersion: shorten(record.configVersion, auditLimits.name),
    decision: record.decision,
    findings: record.findings.slice(0, findings).map(shapeFinding),
    omittedFindings: record.findings.length > findings ? record.findings.length - findings : undefined,
    durationMs: Math.round(record.durationMs * 1000) / 1000,
    dryRun: record.dryRun,
    permissions: record.permissions?.slice(0, findings).map((text) => shorten(text, auditLimits.field)),
    baseline: record.baseline === undefined ? undefined : shorten(record.baseline, auditLimits.found),
    msg: auditMessage,
  };
}

let now = 0;
let text = '';

/** The time of a line, written once for all of the same millisecond. */
function timeText(): string {
  const at = Date.now();
  if (at !== now) text = new Date(at).toISOString();
  now = at;
  return text;
}

function shapeFinding(finding: AuditFinding): object {
  return {
    check: shorten(finding.check, auditLimits.name),
    field: shorten(finding.field, auditLimits.field),
    found: finding.found === undefined ? null : shorten(finding.found, auditLimits.found),
    action: finding.action,
    because: finding.because,
    exception: finding.exception === undefined ? undefined : shorten(finding.exception, auditLimits.name),
    reason: shorten(finding.reason, auditLimits.reason),
    undecided: finding.undecided === true ? true : undefined,
  };
}

function shorten(text: string, limit: number): string {
  // Cutting may halve a character: a lone surrogate is no Unicode text, and some readers of JSON
  // refuse it.
  return (text.length <= limit ? text : `${text.slice(0, limit - 1)}…`).toWellFormed();
}
