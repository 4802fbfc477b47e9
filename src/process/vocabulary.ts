import { factChecks } from '../admission/doubt.ts';
import type { ReviewOutcome } from '../admission/outcome.ts';
import type { Phase } from '../admission/webhooks.ts';
import { baselineStates } from '../baseline/census.ts';
import type { GateOutcome } from '../baseline/gate.ts';
import type { Reconciled } from '../baseline/reconcile.ts';
import { exceptionStates } from '../config/exceptions.ts';
import type { Recorded } from '../events/recorder.ts';
import { exposingKinds } from '../kubernetes/exposing-kinds.ts';
import { kinds } from '../kubernetes/kinds.ts';
import { openingKinds } from '../kubernetes/other-policies.ts';
import { bindings, namespaceSubresources, podStatus, resourceQuotas } from '../kubernetes/rules.ts';
import { checks } from '../policy/checks/index.ts';
import { exposedUnexpected } from '../policy/exposed-unexpected.ts';
import { modes } from '../policy/mode.ts';
import { guardRules, permissionRules } from '../policy/permissions.ts';
import type { RefusalReason } from '../server/refusals.ts';
import type { Vocabularies } from '../telemetry/families.ts';

/** The answer of the API server about a permission. `failed` means that there was no answer. */
export type AccessAnswer = 'allowed' | 'denied' | 'failed';

/** Why a request is not a review. `envelope` means JSON that is not an AdmissionReview. */
export type Malformation = RefusalReason | 'envelope';

/** The values of the labels of the metrics. Each is the word of the room that it describes. */
export const vocabularies = {
  checks: [
    ...checks.map(({ id }) => id),
    exposedUnexpected.id,
    ...Object.keys(permissionRules),
    ...Object.keys(guardRules),
    ...factChecks,
  ],
  // A forged review can name any resource. Resources that are not in this list count as `other`.
  resources: [
    ...new Set([
      ...kinds.map(({ resource }) => resource),
      ...[namespaceSubresources, podStatus, bindings, resourceQuotas].flatMap(({ resources }) => resources),
      ...openingKinds.map(({ resource }) => resource),
      ...exposingKinds.map(({ resource }) => resource),
    ]),
  ],
  phases: wordsOf<Phase>({
    mark: true,
    markAsked: true,
    inherit: true,
    early: true,
    enforced: true,
    unenforced: true,
    reach: true,
  }),
  reviews: wordsOf<ReviewOutcome>({ allowed: true, warned: true, patched: true, denied: true, malformed: true }),
  malformations: wordsOf<Malformation>({
    type: true,
    size: true,
    json: true,
    envelope: true,
    client: true,
    busy: true,
  }),
  gate: wordsOf<GateOutcome>({
    there: true,
    made: true,
    'not-needed': true,
    'dry-run': true,
    terminating: true,
    absent: true,
    failed: true,
  }),
  accessReviews: wordsOf<AccessAnswer>({ allowed: true, denied: true, failed: true }),
  reconciliations: wordsOf<Reconciled | 'failed'>({
    equal: true,
    repaired: true,
    newer: true,
    unfenced: true,
    opened: true,
    absent: true,
    terminating: true,
    failed: true,
  }),
  events: wordsOf<Recorded>({ written: true, repeated: true, dropped: true, failed: true }),
  modes,
  baselines: baselineStates,
  exceptions: exceptionStates,
  informers: ['namespaces', 'networkpolicies'],
  certificates: ['certificate', 'authority'],
} as const satisfies Vocabularies;

/** Returns every word of a type. The compiler ensures that none is missing and none is foreign. */
function wordsOf<Word extends string>(words: Readonly<Record<Word, true>>): readonly string[] {
  return Object.keys(words);
}
