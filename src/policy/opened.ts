import type { FieldProblem } from '../kubernetes/raw-object.ts';
import { isCovered, type Range, readCidr, subtract } from '../network/address.ts';
import { overlap, privateNetworks } from '../network/blocks.ts';
import { createBudget, reviewLimits } from '../network/budget.ts';
import { boxesOf, governedKey, type Identity, type Vocabulary } from '../network/identities.ts';
import { type Opening, openingsOf } from '../network/openings.ts';
import { readPolicy } from '../network/read.ts';
import type { Selector } from '../network/selector.ts';
import { exactly, holds, holdsOther, type ValueSet } from '../network/values.ts';
import type { PolicyConfig, Violation } from './check.ts';
import { fenceMark } from './mode.ts';
import type { NamedPeer, PeerRole } from './network-config.ts';
import { isOnly, type JudgedOpening, type Opened, shortField } from './opening.ts';
import type { Subject } from './subject.ts';
import { findWholeFamilies } from './whole-families.ts';

/**
 * Why it could not be determined what a policy opens. The list is empty for a policy without rules,
 * which opens nothing in any case.
 */
export interface NotOpened {
  readonly violations: readonly Violation[];
}

/** Whether it was determined what a policy opens. */
export function isOpened(result: Opened | NotOpened): result is Opened {
  return 'policy' in result;
}

/** Reads a NetworkPolicy subject and determines what it opens. Never throws. */
export function openedBy(subject: Subject, config: PolicyConfig): Opened | NotOpened {
  const namespace = subject.namespace ?? '';
  const { surroundings } = subject;
  const { budget = createBudget(reviewLimits) } = surroundings ?? {};
  const read = readPolicy(subject.networkPolicySpec, { namespace, name: subject.name }, budget.policyWork);
  if ('problems' in read) {
    if (!read.isTooLarge) return { violations: [malformed(read.problems)] };
    return { violations: [tooComplex(`it has more than the ${budget.policyWork} entries that are judged`)] };
  }
  if (subject.facts?.known !== true) {
    // A policy without rules causes no doubt. Otherwise the ratchet would accept the doubt about an
    // update that adds rules, because there was doubt before.
    if (read.policy.ingress.length + read.policy.egress.length === 0) return { violations: [] };
    const reason = subject.facts?.reason ?? `the labels of namespace ${namespace} are not known`;
    return { violations: [undecidable('spec', `what it opens: ${reason}`)] };
  }
  if (surroundings?.undecided !== undefined)
    return { violations: [undecidable('spec', `what it opens: ${surroundings.undecided}`)] };
  const lookup = (name: string) => surroundings?.namespaceLabels(name);
  const openings = openingsOf(
    read.policy,
    { name: namespace, labels: subject.facts.labels },
    lookup,
    vocabularyOf(config),
    budget,
  );
  if ('tooComplex' in openings) return { violations: [tooComplex(openings.tooComplex)] };
  const judged = openings.all.map((opening) => judge(opening, config));
  return {
    policy: read.policy,
    openings: judged,
    wholeIngress: findWholeFamilies(judged, 'ingress'),
    own: openings.own,
    selectsNoJudged: openings.selectsNoJudged,
  };
}

function tooComplex(why: string): Violation {
  return undecidable('spec', `too complex to judge: ${why}`);
}

function undecidable(field: string, what: string): Violation {
  return { field, subject: field, found: undefined, reason: `not decided: ${what}`, undecided: true };
}

/**
 * Returns the violation for a spec that is not valid. The API server never stores one, but a file
 * may contain one, and a later version of Kubernetes may have other fields.
 */
function malformed(problems: readonly FieldProblem[]): Violation {
  const [{ field = 'spec', message = '' } = {}] = problems;
  const more = problems.length > 1 ? `; and ${problems.length - 1} more` : '';
  const parts = problems.map((problem) => `${problem.field} ${problem.message}`);
  return {
    field,
    subject: shortField(field),
    found: undefined,
    parts,
    reason: `${message}${more}`,
    unreadable: true,
  };
}

/** Converts the taxonomy to the form that the network room needs. */
function vocabularyOf({ taxonomy }: PolicyConfig): Vocabulary {
  return {
    governedMark: fenceMark,
    keys: [...taxonomy.keys.values()].map(({ key, values, agrees }) => governedKey({ key, values, agrees })),
  };
}

function judge(opening: Opening, config: PolicyConfig): JudgedOpening {
  const { other } = opening;
  const role = namedRole(opening, config);
  const isPublic = role === 'ingress' || role === 'public';
  if (other.kind !== 'addresses') {
    const anyone = other.kind === 'anyone';
    return { ...opening, role, isOutside: role === undefined ? anyone : isPublic, mayBeAnyPod: anyone };
  }
  const outside = subtract(other.ranges, privateRanges);
  return {
    ...opening,
    role,
    isOutside: role === undefined ? outside.length > 0 : isPublic,
    // Pods are in private networks, as `reach` assumes too.
    mayBeAnyPod: overlap(other.ranges, privateNetworks),
  };
}

function namedRole({ other }: Opening, config: PolicyConfig): PeerRole | undefined {
  const { peers } = config.network;
  if (other.kind === 'addresses') {
    return peers.find(
      ({ cidrs }) => cidrs.length > 0 && other.ranges.length > 0 && isCovered(other.ranges, rangesOf(cidrs)),
    )?.role;
  }
  if (other.kind === 'anyone') return undefined;
  const named = other.names;
  if (named === undefined || named.negated || named.values.size === 0) return undefined;
  const roles = new Set<PeerRole | undefined>();
  for (const name of named.values) {
    roles.add(peers.find((peer) => peer.namespace === name && isNarrowerThan(other.peer.podSelector, peer))?.role);
    if (roles.size > 1) return undefined;
  }
  return [...roles][0];
}

/**
 * Returns the values of one key among identities, in the form of messages: first the vocabulary,
 * then the names for other values and for no value.
 */
export function namesOf(identities: readonly Identity[], key: string, config: PolicyConfig): readonly string[] {
  const known = config.taxonomy.keys.get(key)?.values ?? [];
  const names = new Set<string>();
  for (const { values } of identities) addNames(names, values.get(key) ?? noValue, known);
  // Nearly every peer has one identity, whose names are in order.
  return identities.length === 1 ? [...names] : [...known, anyOther, none].filter((name) => names.has(name));
}

function addNames(names: Set<string>, set: ValueSet, known: readonly string[]): void {
  for (const value of known) if (holds(set, value)) names.add(value);
  if (holdsOther(set, known)) names.add(anyOther);
  if (set.absent) names.add(none);
}

const noValue = exactly([]);

/** The names in messages of Pods without the label, and of Pods with a value of no vocabulary. */
export const none = '(none)';
export const anyOther = '(any other)';

/** Returns every name that a key can have, for Pods of any identity. */
export function allNames(key: string, config: PolicyConfig): readonly string[] {
  return [...(config.taxonomy.keys.get(key)?.values ?? []), anyOther, none];
}

/** Whether the selectors of a peer contain a key of the taxonomy. */
export function namesTaxonomyKey({ other }: Opening, config: PolicyConfig): boolean {
  if (other.kind !== 'pods') return false;
  const requirements = [...(other.peer.namespaceSelector?.requirements ?? []), ...other.peer.podSelector.requirements];
  return requirements.some(({ key }) => config.taxonomy.keys.has(key));
}

/**
 * The addresses that no router of the Internet forwards: RFC 1918, RFC 6598 (carrier-grade NAT),
 * RFC 3927 and RFC 4291 (link-local), loopback, RFC 4193 (unique local).
 */
const privateRanges: readonly Range[] = [
  ...privateNetworks,
  ...rangesOf(['169.254.0.0/16', '127.0.0.0/8', 'fe80::/10', '::1/128']),
];

function rangesOf(cidrs: readonly string[]): readonly Range[] {
  return cidrs.flatMap((cidr) => readCidr(cidr) ?? []);
}

/** Whether every Pod that a selector can match belongs to a named peer. */
function isNarrowerThan(selector: Selector, { podLabels }: NamedPeer): boolean {
  const boxes = boxesOf(selector);
  return Object.entries(podLabels).every(([key, value]) => isOnly(boxes?.get(key), value));
}
