import { isCovered, type Range, readCidr, subtract } from '../network/address.ts';
import { createBudget, reviewLimits } from '../network/budget.ts';
import { boxesOf, governedKey, type Identity, type Vocabulary } from '../network/identities.ts';
import { type Opening, openingsOf } from '../network/openings.ts';
import { type ReadProblem, readPolicy } from '../network/read.ts';
import type { Selector } from '../network/selector.ts';
import { exactly, holds, holdsOther } from '../network/values.ts';
import type { PolicyConfig, Violation } from './check.ts';
import { fenceMark } from './mode.ts';
import type { NamedPeer, PeerRole } from './network-config.ts';
import { isOnly, type JudgedOpening, type Opened, shortField } from './opening.ts';
import type { Subject } from './subject.ts';

/**
 * Why it could not be worked out; none where there are no rules, which open nothing whatever the
 * facts are.
 */
export interface NotOpened {
  readonly violations: readonly Violation[];
}

/** Whether it was worked out. */
export function isOpened(result: Opened | NotOpened): result is Opened {
  return 'policy' in result;
}

/** Reads a NetworkPolicy subject and works out what it opens. Never throws. */
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
    // No doubt without rules: else what an update opens would stand for having been doubtful
    // before.
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
  return {
    policy: read.policy,
    openings: openings.all.map((opening) => judge(opening, config)),
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
 * No specification of networking.k8s.io/v1: the API server never stores one, a file may hold one.
 */
function malformed(problems: readonly ReadProblem[]): Violation {
  const [first] = problems;
  const field = first?.field ?? 'spec';
  const more = problems.length > 1 ? `; and ${problems.length - 1} more` : '';
  const reason = `${first?.found} where ${first?.expected} belongs${more}`;
  return { field, subject: shortField(field), found: first?.found, reason };
}

/** The taxonomy as the network room asks for it. */
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
    // Public addresses are no Pod's.
    mayBeAnyPod: subtract(other.ranges, outside).length > 0,
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
 * The values of one key among identities, as messages name them: vocabulary first, then what stands
 * outside it.
 */
export function namesOf(identities: readonly Identity[], key: string, config: PolicyConfig): readonly string[] {
  const known = config.taxonomy.keys.get(key)?.values ?? [];
  const sets = identities.map((identity) => identity.values.get(key) ?? noValue);
  const names = known.filter((value) => sets.some((set) => holds(set, value)));
  if (sets.some((set) => holdsOther(set, known))) names.push(anyOther);
  if (sets.some((set) => set.absent)) names.push(none);
  return names;
}

const noValue = exactly([]);

/** How messages name pods without the label, and pods with a value outside the vocabulary. */
export const none = '(none)';
export const anyOther = '(any other)';

/** Every name a key's value can have, for Pods of any identity. */
export function allNames(key: string, config: PolicyConfig): readonly string[] {
  return [...(config.taxonomy.keys.get(key)?.values ?? []), anyOther, none];
}

/** Whether a peer's selectors name a key of the taxonomy. */
export function namesTaxonomyKey({ other }: Opening, config: PolicyConfig): boolean {
  if (other.kind !== 'pods') return false;
  const requirements = [...(other.peer.namespaceSelector?.requirements ?? []), ...other.peer.podSelector.requirements];
  return requirements.some(({ key }) => config.taxonomy.keys.has(key));
}

/**
 * RFC 1918, RFC 6598 (carrier-grade NAT), RFC 3927 and RFC 4291 (link-local), loopback, RFC 4193
 * (unique local): addresses no router of the Internet carries.
 */
const privateRanges: readonly Range[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
  '::1/128',
].flatMap((cidr) => readCidr(cidr) ?? []);

function rangesOf(cidrs: readonly string[]): readonly Range[] {
  return cidrs.flatMap((cidr) => readCidr(cidr) ?? []);
}

/** Whether a selector can only select Pods that a named peer means. */
function isNarrowerThan(selector: Selector, { podLabels }: NamedPeer): boolean {
  const boxes = boxesOf(selector);
  return Object.entries(podLabels).every(([key, value]) => isOnly(boxes?.get(key), value));
}
