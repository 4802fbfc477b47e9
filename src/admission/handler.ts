import type { Config } from '../config/config.ts';
import type { AuditRecord } from '../telemetry/audit.ts';
import { failed, type Hint, modeInDoubt } from './doubt.ts';
import { type MutatingPhase, mutate } from './mutate.ts';
import { answeredAs, type ReviewOutcome, recordOf, respond } from './outcome.ts';
import type { ValidatePorts } from './ports.ts';
import { reachWarnings } from './reach.ts';
import { type AdmissionResponse, allow, complete, deny, type PatchOperation, patch } from './respond.ts';
import { type AdmissionRequest, type Malformed, readReview } from './review.ts';
import { validate } from './validate.ts';
import type { Verdict } from './verdict.ts';
import type { Phase } from './webhooks.ts';

/** What to answer: a review with HTTP 200, or for a body that is none, a sentence with HTTP 400. */
export type Answer = { readonly review: ReturnType<typeof complete> } | { readonly badRequest: string };

export interface HandlerPorts extends ValidatePorts {
  /** Called once for each answer, with what it says in a word. */
  readonly reviewed: (phase: Phase, outcome: ReviewOutcome) => void;
  /** Called once for each decision. */
  readonly audit: (record: AuditRecord) => void;
  /**
   * Called after that with what an Event may be written about: a refusal, or the use of a
   * permission. Never for a dry run.
   */
  readonly tell: (request: AdmissionRequest, verdict: Verdict) => void;
  /** Called with what was thrown where nothing should throw. */
  readonly defect: (error: unknown, uid: string) => void;
  /** Called with why a body is no AdmissionReview. */
  readonly malformed: (reason: string) => void;
}

/**
 * The admission protocol without an HTTP server: a parsed body in, an answer out. It never throws,
 * and always answers with the request's uid.
 */
export function createHandler(
  ports: HandlerPorts,
  current: () => Config,
): (phase: Phase, body: unknown) => Promise<Answer> {
  return async (phase, body) => {
    const started = performance.now();
    const config = current();
    const hint = hints[phase];
    const request = readReview(body);
    if ('malformed' in request) return answerMalformed(phase, request, ports, config);
    const { uid } = request;
    if (phase === 'reach') return answer(phase, allow(uid, { warnings: reachWarnings(request) }), 'allowed', ports);
    if (phase === 'mark' || phase === 'markAsked' || phase === 'inherit') {
      const response = patch(uid, await patchOf(phase, request, ports, config));
      return answer(phase, response, response.patch === undefined ? 'allowed' : 'patched', ports);
    }
    let verdict: Verdict;
    try {
      verdict = await validate(request, ports, config, hint);
    } catch (error) {
      attempt(ports, uid, () => ports.defect(error, uid));
      verdict = failed(request, modeInDoubt(hint, config.mode));
    }
    // What passes early is judged once more, and told then.
    if (phase === 'early' && verdict.outcome !== 'denied') return answer(phase, allow(uid), 'allowed', ports);
    const response = respond(uid, verdict, config);
    const record = recordOf(request, verdict, config, performance.now() - started);
    attempt(ports, uid, () => ports.audit(record));
    if (request.dryRun !== true && (verdict.outcome === 'denied' || verdict.permissions !== undefined))
      attempt(ports, uid, () => ports.tell(request, verdict));
    return answer(phase, response, answeredAs(verdict), ports);
  };
}

/**
 * What each entry's call says of the mode. Both mutating ones with a say are called for namespaces
 * that enforce, or say nothing.
 */
const hints: Readonly<Record<Phase, Hint>> = {
  enforced: 'enforced',
  unenforced: 'unenforced',
  early: 'enforced',
  mark: 'unenforced',
  markAsked: 'unenforced',
  inherit: 'unenforced',
  reach: 'unenforced',
};

function answer(phase: Phase, response: AdmissionResponse, outcome: ReviewOutcome, ports: HandlerPorts): Answer {
  attempt(ports, response.uid, () => ports.reviewed(phase, outcome));
  return { review: complete(response) };
}

/**
 * A body with a uid is answered as a review, so that the API server prints our sentence; one
 * without is a bad request.
 */
function answerMalformed(phase: Phase, { uid, malformed }: Malformed, ports: HandlerPorts, config: Config): Answer {
  attempt(ports, uid ?? '', () => ports.malformed(malformed));
  if (uid === undefined) {
    attempt(ports, '', () => ports.reviewed(phase, 'malformed'));
    return { badRequest: malformed };
  }
  const message = `refused, because it could not be decided: ${malformed}`;
  return modeInDoubt(hints[phase], config.mode).mode === 'enforce'
    ? answer(phase, deny(uid, message), 'denied', ports)
    : answer(phase, allow(uid), 'allowed', ports);
}

/** A patch; a defect gives none, and validation answers for what came out. */
async function patchOf(
  phase: MutatingPhase,
  request: AdmissionRequest,
  ports: HandlerPorts,
  config: Config,
): Promise<readonly PatchOperation[]> {
  try {
    return await mutate(phase, request, ports, config);
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
