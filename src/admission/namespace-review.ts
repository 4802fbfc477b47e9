import { readNamespace } from '../baseline/namespace.ts';
import { withTimeout } from '../baseline/shared-read.ts';
import { asOf } from '../baseline/trial.ts';
import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import { isBuiltInNamespace } from '../kubernetes/namespaces.ts';
import type { RawNamespace } from '../kubernetes/object-meta.ts';
import { type Budget, type BudgetLimits, createBudget, reviewLimits } from '../network/budget.ts';
import type { Finding } from '../policy/check.ts';
import { checks } from '../policy/checks/index.ts';
import { evaluate } from '../policy/evaluate.ts';
import { warning } from '../policy/explain.ts';
import { fenceMark, type ModeChoice, modeIn } from '../policy/mode.ts';
import { isSubject, readSubject, type Subject } from '../policy/subject.ts';
import { doubt, factFinding, type Hint, unreadable } from './doubt.ts';
import type { Caches } from './facts.ts';
import type { GuardPorts } from './guard.ts';
import { guardMark } from './mark-guard.ts';
import { guardNamespace, modeBefore } from './namespace-guard.ts';
import { type ChangedNamespace, rejudge } from './rejudge.ts';
import { type CurrentNamespace, countRefused, type Refused, type Residents } from './residents.ts';
import type { AdmissionRequest } from './review.ts';
import { readTrialChange } from './trial-guard.ts';
import type { Turns } from './turns.ts';
import { conclude, type Verdict } from './verdict.ts';

export interface NamespacePorts extends Pick<GuardPorts, 'isAllowed' | 'readNamespace' | 'readNetworkPolicy'> {
  readonly caches: Caches;
  readonly residents: Residents;
  readonly turns: Turns;
  /** The time of the API server, in milliseconds since 1970. It decides when a trial is over. */
  readonly now: () => number;
}

/**
 * Judges the creation or the change of a Namespace. The checks use its new mode, or else the
 * cluster's. The guard of its identity uses the modes of {@link guardNamespace}.
 */
export async function validateNamespace(
  request: AdmissionRequest,
  ports: NamespacePorts,
  config: Config,
  hint: Hint,
): Promise<Verdict> {
  const begun = performance.now();
  const operation = request.operation === 'CREATE' ? 'CREATE' : 'UPDATE';
  const context = { operation, namespace: undefined, facts: undefined } as const;
  const old = operation === 'UPDATE' ? readSubject('Namespace', request.oldObject, context) : undefined;
  const before = old !== undefined && isSubject(old) ? old : undefined;
  const earlier = modeBefore(before, config);
  const read = readSubject('Namespace', request.object, context);
  if (!isSubject(read)) return unreadable(request, 'Namespace', read, earlier);
  const choice = modeIn(read.labels, config.mode);
  const { findings: guarded, used } = await guardNamespace(
    read,
    before,
    request.userInfo,
    ports,
    config,
    readTrialChange(request),
  );
  const isUsed = used.length > 0 && !(before === undefined && (await isThere(read.name, ports)));
  const beside = { choice, judged: { subject: read, before }, ...(isUsed ? { permissions: used } : {}) };
  // An exemption exempts the content of the namespace and its labels from the checks, but not the
  // namespace from the guard.
  if (isExempt(read.name, config)) return conclude(read, guarded, config, beside);
  const raised = before !== undefined && choice.mode === 'enforce' && earlier.mode !== 'enforce';
  const replaced = await guardMark(read, before, ports, config);
  const budget = createBudget(namespaceLimits);
  const now = whatItIs(read, request.object, ports);
  const was = before && whatItIs(before, request.oldObject, ports);
  const opened = await judgePolicies({ ...now, before: was }, ports, choice, config, budget);
  const leftMs = Math.max(0, residentsMs - (performance.now() - begun));
  const residents = raised ? await tellResidents(read, countRefused(now, ports, config, budget), leftMs) : [];
  const { findings } = evaluate(checks, read, before, choice, config);
  const all = [...findings, ...guarded, ...replaced, ...opened, ...unmarked(read, before, config, hint)];
  return conclude(read, all, config, beside, residents);
}

/** A namespace as the checks of its content see it: at the end of a trial it is not fenced. */
function whatItIs({ name, labels }: Subject, object: unknown, { now }: NamespacePorts): CurrentNamespace {
  return { ...asOf(readNamespace(object as RawNamespace), now()), name, labels };
}

/**
 * A namespace may have hundreds of policies, and hundreds may name it. They are judged in turns, so
 * together they may take half a second.
 */
const namespaceLimits: BudgetLimits = { ...reviewLimits, work: 500_000 };

/** Returns the findings about what existing NetworkPolicies open with a namespace. */
async function judgePolicies(
  namespace: ChangedNamespace,
  { caches, turns }: NamespacePorts,
  choice: ModeChoice,
  config: Config,
  budget: Budget,
): Promise<readonly Finding[]> {
  const steps = rejudge(namespace, caches, choice, config, budget);
  const first = steps.next();
  // Nearly always no policy sees a change.
  if (first.done) return first.value;
  const what = 'what the NetworkPolicies of this namespace, and those that name it, open';
  return (
    (await turns.take(namespace.name, steps)) ?? [
      doubt('labels', `${what}: too many are being judged; try again`, choice),
    ]
  );
}

/**
 * Reports whether a namespace that is to be created exists already. The API server then answers
 * AlreadyExists, and no permission is used. If a read fails, the use is recorded.
 */
async function isThere(name: string, { caches, readNamespace }: NamespacePorts): Promise<boolean> {
  if (caches.namespace(name) === undefined) return false;
  try {
    return (await readNamespace(name)) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Returns the findings about a new namespace without the mark. If the cluster or the namespace
 * enforces, the mutating webhook marks it first, so something kept the namespace from that webhook.
 * In warn, the finding says what enforce would do. In observe there is no finding. While the mode
 * of the cluster changes, an API server may still use the entry for a cluster that does not
 * enforce, and then the namespace was not marked. Such a request is not refused.
 */
function unmarked(now: Subject, before: Subject | undefined, { mode }: Config, hint: Hint): readonly Finding[] {
  if (before !== undefined || now.operation !== 'CREATE' || now.labels.has(fenceMark)) return [];
  // The built-in namespaces are never marked at creation.
  if (isBuiltInNamespace(now.name)) return [];
  const own = modeIn(now.labels, mode);
  // A namespace whose own mode is enforce is marked in every mode of the cluster.
  const asks = own.source === 'namespace' && own.mode === 'enforce';
  const choice: ModeChoice = asks ? own : { mode, source: 'cluster' };
  const finding = (reason: string, { source }: ModeChoice, action: ModeChoice['mode']) => [
    factFinding('fence-mark', fenceMark, `missing; ${reason}`, { mode: action, source }),
  ];
  switch (choice.mode) {
    case 'observe':
      return [];
    case 'warn':
      return finding('enforce sets it, and with it a deny-all that allows DNS', choice, 'warn');
    case 'enforce':
      return !asks && hint === 'unenforced'
        ? finding('the API server does not know yet, or any more, that all are marked', choice, 'warn')
        : finding(
            'a new namespace is marked before it is judged: try again, and then ask what hid this one',
            choice,
            'enforce',
          );
  }
}

/**
 * Milliseconds after the beginning of a review until it is answered without the count. A count only
 * warns, and the API server gives up on the whole review after the webhook's timeout of 5 s.
 */
const residentsMs = 4_000;

/**
 * Returns warnings about the objects in a namespace that would be refused now, one for each kind,
 * as Pod Security does when a level is raised. Never throws.
 */
async function tellResidents(
  subject: Subject,
  counting: Promise<readonly Refused[]>,
  leftMs: number,
): Promise<readonly string[]> {
  const unknown = (what: string, problem: string): string =>
    warning(subject, `whether ${what} here would be refused is not known: ${problem}`);
  try {
    const counted = await withTimeout(counting, leftMs, 'counting them');
    return counted.flatMap(({ resource, count, isWhole, problem }) =>
      problem === undefined
        ? [
            warning(
              subject,
              `${isWhole ? '' : 'at least '}${count} ${resource} here would be refused if made now; to list them:`,
            ),
            command(subject, `kubectl get ${resource} -n ${subject.name} -o yaml | ringfence check -`),
          ]
        : [unknown(resource, problem)],
    );
  } catch (error) {
    return [unknown('objects', error instanceof Error ? error.message : 'no answer')];
  }
}

/**
 * Returns a warning with a whole command to copy. The command names the namespace itself, so the
 * title is omitted if there is no room for both.
 */
function command(subject: Subject, line: string): string {
  const titled = warning(subject, line);
  return titled.endsWith(line) ? titled : line;
}
