import type { Config } from '../config/config.ts';
import { modeIn } from '../policy/mode.ts';
import type { AuditRecord } from '../telemetry/audit.ts';
import { type AdmissionResponse, allow, deny } from './respond.ts';
import type { AdmissionRequest } from './review.ts';
import type { Verdict } from './verdict.ts';

/**
 * What became of a review: admitted as it is, with warnings, with a patch, refused, or not
 * understood.
 */
export type ReviewOutcome = 'allowed' | 'warned' | 'patched' | 'denied' | 'malformed';

/**
 * How a verdict is answered. A verdict that warns may have nothing to say to the person, and one
 * that allows may.
 */
export function answeredAs({ message, warnings }: Verdict): ReviewOutcome {
  if (message !== undefined) return 'denied';
  return warnings.length > 0 ? 'warned' : 'allowed';
}

/** The response that carries a verdict. */
export function respond(uid: string, verdict: Verdict, config: Config): AdmissionResponse {
  const { message, warnings } = verdict;
  const auditAnnotations = annotationsOf(uid, verdict, config);
  return message === undefined
    ? allow(uid, { warnings, auditAnnotations })
    : deny(uid, message, { warnings, auditAnnotations });
}

/** An annotation is for people: as much as they read. */
const annotationLimit = 1024;

/**
 * What the API server writes into its own audit log, on every decision that is not trivial. It
 * prefixes the keys with the webhook's name. The uid is there because the API server's log has
 * another of its own, and has the webhook's from nowhere else.
 */
function annotationsOf(uid: string, verdict: Verdict, config: Config): Readonly<Record<string, string>> | undefined {
  const { findings, permissions, wall, choice } = verdict;
  if (findings.length === 0 && wall !== 'made' && permissions === undefined) return undefined;
  const found = findings.map((finding) => `${finding.check} ${finding.field}`).join('; ');
  return {
    // The API server's are short; a forger's need not be.
    uid: uid.slice(0, annotationLimit),
    decision: verdict.outcome,
    mode: choice?.mode ?? config.mode,
    ...(found === '' ? {} : { findings: found.slice(0, annotationLimit) }),
    ...(permissions === undefined ? {} : { permissions: permissions.join('; ').slice(0, annotationLimit) }),
    ...(wall === undefined ? {} : { baseline: wall }),
  };
}

/** The audit line's record of a decision that took so many milliseconds. */
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
  };
}
