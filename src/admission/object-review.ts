import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/config.ts';
import type { WorkloadKind } from '../kubernetes/kinds.ts';
import type { OtherWorkload } from '../kubernetes/other-workloads.ts';
import { own, valueAt } from '../kubernetes/raw-object.ts';
import { createBudget, reviewLimits } from '../network/budget.ts';
import { measure } from '../network/extent.ts';
import type { Finding } from '../policy/check.ts';
import type { ModeChoice } from '../policy/mode.ts';
import {
  isSubject,
  type ReadableKind,
  readSubject,
  type Subject,
  type Surroundings,
  templatePathIn,
} from '../policy/subject.ts';
import { doubt, factFinding, type Hint, judgeAlone, unreadable } from './doubt.ts';
import { gatherFacts, readOthers, surroundingsOf, unreadBytes } from './facts.ts';
import { readNamedLive } from './named-namespaces.ts';
import type { ValidatePorts } from './ports.ts';
import type { AdmissionRequest } from './review.ts';
import type { Steps } from './turns.ts';
import { conclude, judge, judgeInSteps, type Verdict } from './verdict.ts';

/** A request with an object to judge. */
export type Change = AdmissionRequest & { readonly operation: 'CREATE' | 'UPDATE' };

/** Judges a Pod. For a new Pod, the gate first makes a missing baseline. */
export function validatePod(request: Change, ports: ValidatePorts, config: Config, hint: Hint): Promise<Verdict> {
  return judgeChange('Pod', request, ports, config, hint, { ensure: request.operation === 'CREATE' });
}

/** Judges a workload by its pod template. A changed template is judged like a new one. */
export function validateWorkload(
  kind: WorkloadKind | OtherWorkload,
  request: Change,
  ports: ValidatePorts,
  config: Config,
  hint: Hint,
): Promise<Verdict> {
  const template = (object: unknown) => valueAt(object, ...templatePathIn(kind));
  return judgeChange(kind, request, ports, config, hint, {
    previous: (before) => (differs(template(request.object), template(request.oldObject)) ? undefined : before),
  });
}

/**
 * Judges a NetworkPolicy that is not part of a baseline. A changed specification is judged like a
 * new one. Labels are compared with the old labels.
 */
export function validateNetworkPolicy(
  request: Change,
  ports: ValidatePorts,
  config: Config,
  hint: Hint,
): Promise<Verdict> {
  const { object, oldObject, namespace = '', name = '' } = request;
  const spec = own(object, 'spec');
  const isSpecChanged = request.operation === 'CREATE' || differs(spec, own(oldObject, 'spec'));
  const budget = createBudget(reviewLimits);
  const cached = surroundingsOf(namespace, name, ports.caches, budget);
  const takesLong =
    measure(spec, quickValues).values > quickValues || unreadBytes(namespace, ports.caches) > quickBytes;
  return judgeChange('NetworkPolicy', request, ports, config, hint, {
    ...(takesLong ? { before: () => readOthers(namespace, ports.caches, budget) } : {}),
    // An unchanged specification is never refused, so the facts of the cache are enough for it.
    surroundings: ({ mode }) =>
      mode === 'enforce' && isSpecChanged ? readNamedLive(spec, namespace, cached, ports) : cached,
    previous: (before) => ({ ...before, networkPolicySpec: isSpecChanged ? {} : spec }),
  });
}

/** Some 100 peers, which take two milliseconds at most. Nearly all policies have fewer. */
const quickValues = 500;

/** Reading 64 KiB takes about a millisecond. */
const quickBytes = 64 * 1024;

/**
 * Judges a Binding as an update of its Pod, because its labels overwrite the Pod's (core/v1
 * Binding, BindingREST.setPodHostAndAnnotations).
 */
export async function validateBinding(
  request: AdmissionRequest,
  ports: ValidatePorts,
  config: Config,
  hint: Hint,
): Promise<Verdict> {
  const namespace = request.namespace ?? '';
  const bound = own(own(request.object, 'metadata'), 'name');
  const name =
    request.name !== undefined && request.name !== '' ? request.name : typeof bound === 'string' ? bound : '';
  const subject = { kind: 'Pod', namespace, name } as const;
  const options = { ensure: false, dryRun: request.dryRun === true, hint };
  const { namespace: facts, choice } = await gatherFacts(namespace, options, ports, config);
  const context = { operation: 'UPDATE', namespace, facts } as const;
  const unknown = (why: string) =>
    judgeAlone(subject, doubt('binding', `which labels Pod ${name} has: ${why}`, choice), choice);
  let pod: unknown;
  try {
    pod = await ports.readPod(namespace, name);
  } catch (error) {
    return unknown(error instanceof Error ? error.message : 'no answer');
  }
  if (pod === undefined) return unknown('it was not found');
  const before = readSubject('Pod', pod, context);
  const binding = readSubject('Pod', { metadata: own(request.object, 'metadata') }, context);
  if (!isSubject(before)) return unreadable(request, 'Pod', before, choice);
  if (!isSubject(binding)) return unreadable(request, 'Pod', binding, choice);
  const after = { ...before, labels: new Map([...before.labels, ...binding.labels]) };
  return judge(after, before, choice, config);
}

/** The differences between the reviews of the kinds. */
interface Particulars {
  /** Whether the baseline must exist before the object does. */
  readonly ensure?: boolean;
  /** Called when the mode is known. */
  readonly surroundings?: (choice: ModeChoice) => Surroundings | Promise<Surroundings>;
  /** Returns the subject to compare an update with; undefined if the object is judged as new. */
  readonly previous?: (before: Subject) => Subject | undefined;
  /** Steps to take before it is judged, in its turn. Without them it is judged at once. */
  readonly before?: () => Steps<void>;
}

/** Judges an object in a namespace with the facts of the namespace. */
async function judgeChange(
  kind: ReadableKind,
  request: Change,
  ports: ValidatePorts,
  config: Config,
  hint: Hint,
  { ensure = false, surroundings, previous = (before) => before, before: prepare }: Particulars,
): Promise<Verdict> {
  const { operation, namespace = '' } = request;
  const options = { ensure, dryRun: request.dryRun === true, hint };
  const { choice, wall, barred, namespace: facts } = await gatherFacts(namespace, options, ports, config);
  const around = surroundings === undefined ? {} : { surroundings: await surroundings(choice) };
  const context = { operation, namespace, facts, ...around };
  const read = readSubject(kind, request.object, context);
  if (!isSubject(read)) return unreadable(request, kind, read, choice);
  const old = operation === 'UPDATE' ? readSubject(kind, request.oldObject, context) : undefined;
  const before = old !== undefined && isSubject(old) ? previous(old) : undefined;
  if (prepare !== undefined) {
    const verdict = await ports.turns.take(namespace, judgeAfter(prepare(), read, before, choice, config));
    return verdict ?? conclude(read, [doubt('spec', outOfTurn, choice)], config, { choice });
  }
  return judge(read, before, choice, config, {
    ...(wall === undefined ? {} : { wall }),
    ...(ensure && barred !== undefined ? { extra: [noBaseline(barred, choice)] } : {}),
  });
}

function* judgeAfter(
  prepared: Steps<void>,
  ...[subject, before, choice, config]: Parameters<typeof judgeInSteps>
): Steps<Verdict> {
  yield* prepared;
  return yield* judgeInSteps(subject, before, choice, config);
}

const outOfTurn = 'what it opens: too many large NetworkPolicies are being judged; try again';

function noBaseline(barred: string, choice: ModeChoice): Finding {
  const reason = `not decided: whether deny-all-baseline is there: ${barred}`;
  return factFinding('baseline-gate', 'baseline', reason, choice, true);
}

function differs(now: unknown, before: unknown): boolean {
  try {
    return !isDeepStrictEqual(now, before);
  } catch {
    // An object that is nested too deep cannot be compared, so it is judged as new.
    return true;
  }
}
