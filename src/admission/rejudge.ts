import { isInForce } from '../baseline/desired.ts';
import type { CachedPolicy } from '../baseline/wall.ts';
import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import type { Labels } from '../kubernetes/labels.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import type { Budget } from '../network/budget.ts';
import { spent } from '../network/openings.ts';
import type { Finding, OpeningCheck, Violation } from '../policy/check.ts';
import { crossEnvironment } from '../policy/checks/cross-environment.ts';
import { flowMatrix } from '../policy/checks/flow-matrix.ts';
import { actUnder, askAbout, stoodBefore } from '../policy/evaluate.ts';
import { fenceMark, type ModeChoice, milderChoice, modeIn } from '../policy/mode.ts';
import { readable } from '../policy/readable.ts';
import { isSubject, readSubject } from '../policy/subject.ts';
import { allLabels, type Caches } from './facts.ts';
import { asksAbout, namingPeers } from './named-namespaces.ts';
import type { Steps } from './turns.ts';

/** The checks whose verdict depends on the identity of a namespace. Each has a key. */
const identityChecks: readonly OpeningCheck[] = [crossEnvironment, flowMatrix];

/** A namespace as it will be, and as it was. */
export interface ChangedNamespace {
  readonly name: string;
  readonly labels: Labels;
  /** Whether it is fenced now: at the end of a trial it is not, although it has the mark. */
  readonly fenced: boolean;
  /** Undefined at its creation. */
  readonly before: NamespaceState | undefined;
}

type NamespaceState = Pick<ChangedNamespace, 'labels' | 'fenced'>;

/**
 * Judges what existing NetworkPolicies open when a namespace is created or gets other labels: the
 * policies that name it, and its own. Only flows that its new identity opens are findings; flows
 * that were open before are not. A policy of another namespace is judged under the milder of that
 * namespace's mode and this one's. Policies of exempt namespaces are not judged. Otherwise users
 * whom Ringfence does not restrict could block the namespaces of others.
 *
 * Each step judges one policy. Policies for which nothing changes are not judged. One finding says
 * that the budget was not enough for the rest.
 */
export function* rejudge(
  namespace: ChangedNamespace,
  caches: Caches,
  choice: ModeChoice,
  config: Config,
  budget: Budget,
): Steps<readonly Finding[]> {
  const findings: Finding[] = [];
  const left: Affected[] = [];
  for (const affected of affectedBy(namespace, caches, choice, config)) {
    if (left.length > 0) {
      left.push(affected);
      continue;
    }
    yield;
    const found = yield* findingsOf(affected, namespace, caches, config, budget);
    const bytes = found.reduce((sum, { reason }) => sum + findingBytes + 2 * reason.length, 0);
    if (budget.takeWork(0) && budget.takeMemory(bytes)) findings.push(...found);
    else left.push(affected);
  }
  return left.length === 0 ? findings : [...findings, unreached(left, config)];
}

/** A finding's fields and the places that hold it, without its text. */
const findingBytes = 500;

/** A policy that sees another identity, and the mode under which it is judged. */
interface Affected {
  readonly policy: CachedPolicy;
  readonly home: string;
  readonly homeLabels: Labels | undefined;
  readonly acting: ModeChoice;
}

/** The policies that see what changes about a namespace. Those that may refuse it come first. */
function affectedBy(
  { name, labels, fenced, before }: ChangedNamespace,
  caches: Caches,
  choice: ModeChoice,
  config: Config,
): readonly Affected[] {
  // In a fenced namespace, policies with names of the baseline become the baseline, so they open
  // nothing after this request.
  const isOverwritten = ({ metadata }: CachedPolicy) => fenced && isInForce(metadata.name ?? '', config);
  const changed = before === undefined ? undefined : changedKeys(labels, before.labels);
  const isIdentity = changed === undefined || changed.some((key) => key === fenceMark || config.taxonomy.keys.has(key));
  // Beside identity, a policy sees the labels that it asks for where it names the namespace.
  const sees = ({ spec }: CachedPolicy) => isIdentity || asksAbout(spec, changed);
  const own =
    before === undefined
      ? []
      : [...caches.networkPolicies(name)].filter((policy) => !isOverwritten(policy) && sees(policy));
  const naming = [...caches.policiesNaming(name)].filter((policy) => {
    const { namespace: home = '' } = policy.metadata;
    return home !== name && !isExempt(home, config) && sees(policy);
  });
  const affected = [...own, ...naming].map((policy): Affected => {
    const { namespace: home = '' } = policy.metadata;
    if (home === name) return { policy, home, homeLabels: labels, acting: choice };
    const homeLabels = caches.namespace(home)?.labels;
    const own = homeLabels === undefined ? clusterChoice(config) : modeIn(homeLabels, config.mode);
    return { policy, home, homeLabels, acting: milderChoice(choice, own) };
  });
  const rank = ({ acting }: Affected) => (acting.mode === 'enforce' ? 0 : 1);
  return affected.sort((a, b) => rank(a) - rank(b));
}

function clusterChoice({ mode }: Config): ModeChoice {
  return { mode, source: 'cluster' };
}

function changedKeys(now: Labels, before: Labels): readonly string[] {
  return [...new Set([...now.keys(), ...before.keys()])].filter((key) => now.get(key) !== before.get(key));
}

function* findingsOf(
  { policy, home, homeLabels, acting }: Affected,
  namespace: ChangedNamespace,
  caches: Caches,
  config: Config,
  budget: Budget,
): Steps<readonly Finding[]> {
  const named = `NetworkPolicy ${home}/${policy.metadata.name ?? ''}`;
  if (homeLabels === undefined)
    return [undecided(`${named} opens`, `the labels of namespace ${home} are not known`, acting, config)];
  if (policy.isLeftOut !== undefined)
    return [undecided(`${named} opens`, `namespace ${home} has more NetworkPolicies than are kept`, acting, config)];
  const found = opened(policy, namespace.name, namespace, caches, config, budget);
  if (found.length === 0) return [];
  yield;
  const standing =
    namespace.before === undefined ? [] : opened(policy, namespace.name, namespace.before, caches, config, budget);
  return found
    .map((one) => ({ ...one, olds: standing.filter((old) => one.check === old.check && one.field === old.field) }))
    .filter(({ olds, ...one }) => !olds.some((old) => stoodBefore(one, old)))
    .map(({ check, olds, ...one }): Finding => {
      const key = check.key?.(config) ?? '';
      return {
        ...one,
        check: one.unreadable ? readable.id : check.id,
        ...actUnder(one.unreadable ? readable : check, acting, config),
        field: `metadata.labels.${key}`,
        subject: key,
        reason:
          one.found === undefined
            ? `${named}: ${one.reason}`
            : `with it ${named} (${one.subject}) opens ${openedText(one, olds)}; change that NetworkPolicy first, or choose another ${key}`,
      };
    });
}

/** Returns what a policy opens now and did not open before. */
function openedText({ found, parts = [] }: Violation, olds: readonly Violation[]): string | undefined {
  const before = new Set(olds.flatMap((old) => old.parts ?? []));
  const added = parts.filter((part) => !before.has(part));
  if (added.length === parts.length) return found;
  const shown = added.slice(0, 3).join(', ');
  return added.length > 3 ? `${shown} and ${added.length - 3} more` : shown;
}

/** The finding about a policy that could not be judged. */
function undecided(named: string, why: string, choice: ModeChoice, config: Config): Finding {
  const key = config.network.flowKey;
  return {
    check: flowMatrix.id,
    field: `metadata.labels.${key}`,
    subject: key,
    found: undefined,
    reason: `not decided: what ${named} with it: ${why}`,
    undecided: true,
    ...actUnder(flowMatrix, choice, config),
  };
}

/** The policies that the budget did not reach. The mode of the first of them is the strictest. */
function unreached(left: readonly Affected[], config: Config): Finding {
  const homes = [...new Set(left.map(({ home }) => home))];
  const shown = homes.slice(0, 3).join(', ');
  const where = homes.length > 3 ? `${shown} and ${homes.length - 3} more namespaces` : `namespace ${shown}`;
  const named =
    left.length === 1 ? `a NetworkPolicy of ${where} opens` : `${left.length} NetworkPolicies of ${where} open`;
  return undecided(named, spent, left[0]?.acting ?? clusterChoice(config), config);
}

function opened(
  policy: NetworkPolicy,
  name: string,
  state: NamespaceState,
  caches: Caches,
  config: Config,
  budget: Budget,
): readonly (Violation & { readonly check: OpeningCheck })[] {
  const { namespace: home = '' } = policy.metadata;
  const at = home === name ? state : caches.namespace(home);
  if (at === undefined) return [];
  const subject = readSubject('NetworkPolicy', policy, {
    operation: 'UPDATE',
    namespace: home,
    facts: { known: true, labels: at.labels, fenced: at.fenced },
    surroundings: {
      namespaceLabels: (other) => (other === name ? state.labels : allLabels(other, caches)),
      others: undefined,
      budget,
    },
  });
  if (!isSubject(subject)) return [];
  const naming = home === name ? undefined : fieldsNaming(policy, name);
  const ask = askAbout(subject, identityChecks, config);
  return identityChecks.flatMap((check) =>
    ask(check)
      // A doubt concerns the whole policy, including the peers that name the namespace.
      .filter(({ field, undecided }) => naming === undefined || undecided === true || naming.has(field))
      .map((violation) => ({ ...violation, check })),
  );
}

/** Returns the paths of the peers that name a namespace. */
function fieldsNaming({ spec }: NetworkPolicy, name: string): ReadonlySet<string> {
  const fields = new Set<string>();
  for (const { field, names } of namingPeers(spec)) if (names.has(name)) fields.add(field);
  return fields;
}
