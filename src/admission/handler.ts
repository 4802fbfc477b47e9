import type { Config } from '../config/config.ts';
import type { AuditRecord } from '../telemetry/audit.ts';
import { markNamespace } from './mutate.ts';
import { type AdmissionResponse, allow, complete, deny, patch } from './respond.ts';
import { type AdmissionRequest, type Malformed, readReview } from './review.ts';
import { type ValidatePorts, validate } from './validate.ts';
import type { Verdict } from './verdict.ts';

/** The two phases in which the API server asks. */
export type Phase = 'validate' | 'mutate';

/** What to answer: a review with HTTP 200, or for a body that is none, a sentence with HTTP 400. */
export type Answer = { readonly review: ReturnType<typeof complete> } | { readonly badRequest: string };

export interface HandlerPorts extends ValidatePorts {
  /** Called once for each decision. */
  readonly audit: (record: AuditRecord) => void;
  /** Called with what was thrown where nothing should throw. */
  readonly defect: (error: unknown, uid: string) => void;
  /** Called with why a body is no AdmissionReview. */
  readonly malformed: (reason: string) => void;
}

/** The admission protocol without an HTTP server: a parsed body in, an answer out; never throws, always answers with the request's uid. */
export function createHandler(
  ports: HandlerPorts,
  config: () => Config,
): (phase: Phase, body: unknown) => Promise<Answer> {
  return async (phase, body) => {
    const started = performance.now();
    const settings = config();
    const request = readReview(body);
    if ('malformed' in request) {
      tell(ports, request.uid ?? '', () => ports.malformed(request.malformed));
      return answerMalformed(request, settings);
    }
    if (phase === 'mutate') return { review: complete(patch(request.uid, mark(request, ports, settings))) };
    let verdict: Verdict;
    try {
      verdict = await validate(request, ports, settings);
    } catch (error) {
      tell(ports, request.uid, () => ports.defect(error, request.uid));
      verdict = failed(request, settings);
    }
    const response = respond(request.uid, verdict, settings);
    const record = recordOf(request, verdict, settings, performance.now() - started);
    tell(ports, request.uid, () => ports.audit(record));
    return { review: complete(response) };
  };
}

function respond(uid: string, verdict: Verdict, config: Config): AdmissionResponse {
  const extras = { warnings: verdict.warnings, ...annotations(verdict, config) };
  return verdict.message === undefined ? allow(uid, extras) : deny(uid, verdict.message, extras);
}

/** What the API server writes into its own audit log, on every decision that is not trivial. Its keys get the webhook's name as prefix. */
function annotations(verdict: Verdict, config: Config): { auditAnnotations?: Record<string, string> } {
  if (verdict.findings.length === 0 && verdict.wall !== 'made') return {};
  const findings = verdict.findings.map((finding) => `${finding.check} ${finding.field}`).join('; ');
  return {
    auditAnnotations: {
      decision: verdict.outcome,
      mode: config.mode,
      ...(findings === '' ? {} : { findings: findings.slice(0, 1024) }),
      ...(verdict.wall === undefined ? {} : { baseline: verdict.wall }),
    },
  };
}

function recordOf(request: AdmissionRequest, verdict: Verdict, config: Config, durationMs: number): AuditRecord {
  const { resource } = request.resource;
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
    mode: config.mode,
    modeSource: 'cluster',
    decision: verdict.errored === true ? 'errored' : verdict.outcome,
    findings: verdict.findings,
    durationMs,
    dryRun: request.dryRun === true,
    ...(verdict.wall === undefined ? {} : { baseline: verdict.wall }),
  };
}

/** The mark's patch; a defect gives none, and validation answers for what came out. */
function mark(request: AdmissionRequest, ports: HandlerPorts, config: Config): ReturnType<typeof markNamespace> {
  try {
    return markNamespace(request, config);
  } catch (error) {
    tell(ports, request.uid, () => ports.defect(error, request.uid));
    return [];
  }
}

/** A log that cannot be written (a full disk) must not take the answer with it. */
function tell(ports: HandlerPorts, uid: string, say: () => void): void {
  try {
    say();
  } catch (error) {
    try {
      ports.defect(error, uid);
    } catch {
      // The log itself is what fails: there is nowhere left to say it.
    }
  }
}

/** A defect of ours: doubt, so enforce refuses and the others admit. Nothing of the error is shown: it may quote the object. */
function failed(request: AdmissionRequest, config: Config): Verdict {
  const message = `${request.kind.kind} ${request.name ?? ''}: refused, because Ringfence failed while judging it; its log has the error under uid ${request.uid}`;
  const denied = config.mode === 'enforce';
  return {
    outcome: denied ? 'denied' : 'allowed',
    findings: [
      {
        check: 'internal-error',
        field: '',
        subject: 'ringfence',
        found: undefined,
        reason: 'not decided: Ringfence failed while judging it',
        undecided: true,
        action: denied ? 'deny' : 'record',
        because: 'cluster',
      },
    ],
    subject: { kind: 'Pod', namespace: request.namespace, name: request.name ?? '' },
    warnings: [],
    errored: true,
    ...(denied ? { message } : {}),
  };
}

/** A body with a uid is answered as a review, so that the API server prints our sentence; one without is a bad request. */
function answerMalformed(request: Malformed, config: Config): Answer {
  if (request.uid === undefined) return { badRequest: request.malformed };
  const message = `refused, because it could not be decided: ${request.malformed}`;
  return { review: complete(config.mode === 'enforce' ? deny(request.uid, message) : allow(request.uid)) };
}
