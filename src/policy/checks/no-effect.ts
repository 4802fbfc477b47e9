// Rule: a NetworkPolicy does something: it isolates Pods that nothing else isolates, or allows what nothing else allows. The baseline is excepted (it has reserved names).
import { listAt } from '../../kubernetes/raw-object.ts';
import { boxesOf } from '../../network/identities.ts';
import type { Direction, Peer, Policy, PortRange, Rule } from '../../network/rules.ts';
import { type Selector, selectsAllOf } from '../../network/selector.ts';
import type { OpeningCheck, Violation } from '../check.ts';
import type { Opened } from '../opening.ts';
import type { Subject } from '../subject.ts';

export const noEffect: OpeningCheck = {
  id: 'no-effect',
  rule: 'A NetworkPolicy isolates or allows something that the other policies of its namespace do not.',
  remedy: 'Remove it, or write what was meant: policies add up, so none can take away what another allows.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'warn',
  judge(opened, subject) {
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

/** Whether a policy selects at least what another does: everything, or by the same selector. */
function isWider(other: Policy, policy: Policy): boolean {
  return selectsAllOf(other.podSelector, policy.podSelector);
}

/** Whether some rule is no part of any rule of the other policies. */
function allowsMore(rules: readonly Rule[], others: readonly Policy[], direction: Direction): boolean {
  if (rules.length === 0) return false;
  // Written out once: thousands of rules may be held against thousands.
  const allowed = others.flatMap((other) => other[direction]).map(formOf);
  return rules.map(formOf).some((rule) => !allowed.some((other) => isFormWithin(rule, other)));
}

/** A rule's peers and ports as texts; undefined: all of them. */
interface Form {
  readonly peers: ReadonlySet<string> | undefined;
  readonly ports: ReadonlySet<string> | undefined;
}

function formOf({ peers, ports }: Rule): Form {
  return { peers: peers && new Set(peers.map(peerText)), ports: ports && new Set(ports.map(portText)) };
}

/** Whether a rule is part of another by its form: the same peers and ports, or fewer. What is wider by meaning alone is not claimed. */
function isFormWithin(one: Form, other: Form): boolean {
  return isWithin(one.ports, other.ports) && isWithin(one.peers, other.peers);
}

function isWithin(one: Form['peers'], other: Form['peers']): boolean {
  return other === undefined || one?.isSubsetOf(other) === true;
}

function peerText(peer: Peer): string {
  if (peer.kind === 'pods')
    return JSON.stringify([selectorForm(peer.namespaceSelector), selectorForm(peer.podSelector)]);
  return JSON.stringify([peer.cidr, ...peer.except.map(({ first, last }) => `${first}-${last}`)]);
}

function selectorForm(selector: Selector | undefined): unknown {
  return selector?.requirements.map(({ key, operator, values }) => [key, operator, ...values]) ?? null;
}

function portText({ protocol, port }: PortRange): string {
  return JSON.stringify([protocol, port]);
}
