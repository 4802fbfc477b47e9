import type { Config } from '../config/config.ts';
import { modeIn } from '../policy/mode.ts';
import type { AuditRecord } from '../telemetry/audit.ts';
import { type FactCheck, type Hint, modeInDoubt } from './doubt.ts';
import { gatherFacts } from './facts.ts';
import { inheritLabels } from './inherit.ts';
import { markNamespace } from './mark.ts';
import type { ValidatePorts } from './ports.ts';
import { type AdmissionResponse, allow, complete, deny, type PatchOperation, patch } from './respond.ts';
import { type AdmissionRequest, type Malformed, readReview } from './review.ts';
import { validate } from './validate.ts';
import type { Verdict } from './verdict.ts';
import type { Phase } from './webhooks.ts';

/** What to answer: a review with HTTP 200, or for a body that is none, a sentence with HTTP 400. */
export type Answer = { readonly review: ReturnType<typeof complete> } | { readonly badRequest: string };

export interface HandlerPorts extends ValidatePorts {
  /** Called once for each decision. */
  readonly audit: (record: AuditRecord) => void;
  /** Called after that with what an Event may be written about: a refusal, or the use of a permission. Never for a dry run. */
  readonly tell: (request: AdmissionRequest, verdict: Verdict) => void;
  /** Called with what was thrown where nothing should throw. */
  readonly defect: (error: unknown, uid: string) => void;
  /** Called with why a body is no AdmissionReview. */
  readonly malformed: (reason: string) => void;
}

/** The admission protocol without an HTTP server: a parsed body in, an answer out; never throws, always answers with the request's uid. */
export function createHandler(
  ports: HandlerPorts,
  current: () => Config,
): (phase: Phase, body: unknown) => Promise<Answer> {
  return async (phase, body) => {
    const started = performance.now();
    const config = current();
    const hint = hints[phase];
    const request = readReview(body);
    if ('malformed' in request) {
      attempt(ports, request.uid ?? '', () => ports.malformed(request.malformed));
      return answerMalformed(request, hint, config);
    }
    const { uid } = request;
    if (phase === 'mark' || phase === 'markAsked' || phase === 'inherit')
      return { review: complete(patch(uid, await patchOf(phase, request, ports, config))) };
    let verdict: Verdict;
    try {
      verdict = await validate(request, ports, config, hint);
    } catch (error) {
      attempt(ports, uid, () => ports.defect(error, uid));
      verdict = failed(request, hint, config);
    }
    // What passes early is judged once more, and told then.
    if (phase === 'early' && verdict.outcome !== 'denied') return { review: complete(allow(uid)) };
    const response = respond(uid, verdict, config);
    const record = recordOf(request, verdict, config, performance.now() - started);
    attempt(ports, uid, () => ports.audit(record));
    if (request.dryRun !== true && (verdict.outcome === 'denied' || verdict.permissions !== undefined))
      attempt(ports, uid, () => ports.tell(request, verdict));
    return { review: complete(response) };
  };
}

/** What each entry's call says of the mode. Both mutating ones with a say are called for namespaces that enforce, or say nothing. */
const hints: Readonly<Record<Phase, Hint>> = {
  enforced: 'enforced',
  unenforced: 'unenforced',
  early: 'enforced',
  mark: 'unenforced',
  markAsked: 'unenforced',
  inherit: 'unenforced',
};

function respond(uid: string, verdict: Verdict, config: Config): AdmissionResponse {
  const extras = { warnings: verdict.warnings, ...annotations(uid, verdict, config) };
  return verdict.message === undefined ? allow(uid, extras) : deny(uid, verdict.message, extras);
}

/** An annotation is for people: as much as they read. */
const annotationLimit = 1024;

/**
 * What the API server writes into its own audit log, on every decision that is not trivial. Its keys get the webhook's name as prefix. The uid
 * is there because the API server's log has another of its own, and tells a webhook's from nowhere else.
 */
function annotations(uid: string, verdict: Verdict, config: Config): { auditAnnotations?: Record<string, string> } {
  const { findings, permissions, wall, choice } = verdict;
  if (findings.length === 0 && wall !== 'made' && permissions === undefined) return {};
  const found = findings.map((finding) => `${finding.check} ${finding.field}`).join('; ');
  return {
    auditAnnotations: {
      // The API server's are short; a forger's need not be.
      uid: uid.slice(0, annotationLimit),
      decision: verdict.outcome,
      mode: choice?.mode ?? config.mode,
      ...(found === '' ? {} : { findings: found.slice(0, annotationLimit) }),
      ...(permissions === undefined ? {} : { permissions: permissions.join('; ').slice(0, annotationLimit) }),
      ...(wall === undefined ? {} : { baseline: wall }),
    },
  };
}

function recordOf(request: AdmissionRequest, verdict: Verdict, config: Config, durationMs: number): AuditRecord {
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

/** A patch; a defect or a fact that cannot be had gives none, and validation answers for what came out. */
async function patchOf(
  phase: 'mark' | 'markAsked' | 'inherit',
  request: AdmissionRequest,
  ports: HandlerPorts,
  config: Config,
): Promise<readonly PatchOperation[]> {
  try {
    if (phase !== 'inherit') return markNamespace(request, phase === 'mark', config);
    const options = { ensure: false, dryRun: true, hint: 'unenforced' } as const;
    const { namespace } = await gatherFacts(request.namespace ?? '', options, ports, config);
    return namespace.known ? inheritLabels(request, namespace.labels, config) : [];
  } catch (error) {
    attempt(ports, request.uid, () => ports.defect(error, request.uid));
    return [];
  }
}

/** A log that cannot be written (a full disk) must not take the answer with it. */
function attempt(ports: HandlerPorts, uid: string, say: () => void): void {
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
function failed(request: AdmissionRequest, hint: Hint, config: Config): Verdict {
  const message = `${request.kind.kind} ${request.name ?? ''}: refused, because Ringfence failed while judging it; its log has the error under uid ${request.uid}`;
  const choice = modeInDoubt(hint, config.mode);
  const denied = choice.mode === 'enforce';
  return {
    outcome: denied ? 'denied' : 'allowed',
    findings: [
      {
        check: 'internal-error' satisfies FactCheck,
        field: '',
        subject: 'ringfence',
        found: undefined,
        reason: 'not decided: Ringfence failed while judging it',
        undecided: true,
        action: denied ? 'deny' : 'record',
        because: choice.source,
      },
    ],
    subject: { kind: 'Pod', namespace: request.namespace, name: request.name ?? '' },
    choice,
    warnings: [],
    errored: true,
    ...(denied ? { message } : {}),
  };
}

/** A body with a uid is answered as a review, so that the API server prints our sentence; one without is a bad request. */
function answerMalformed(request: Malformed, hint: Hint, config: Config): Answer {
  if (request.uid === undefined) return { badRequest: request.malformed };
  const message = `refused, because it could not be decided: ${request.malformed}`;
  const denied = modeInDoubt(hint, config.mode).mode === 'enforce';
  return { review: complete(denied ? deny(request.uid, message) : allow(request.uid)) };
}
