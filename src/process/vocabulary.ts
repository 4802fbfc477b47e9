import { factChecks } from '../admission/doubt.ts';
import type { ReviewOutcome } from '../admission/outcome.ts';
import type { Phase } from '../admission/webhooks.ts';
import { baselineStates } from '../baseline/census.ts';
import type { GateOutcome } from '../baseline/gate.ts';
import type { Reconciled } from '../baseline/reconcile.ts';
import { exceptionStates } from '../config/exceptions.ts';
import type { Recorded } from '../events/recorder.ts';
import { kinds } from '../kubernetes/kinds.ts';
import { openingKinds } from '../kubernetes/other-policies.ts';
import { bindings, namespaceSubresources, podStatus, resourceQuotas } from '../kubernetes/rules.ts';
import { checks } from '../policy/checks/index.ts';
import { modes } from '../policy/mode.ts';
import { guardRules, permissionRules } from '../policy/permissions.ts';
import type { RefusalReason } from '../server/refusals.ts';
import type { Vocabularies } from '../telemetry/families.ts';

/** What Kubernetes said of a permission; `failed` is no answer. */
export type AccessAnswer = 'allowed' | 'denied' | 'failed';

/** What a request was that is no review; `envelope`: JSON, but no AdmissionReview. */
export type Malformation = RefusalReason | 'envelope';

/** What the labels of the metrics may say. Each word is the word of the room that does it. */
export const vocabularies = {
  checks: [...checks.map(({ id }) => id), ...Object.keys(permissionRules), ...Object.keys(guardRules), ...factChecks],
  // Anyone who reaches the port can name others in a forged review: these are all counted as
  // `other`.
  resources: [
    ...new Set([
      ...kinds.map(({ resource }) => resource),
      ...[namespaceSubresources, podStatus, bindings, resourceQuotas].flatMap(({ resources }) => resources),
      ...openingKinds.map(({ resource }) => resource),
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

/** Every word of a type. The compiler holds that none is missing, and that none is of another. */
function wordsOf<Word extends string>(words: Readonly<Record<Word, true>>): readonly string[] {
  return Object.keys(words);
}
