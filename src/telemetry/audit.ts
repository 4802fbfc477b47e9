/**
 * One decision as admission passes it on. The written line has a schema: schemas/audit.schema.json.
 */
export interface AuditRecord {
  /**
   * AdmissionRequest.uid, which identifies this call of a webhook. If the decision is not trivial,
   * an annotation in the API server's audit log has the uid too.
   */
  readonly uid: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  /** The resource with its subresource: `pods`, `pods/status`. */
  readonly resource: string;
  /** The kind, without its group: `Pod`. */
  readonly kind: string;
  /** Empty for an object without a namespace. */
  readonly namespace: string;
  readonly name: string;
  readonly user: string;
  readonly groups: readonly string[];
  readonly mode: 'observe' | 'warn' | 'enforce';
  /** Where the mode was configured. */
  readonly modeSource: 'cluster' | 'namespace';
  /**
   * The version of the configuration that judged: the resourceVersion of its ConfigMap, or "0" for
   * a file or the defaults.
   */
  readonly configVersion: string;
  /** `errored` means that a defect of Ringfence decided, not a rule. */
  readonly decision: 'allowed' | 'warned' | 'denied' | 'errored';
  readonly findings: readonly AuditFinding[];
  /** From the parsed body to the answer, in milliseconds. */
  readonly durationMs: number;
  readonly dryRun: boolean;
  /** The baseline of the namespace as the gate found or made it: `there`, `made`, … */
  readonly baseline?: string;
  /**
   * Permissions that the request needed and had, after asking Kubernetes: `claim
   * identities/team:shop`.
   */
  readonly permissions?: readonly string[];
  /** What the checks judged; undefined if no check did. */
  readonly identity?: AuditIdentity;
  /** The controlling owner: `ReplicaSet/web-7c9f`. Exceptions are for it. */
  readonly controller?: string;
  /** The ServiceAccount of a Pod or pod template, unless it is `default`. */
  readonly serviceAccount?: string;
}

/** Labels by key; null for a label that is not there. */
export type AuditLabels = Readonly<Record<string, string | null>>;

/**
 * The identity of an object: its labels and those of its namespace, as far as the taxonomy has
 * their keys. From it, the object can be judged again by another vocabulary or mode.
 */
export interface AuditIdentity {
  /** The digest of the rules that judged: the vocabulary and the network section. */
  readonly rules: string;
  readonly labels: AuditLabels;
  /** The old labels that differ, if the update was compared with the old object. */
  readonly old?: AuditLabels;
  /** The labels of the namespace; null if they were not known. Absent for a Namespace. */
  readonly namespace?: AuditLabels | null;
  readonly fenced?: boolean;
  /** The path of the labels in a workload: `spec.template.metadata.labels`. */
  readonly field?: string;
  /** Whether missing labels had been filled in (`inherit`). */
  readonly inherit?: true;
}

/** The part of a finding that an audit line contains. The policy's findings satisfy this type. */
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
  readonly standing?: true;
}

/**
 * The output of audit lines. It is the same output as the log's, but ignores the log's level,
 * because a quiet log must not lose decisions.
 */
export interface AuditSink {
  write(line: string): void;
}

export const auditMessage = 'admission decision';

/**
 * Writes one line for one decision. It never contains the body of the object, and never exceeds
 * {@link auditLimits}.
 */
export function writeAudit(sink: AuditSink, record: AuditRecord): void {
  // The line has the form of a log line, but does not use the log: writing one fixed shape directly
  // costs half as much.
  sink.write(`${JSON.stringify(shapeLine(record))}\n`);
}

/**
 * Limits of a line, so that no request can write an enormous one. Lengths are in UTF-16 units, and
 * a shortened text ends with "…".
 */
export const auditLimits = {
  // Kubernetes limits names to 253 characters, but a caller of the port need not be Kubernetes.
  name: 253,
  // A user name may be a distinguished name or an e-mail address. Names of X.509 and OIDC stay well
  // below this limit.
  user: 256,
  groups: 64,
  // A label's key has at most 317 characters, and is preceded by the path of the pod template.
  field: 400,
  // Twice the longest label value.
  found: 128,
  reason: 512,
  // No object has this many governed labels. Further findings are only counted.
  findings: 100,
  // Three times the labels that an object can sensibly have as identity.
  identityKeys: 64,
} as const;

/** A key with an undefined value is not written. */
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
    identity: record.identity === undefined ? undefined : shapeIdentity(record.identity),
    controller: record.controller === undefined ? undefined : shorten(record.controller, auditLimits.field),
    serviceAccount: record.serviceAccount === undefined ? undefined : shorten(record.serviceAccount, auditLimits.name),
    msg: auditMessage,
  };
}

function shapeIdentity({ rules, labels, old, namespace, fenced, field, inherit }: AuditIdentity): object {
  return {
    rules,
    labels: shapeLabels(labels),
    old: old === undefined ? undefined : shapeLabels(old),
    namespace: namespace === undefined || namespace === null ? namespace : shapeLabels(namespace),
    fenced,
    field: field === undefined ? undefined : shorten(field, auditLimits.field),
    inherit,
  };
}

/** A key that is left out counts as not recorded, and not as a label that is absent. */
function shapeLabels(labels: AuditLabels): AuditLabels {
  const shaped: Record<string, string | null> = {};
  let left: number = auditLimits.identityKeys;
  for (const key in labels) {
    if (left === 0) break;
    left -= 1;
    const value = labels[key] ?? null;
    shaped[shorten(key, auditLimits.field)] = value === null ? null : shorten(value, auditLimits.found);
  }
  return shaped;
}

let now = 0;
let text = '';

/** The time of a line. All lines of the same millisecond share one text. */
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
    standing: finding.standing === true ? true : undefined,
  };
}

function shorten(text: string, limit: number): string {
  // Cutting may split a character. A lone surrogate is not valid Unicode, and some JSON readers
  // refuse it.
  return (text.length <= limit ? text : `${text.slice(0, limit - 1)}…`).toWellFormed();
}
