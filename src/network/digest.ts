import type { Budget } from './budget.ts';
import type { Direction, Peer, Policy, PortRange, Rule } from './rules.ts';
import type { Selector } from './selector.ts';

/**
 * What the comparison of two policies needs: a number in place of each peer and each port. A policy
 * of 100 KiB takes some 50 KiB in this form, and 2 MiB in its read form.
 */
export interface PolicyDigest {
  readonly isolates: Readonly<Record<Direction, boolean>>;
  /** Its podSelector; {@link everyPod} if it selects every pod. */
  readonly podSelector: number;
  /** How many rules each direction has. */
  readonly rules: Readonly<Record<Direction, number>>;
  readonly ingress: RuleDigests;
  readonly egress: RuleDigests;
}

/**
 * Rules one after another: the number of peers and the peers, the number of ports and the ports.
 * Peers and ports are ascending. `-1` stands for the number where a rule names none, which allows
 * all.
 */
export type RuleDigests = Float64Array;

/** The digest of a selector that selects every pod. */
const everyPod = 0;

export function digestOf(policy: Policy): PolicyDigest {
  return {
    isolates: policy.isolates,
    podSelector: digestOfSelector(policy.podSelector),
    rules: { ingress: policy.ingress.length, egress: policy.egress.length },
    ingress: rulesOf(policy.ingress),
    egress: rulesOf(policy.egress),
  };
}

/**
 * The same for a policy that its caller keeps whole: the rules of a direction are read when they
 * are first needed.
 */
export function lazyDigestOf(policy: Policy): PolicyDigest {
  return new LazyDigest(policy);
}

/**
 * A class, because getters of an object literal become part of its hidden class. V8 keeps that,
 * and the policy with it, until the next full garbage collection.
 */
class LazyDigest implements PolicyDigest {
  readonly podSelector: number;
  private readonly policy: Policy;
  private readonly read: Partial<Record<Direction, RuleDigests>> = {};

  constructor(policy: Policy) {
    this.policy = policy;
    this.podSelector = digestOfSelector(policy.podSelector);
  }

  get isolates(): PolicyDigest['isolates'] {
    return this.policy.isolates;
  }

  get rules(): PolicyDigest['rules'] {
    return { ingress: this.policy.ingress.length, egress: this.policy.egress.length };
  }

  get ingress(): RuleDigests {
    this.read.ingress ??= rulesOf(this.policy.ingress);
    return this.read.ingress;
  }

  get egress(): RuleDigests {
    this.read.egress ??= rulesOf(this.policy.egress);
    return this.read.egress;
  }
}

export function digestOfSelector(selector: Selector): number {
  return selector.requirements.length === 0 ? everyPod : numberOf(selectorText(selector));
}

/** Whether a policy selects every pod, or has the same selector as this digest. */
export function isWider({ podSelector }: PolicyDigest, selector: number): boolean {
  return podSelector === everyPod || podSelector === selector;
}

/**
 * Whether some rule of a policy is not part of any rule of the others. Compares the form only: a
 * rule is part of another if its peers and ports are the same or fewer. Does not see that a rule of
 * the others is wider if only its meaning is wider. Undefined if the budget ends first.
 */
export function allowsMore(
  direction: Direction,
  policy: PolicyDigest,
  others: readonly PolicyDigest[],
  budget: Budget,
): boolean | undefined {
  if (policy.rules[direction] === 0) return false;
  const some = others.filter((other) => other.rules[direction] > 0).map((other) => other[direction]);
  if (some.length === 0) return true;
  const rules = policy[direction];
  for (let at = 0; at < rules.length; ) {
    const next = nextRule(rules, at);
    const contained = isContained(rules.subarray(at, next), some, budget);
    if (contained !== true) return contained === undefined ? undefined : true;
    at = next;
  }
  return false;
}

function isContained(rule: RuleDigests, others: readonly RuleDigests[], budget: Budget): boolean | undefined {
  let steps = rule.length;
  for (const other of others) {
    for (let at = 0; at < other.length; ) {
      const next = nextRule(other, at);
      steps += Math.min(rule.length, next - at) + next - at;
      if (steps >= stepsAtOnce) {
        if (!budget.takeWork(steps / stepsPerUnit)) return undefined;
        steps = 0;
      }
      if (isPart(rule, 0, other, at) && isPart(rule, portsAt(rule, 0), other, portsAt(other, at))) return true;
      at = next;
    }
  }
  return budget.takeWork(steps / stepsPerUnit) ? false : undefined;
}

/** A step compares two numbers. A hundred of them take less than a microsecond. */
const stepsPerUnit = 100;

/** How many steps are taken between two looks at the budget. */
const stepsAtOnce = 10_000;

function portsAt(rules: RuleDigests, at: number): number {
  return at + 1 + Math.max(0, rules[at] as number);
}

function nextRule(rules: RuleDigests, at: number): number {
  const ports = portsAt(rules, at);
  return ports + 1 + Math.max(0, rules[ports] as number);
}

/** Whether all members of one counted list are in another one. */
function isPart(list: RuleDigests, at: number, others: RuleDigests, other: number): boolean {
  const [count, size] = [list[at] as number, others[other] as number];
  if (size === -1) return true;
  if (count === -1 || count > size) return false;
  let position = other + 1;
  const end = position + size;
  for (let index = at + 1; index <= at + count; index += 1) {
    while (position < end && (others[position] as number) < (list[index] as number)) position += 1;
    if (position === end || others[position] !== list[index]) return false;
  }
  return true;
}

function rulesOf(rules: readonly Rule[]): RuleDigests {
  const numbers: number[] = [];
  for (const { peers, ports } of rules) {
    append(numbers, peers?.map(peerText));
    append(numbers, ports?.map(portText));
  }
  return Float64Array.from(numbers);
}

function append(numbers: number[], texts: readonly string[] | undefined): void {
  if (texts === undefined) {
    numbers.push(-1);
    return;
  }
  // Most rules name one peer and one port.
  const members = texts.length === 1 ? texts.map(numberOf) : new Float64Array(new Set(texts.map(numberOf))).sort();
  numbers.push(members.length);
  for (const member of members) numbers.push(member);
}

function peerText(peer: Peer): string {
  if (peer.kind === 'addresses')
    return `${peer.cidr} ${peer.except.map(({ first, last }) => `${first}-${last}`).join()}`;
  const { namespaceSelector, podSelector } = peer;
  const pods = selectorText(podSelector);
  return namespaceSelector === undefined ? `${pods}\n` : `${selectorText(namespaceSelector)}\n\n${pods}`;
}

function portText({ protocol, port }: PortRange): string {
  if (port === 'all') return protocol;
  return 'name' in port ? `${protocol} ${port.name}` : `${protocol} ${port.first}-${port.last}`;
}

/** No label key or value contains a space. */
function selectorText({ requirements }: Selector): string {
  let text = '';
  for (const { key, operator, values } of requirements) {
    text += `${key} ${operator}`;
    for (const value of values) text += ` ${value}`;
    text += '\n';
  }
  return text;
}

/**
 * A number of 53 bits for a text (cyrb53), from 1. Two texts have the same number once in 2^53
 * pairs. An author can construct such texts. Then the author is wrongly told that a policy has no
 * effect, which opens nothing.
 */
function numberOf(text: string): number {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0) + 1;
}
