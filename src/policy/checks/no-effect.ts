// Rule: a NetworkPolicy isolates Pods that no other policy isolates, or allows traffic that no
// other policy allows.
import { listAt } from '../../kubernetes/raw-object.ts';
import type { AddressPeer, Direction, Peer, Policy, PortRange, Rule } from '../../network/rules.ts';
import { isSameSelector, selectsAllOf } from '../../network/selector.ts';
import type { OpeningCheck, Violation } from '../check.ts';
import type { Opened } from '../opening.ts';
import type { Subject } from '../subject.ts';

export const noEffect: OpeningCheck = {
  id: 'no-effect',
  rule: 'A NetworkPolicy isolates or allows something that the other policies of its namespace do not.',
  remedy: 'Remove it, or write what you intend. Policies add up, so none can remove what another allows.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'warn',
  judge(opened, subject) {
    const why = reasonWithout(opened, subject);
    return why === undefined ? [] : [why];
  },
};

function reasonWithout({ policy, selectsNoJudged }: Opened, subject: Subject): Violation | undefined {
  const violation = { field: 'spec', subject: 'spec', found: undefined };
  if (selectsNoJudged) {
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
  if (isolatesMore) return undefined;
  const wider = others?.filter((other) => isWider(other, policy)) ?? [];
  if (directions.some((direction) => allowsMore(policy[direction], wider, direction))) return undefined;
  const ignored = (['ingress', 'egress'] as const).find(
    (direction) => !policy.isolates[direction] && listAt(subject.networkPolicySpec, direction).length > 0,
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

/** Whether a policy selects at least the Pods of another: all Pods, or by the same selector. */
function isWider(other: Policy, policy: Policy): boolean {
  return selectsAllOf(other.podSelector, policy.podSelector);
}

/**
 * Whether a rule is not part of any rule of the other policies. Rules are compared by their form: a
 * part has the same peers and ports, or fewer. A rule counts as allowing more if only its meaning
 * is narrower, or if the comparison would take too long.
 */
function allowsMore(rules: readonly Rule[], others: readonly Policy[], direction: Direction): boolean {
  let left = comparisonLimit;
  function isWithin<T>(
    list: readonly T[] | undefined,
    other: readonly T[] | undefined,
    isSame: (one: T, two: T) => boolean,
  ): boolean {
    if (other === undefined) return true;
    return list?.every((one) => other.some((two) => left-- > 0 && isSame(one, two))) === true;
  }
  return rules.some(
    ({ peers, ports }) =>
      !others.some((other) =>
        other[direction].some(
          (one) => isWithin(ports, one.ports, isSamePort) && isWithin(peers, one.peers, isSamePeer),
        ),
      ),
  );
}

/** Takes some tens of milliseconds: each of 2,000 peers is compared with each of 2,000 others. */
const comparisonLimit = 4_000_000;

function isSamePort(one: PortRange, two: PortRange): boolean {
  if (one.protocol !== two.protocol) return false;
  const [a, b] = [one.port, two.port];
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  if ('name' in a || 'name' in b) return 'name' in a && 'name' in b && a.name === b.name;
  return a.first === b.first && a.last === b.last;
}

function isSamePeer(one: Peer, two: Peer): boolean {
  if (one.kind === 'addresses' || two.kind === 'addresses')
    return one.kind === 'addresses' && two.kind === 'addresses' && isSameBlock(one, two);
  const [a, b] = [one.namespaceSelector, two.namespaceSelector];
  if (a === undefined || b === undefined ? a !== b : !isSameSelector(a, b)) return false;
  return isSameSelector(one.podSelector, two.podSelector);
}

function isSameBlock(one: AddressPeer, two: AddressPeer): boolean {
  return (
    one.cidr === two.cidr &&
    one.except.length === two.except.length &&
    one.except.every(({ first, last }, index) => {
      const other = two.except[index];
      return first === other?.first && last === other.last;
    })
  );
}
