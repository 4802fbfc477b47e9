import type { Config } from '../config/config.ts';
import type { AuditRecord } from '../telemetry/audit.ts';
import { failed, type Hint, modeInDoubt } from './doubt.ts';
import { type MutatingPhase, mutate } from './mutate.ts';
import { answeredAs, isSilent, type ReviewOutcome, recordOf, respond } from './outcome.ts';
import type { ValidatePorts } from './ports.ts';
import { reachWarnings } from './reach.ts';
import { type AdmissionResponse, allow, complete, deny, type PatchOperation, patch } from './respond.ts';
import { type AdmissionRequest, type Malformed, readReview } from './review.ts';
import { validate } from './validate.ts';
import type { Verdict } from './verdict.ts';
import type { Phase } from './webhooks.ts';

/** The answer: a review for HTTP 200, or a sentence for HTTP 400 if the body is not a review. */
export type Answer = { readonly review: ReturnType<typeof complete> } | { readonly badRequest: string };

export interface HandlerPorts extends ValidatePorts {
  /** Called once for each answer, with its outcome. */
  readonly reviewed: (phase: Phase, outcome: ReviewOutcome) => void;
  /** Called once for each decision. `isWritten` says whether it gets an audit line. */
  readonly audit: (record: AuditRecord, isWritten: boolean) => void;
  /**
   * Called after `audit` for a refusal and for the use of a permission, for which an Event may be
   * written. It is not called for a dry run.
   */
  readonly tell: (request: AdmissionRequest, verdict: Verdict) => void;
  /** Called with an unexpected error. */
  readonly defect: (error: unknown, uid: string) => void;
  /** Called with the reason why a body is not an AdmissionReview. */
  readonly malformed: (reason: string) => void;
}

/**
 * Creates the handler of the admission protocol. It does not know HTTP: it takes a parsed body and
 * returns an answer. It never throws, and a review in the answer has the uid of the request.
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
    // A request that passes the early phase is judged again by validation, which records it.
    if (phase === 'early' && verdict.outcome !== 'denied') return answer(phase, allow(uid), 'allowed', ports);
    const response = respond(uid, verdict, config);
    const record = recordOf(request, verdict, config, performance.now() - started);
    const isWritten = config.audit.log === 'all' || !isSilent(verdict);
    attempt(ports, uid, () => ports.audit(record, isWritten));
    if (request.dryRun !== true && (verdict.outcome === 'denied' || verdict.permissions !== undefined))
      attempt(ports, uid, () => ports.tell(request, verdict));
    return answer(phase, response, answeredAs(verdict), ports);
  };
}

/**
 * What the call of each entry says about the mode. `early` judges like `enforced`. The phases that
 * only patch never refuse, so they count as `unenforced`.
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
 * Answers a malformed body. A body with a uid gets a review, so that the API server shows the
 * message. A body without a uid is a bad request.
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

/** Returns the patch of a phase. A defect gives no patch; validation judges the final object. */
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

/** Calls a port. An error of it, such as a full disk under the log, must not prevent the answer. */
function attempt(ports: HandlerPorts, uid: string, say: () => void): void {
  try {
    say();
  } catch (error) {
    try {
      ports.defect(error, uid);
    } catch {
      // The log itself fails, so the error cannot be reported.
    }
  }
}
