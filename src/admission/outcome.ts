import type { Config } from '../config/config.ts';
import { modeIn } from '../policy/mode.ts';
import type { AuditRecord } from '../telemetry/audit.ts';
import { identityOf, type Judged } from './identity.ts';
import { type AdmissionResponse, allow, deny } from './respond.ts';
import type { AdmissionRequest } from './review.ts';
import type { Verdict } from './verdict.ts';

/** The outcome of a review: admitted, with warnings, with a patch, refused, or not understood. */
export type ReviewOutcome = 'allowed' | 'warned' | 'patched' | 'denied' | 'malformed';

/**
 * Returns the outcome by the answer to the user. It may differ from the outcome of the verdict: a
 * verdict that warns may have no warning for the user, and a verdict that allows may have one.
 */
export function answeredAs({ message, warnings }: Verdict): ReviewOutcome {
  if (message !== undefined) return 'denied';
  return warnings.length > 0 ? 'warned' : 'allowed';
}

/** Returns the response for a verdict. */
export function respond(uid: string, verdict: Verdict, config: Config): AdmissionResponse {
  const { message, warnings } = verdict;
  const auditAnnotations = annotationsOf(uid, verdict, config);
  return message === undefined
    ? allow(uid, { warnings, auditAnnotations })
    : deny(uid, message, { warnings, auditAnnotations });
}

/** The limit of an annotation, in characters. People read annotations. */
const annotationLimit = 1024;

/**
 * Returns the annotations for the audit log of the API server, for every decision that is not
 * trivial. The API server prefixes the keys with the name of the webhook. The annotations contain
 * the uid of the review, because the audit log otherwise has only an id of its own.
 */
function annotationsOf(uid: string, verdict: Verdict, config: Config): Readonly<Record<string, string>> | undefined {
  const { findings, permissions, wall, choice } = verdict;
  if (findings.length === 0 && wall !== 'made' && permissions === undefined) return undefined;
  const found = findings.map((finding) => `${finding.check} ${finding.field}`).join('; ');
  return {
    // The uids of the API server are short, but those of a forged review may not be.
    uid: uid.slice(0, annotationLimit),
    decision: verdict.outcome,
    mode: choice?.mode ?? config.mode,
    ...(found === '' ? {} : { findings: found.slice(0, annotationLimit) }),
    ...(permissions === undefined ? {} : { permissions: permissions.join('; ').slice(0, annotationLimit) }),
    ...(wall === undefined ? {} : { baseline: wall }),
  };
}

/**
 * Whether a verdict says nothing: it has no refusal, warning or finding, the request needed no
 * permission, and the gate wrote nothing.
 */
export function isSilent({ message, warnings, findings, permissions = [], wall = 'there' }: Verdict): boolean {
  const isUntouched = wall === 'there' || wall === 'not-needed';
  return message === undefined && [warnings, findings, permissions].every((all) => all.length === 0) && isUntouched;
}

/** Returns the record for the audit line. `durationMs` is in milliseconds. */
export function recordOf(request: AdmissionRequest, verdict: Verdict, config: Config, durationMs: number): AuditRecord {
  const { resource } = request.resource;
  const { mode, source } = verdict.choice ?? modeIn(new Map(), config.mode);
  return {
    uid: request.uid,
    operation: request.operation,
    resource:
      request.subResource === undefined || request.subResource === '' ? resource : `${resource}/${request.subResource}`,
    kind: request.kind.kind,
    namespace: request.namespace ?? '',
    name: verdict.subject.name === '' ? (request.name ?? '') : verdict.subject.name,
    user: request.userInfo.username ?? '',
    groups: request.userInfo.groups ?? [],
    mode,
    modeSource: source,
    configVersion: config.version,
    decision: verdict.errored === true ? 'errored' : verdict.outcome,
    findings: verdict.findings,
    durationMs,
    dryRun: request.dryRun === true,
    ...(verdict.permissions === undefined ? {} : { permissions: verdict.permissions }),
    ...(verdict.wall === undefined ? {} : { baseline: verdict.wall }),
    ...(verdict.judged === undefined ? {} : aboutSubject(verdict.judged, config)),
  };
}

function aboutSubject(judged: Judged, config: Config): Partial<AuditRecord> {
  const { pod, controller } = judged.subject;
  return {
    identity: identityOf(judged, config),
    ...(controller === undefined ? {} : { controller: `${controller.kind}/${controller.name}` }),
    ...(pod === undefined || pod.serviceAccount === 'default' ? {} : { serviceAccount: pod.serviceAccount }),
  };
}
