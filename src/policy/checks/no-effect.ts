// Rule: a NetworkPolicy does something: it isolates Pods that nothing else isolates, or allows what nothing else allows. The baseline is excepted (it has reserved names).
import { listAt } from '../../kubernetes/raw-object.ts';
import { boxesOf } from '../../network/identities.ts';
import type { Direction, Policy, Rule } from '../../network/rules.ts';
import type { Check, Violation } from '../check.ts';
import { isOpened, type Opened, openedBy } from '../opened.ts';
import type { Subject } from '../subject.ts';

export const noEffect: Check = {
  id: 'no-effect',
  rule: 'A NetworkPolicy isolates or allows something that the other policies of its namespace do not.',
  remedy: 'Remove it, or write what was meant: policies add up, so none can take away what another allows.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'warn',
  run(subject, config) {
    const opened = openedBy(subject, config);
    if (!isOpened(opened)) return [];
    const why = reasonWithout(opened, subject);
    return why === undefined ? [] : [why];
  },
};

function reasonWithout({ policy, own }: Opened, subject: Subject): Violation | undefined {
  const violation = { field: 'spec', subject: 'spec', found: undefined };
  if (own.length === 0 || boxesOf(policy.podSelector) === undefined) {
    return {
      ...violation,
      field: 'spec.podSelector',
      subject: 'podSelector',
      reason: 'no Pod of this namespace can have these labels, so it has no effect',
    };
  }
  const fenced = subject.facts?.known === true && subject.facts.fenced;
  const others = subject.surroundings?.policies;
  const directions = (['ingress', 'egress'] as const).filter((direction) => policy.isolates[direction]);
  const isolatesMore =
    !fenced &&
    directions.some((direction) => !others?.some((other) => other.isolates[direction] && isWider(other, policy)));
  if (isolatesMore && others !== undefined) return undefined;
  const allowsMore = directions.some((direction) =>
    policy[direction].some((rule) => !isAllowedBy(others ?? [], policy, direction, rule)),
  );
  if (allowsMore) return undefined;
  if (isolatesMore) return undefined;
  const ignored = (['ingress', 'egress'] as const).find(
    (direction) => !policy.isolates[direction] && hasRules(subject.networkPolicySpec, direction),
  );
  if (ignored !== undefined) {
    const type = ignored === 'ingress' ? 'Ingress' : 'Egress';
    return {
      ...violation,
      field: 'spec.policyTypes',
      subject: 'policyTypes',
      reason: `leaves out ${type}, so its ${ignored} rules have no effect; add ${type}`,
    };
  }
  const reason =
    fenced && directions.every((direction) => policy[direction].length === 0)
      ? 'has no effect: the baseline isolates every Pod of this namespace already'
      : 'has no effect: the other policies isolate and allow the same already';
  return { ...violation, reason };
}

/** Whether a specification holds rules of a direction, isolated or not. */
function hasRules(spec: unknown, direction: Direction): boolean {
  return listAt(spec, direction).length > 0;
}

/** Whether a policy selects at least what another does: everything, or by the same selector. */
function isWider(other: Policy, policy: Policy): boolean {
  return other.podSelector.requirements.length === 0 || textOf(other.podSelector) === textOf(policy.podSelector);
}

function isAllowedBy(others: readonly Policy[], policy: Policy, direction: Direction, rule: Rule): boolean {
  return others.some((other) => isWider(other, policy) && other[direction].some((one) => isRuleWithin(rule, one)));
}

/** Whether a rule is part of another by its form: the same peers and ports, or fewer. What is wider by meaning alone is not claimed. */
function isRuleWithin(rule: Rule, other: Rule): boolean {
  return isListWithin(rule.peers, other.peers) && isListWithin(rule.ports, other.ports);
}

function isListWithin(list: readonly object[] | undefined, other: readonly object[] | undefined): boolean {
  if (other === undefined) return true;
  if (list === undefined) return false;
  const texts = remember(textSets, other, () => new Set(other.map(textOf)));
  return list.every((entry) => texts.has(textOf(entry)));
}

/** A value's text without the places it stood at, sets as lists. */
function textOf(value: object): string {
  return remember(texts, value, () =>
    JSON.stringify(value, (key, part: unknown) =>
      key === 'field' ? undefined : part instanceof Set ? [...part] : typeof part === 'bigint' ? String(part) : part,
    ),
  );
}

// Each rule is held against every rule of every other policy: thousands against thousands may not be written out each time.
const texts = new WeakMap<object, string>();
const textSets = new WeakMap<readonly object[], ReadonlySet<string>>();

function remember<K extends object, V>(known: WeakMap<K, V>, key: K, work: () => V): V {
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = work();
  known.set(key, made);
  return made;
}
