import type { LoadedDocument } from '../documents/document.ts';
import { apiVersionOf, findKind } from '../kubernetes/kinds.ts';
import { textAt } from '../kubernetes/raw-object.ts';
import type { LabelFix } from '../policy/check.ts';
import type { Titled } from '../policy/subject.ts';
import type { Severity } from '../report/report.ts';
import { type AuditRule, auditRules } from './rules.ts';

/** One finding of an audit, of a check of admission or of a rule of the audit. */
export interface AuditFinding {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for an object without a namespace. */
  readonly namespace: string;
  readonly name: string;
  /** Empty if it is not known, as in files. */
  readonly uid: string;
  /** Empty for an object of a live cluster. */
  readonly file: string;
  readonly line: number;
  readonly check: string;
  /** `error`: enforce would refuse the object, or the fence is broken. */
  readonly severity: Severity;
  readonly field: string;
  /** The value that was found; undefined if there is none. */
  readonly found: string | undefined;
  readonly message: string;
  readonly remedy: string;
  readonly fix: LabelFix | undefined;
  /** The exception that waives it; undefined if none does. */
  readonly exception: string | undefined;
  readonly cause: CauseRef;
}

/** What has to be corrected for a finding to go. `causes.ts` groups findings by it. */
export interface CauseRef {
  readonly id: string;
  /** The object to correct. */
  readonly at: Titled;
  readonly message: string;
}

/** A finding of a rule of the audit about an object, which may not exist. */
export interface RuleFinding {
  readonly rule: AuditRule;
  readonly severity: Severity;
  readonly subject: Titled;
  readonly document: LoadedDocument | undefined;
  readonly field: string;
  readonly message: string;
}

/** The parts of a finding that say which object it is about. */
export function placeOf(
  { kind, namespace, name }: Titled,
  document: LoadedDocument | undefined,
): Pick<AuditFinding, 'apiVersion' | 'kind' | 'namespace' | 'name' | 'uid' | 'file' | 'line'> {
  const known = findKind(kind);
  const { object, file = '', line = 1 } = document ?? {};
  return {
    apiVersion: textAt(object, 'apiVersion') ?? (known === undefined ? '' : apiVersionOf(known)),
    kind,
    namespace: namespace ?? '',
    name,
    uid: textAt(object, 'metadata', 'uid') ?? '',
    file,
    line,
  };
}

/** A finding of a rule of the audit. Each is a cause of its own. */
export function findingOf({ rule, severity, subject, document, field, message }: RuleFinding): AuditFinding {
  const place = placeOf(subject, document);
  return {
    ...place,
    check: rule,
    severity,
    field,
    found: undefined,
    message,
    remedy: auditRules[rule].remedy,
    fix: undefined,
    exception: undefined,
    cause: { id: `${rule} ${place.kind} ${place.namespace}/${place.name} ${field}`, at: subject, message },
  };
}
