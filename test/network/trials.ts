import type { Labels } from '../../src/kubernetes/labels.ts';
import { type Address, readAddress } from '../../src/network/address.ts';
import { createBudget, reviewLimits } from '../../src/network/budget.ts';
import { createEvaluator, type Endpoint, type Evaluator } from '../../src/network/evaluator.ts';
import type { Identity } from '../../src/network/identities.ts';
import { type Opening, type Openings, openingsOf } from '../../src/network/openings.ts';
import { readPolicy } from '../../src/network/read.ts';
import type { Policy, PortRange, Protocol } from '../../src/network/rules.ts';
import type { Selector } from '../../src/network/selector.ts';
import { holds } from '../../src/network/values.ts';
import type { Pod } from '../../src/network/world.ts';
import { identityOf, isPodLegal, pairOf, type Value } from './legal-worlds.ts';
import { type Case, vocabulary } from './random-openings.ts';
import { findOwn, findPeer, type Known, showWitness, textsOf, valuesOf, type Witness } from './witness.ts';

/** A flow that an opening may allow, and the name of its other end. */
export interface Trial {
  readonly inside: Witness;
  readonly other: Witness | Address;
  readonly text: string;
}

/** Returns the result of the symbolic side for a case. */
export function judge({ spec, namespaces }: Case): { readonly policy: Policy; readonly openings: Openings } {
  const read = readPolicy(spec, { namespace: 'shop', name: 'policy' });
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  const front = namespaces.get('front');
  const own = { name: 'shop', labels: labelsOf(namespaces, 'shop') };
  const openings = openingsOf(
    read.policy,
    own,
    (name) => (name === 'front' ? front : undefined),
    vocabulary,
    createBudget(reviewLimits),
  );
  if ('tooComplex' in openings) throw new Error(openings.tooComplex);
  return { policy: read.policy, openings };
}

/** Returns the concrete side of a case: the world with its Pods. */
export function populate(one: Case, policy: Policy): { readonly evaluator: Evaluator; readonly pods: readonly Pod[] } {
  const pods = one.pods.map(({ namespace, labels, ip }, index) =>
    podOf({ namespace, labels }, `p${index}`, [addressOf(ip)]),
  );
  const namespaces = new Map([...one.namespaces].map(([name, labels]) => named(name, labels)));
  return { evaluator: createEvaluator({ namespaces, pods, policies: [policy] }), pods };
}

/**
 * Whether Ringfence would admit a Pod of the policy's namespace. A world may also contain older
 * Pods.
 */
export function isJudged({ labels }: Pod, { namespaces }: Case): boolean {
  const own = labelsOf(namespaces, 'shop');
  return vocabulary.keys.every((key) => isPodLegal(key, pairOf(key, own, labels), true));
}

/** Whether a Pod has an identity, for every key. */
export function isHeld(identity: Identity, { namespace, labels }: Pod, { namespaces }: Case): boolean {
  if (identity.namespace !== undefined && identity.namespace !== namespace) return false;
  return vocabulary.keys.every((key) => {
    const set = identity.values.get(key.key);
    const value = identityOf(key, pairOf(key, labelsOf(namespaces, namespace), labels));
    return set !== undefined && (value === undefined ? set.absent : holds(set, value));
  });
}

/** Whether an opening includes an end. */
export function isThrough({ other }: Opening, end: Endpoint, one: Case): boolean {
  if (other.kind === 'anyone') return true;
  if (other.kind === 'pods') return 'pod' in end && other.identities.some((identity) => isHeld(identity, end.pod, one));
  const ips = 'pod' in end ? end.pod.addresses : [end.address];
  return ips.some(({ family, value }) =>
    other.ranges.some((range) => range.family === family && range.first <= value && value <= range.last),
  );
}

/**
 * Returns ends that an opening includes, with values of their identities chosen by a number. Throws
 * if the opening has identities but trying finds no end.
 */
export function trialsOf(
  { namespaces }: Case,
  policy: Policy,
  { own }: Openings,
  opening: Opening,
  number: number,
): Trial[] {
  const front = labelsOf(namespaces, 'front');
  const home = { name: 'shop', labels: labelsOf(namespaces, 'shop') };
  const known: Known = { own: home, namespaces: new Map([['front', front]]), vocabulary };
  const { other } = opening;
  return own.flatMap((identity): Trial[] => {
    const mine = pick(identity, [policy.podSelector], home.labels, number);
    const inside = findOwn(policy.podSelector, mine, known);
    if (inside === undefined) throw new Error(`it says that it selects ${show(mine)}; no such pod may be`);
    if (other.kind === 'anyone') return everywhere.map((address) => ({ inside, other: address, text: 'anyone' }));
    if (other.kind === 'addresses')
      return other.ranges.flatMap(({ family, first, last }) =>
        [first, last].map((value) => ({ inside, other: { family, value }, text: `${value} of IPv${family}` })),
      );
    return other.identities.map((foreign) => {
      const { namespaceSelector, podSelector } = other.peer;
      const labels = foreign.namespace === 'shop' ? home.labels : front;
      const selectors = namespaceSelector === undefined ? [podSelector] : [namespaceSelector, podSelector];
      const theirs = pick(foreign, selectors, labels, number);
      const witness = findPeer(other.peer, foreign.namespace, theirs, known);
      if (witness === undefined) throw new Error(`it says that ${show(theirs)} may come; no such pod may be`);
      return { inside, other: witness, text: showWitness(witness) };
    });
  });
}

/** Whether the rule allows the flow, in a world of only these two ends. */
export function isLetThrough(
  { namespaces }: Case,
  policy: Policy,
  { direction, rule }: Opening,
  { inside, other }: Trial,
): boolean {
  const mine = podOf(inside, 'inside', []);
  const end = 'labels' in other ? { pod: podOf(other, 'other', []) } : { address: other };
  const labels = new Map([named('shop', labelsOf(namespaces, 'shop'))]);
  if ('labels' in other) labels.set(...named(other.namespace, other.namespaceLabels));
  const pods = 'pod' in end ? [mine, end.pod] : [mine];
  const evaluator = createEvaluator({ namespaces: labels, pods, policies: [policy] });
  const [from, to] = direction === 'ingress' ? [end, { pod: mine }] : [{ pod: mine }, end];
  const [range] = rule.ports ?? [];
  // The name of a container port has no meaning if the destination is not a Pod, so such a rule
  // opens nothing there.
  if (range !== undefined && isName(range) && !('pod' in to)) return true;
  const [protocol, port] = targetOf(range);
  const side = evaluator.answer({ from, to, protocol, port })[direction];
  return side?.allowedBy.some((allowed) => allowed.rule === rule) === true;
}

/** An address of every kind that the blocks distinguish. */
export const everywhere = ['10.0.0.9', '10.9.0.9', '203.0.113.9', 'fd00::9', '2001:db8::9'].map(addressOf);

/** Formats an end for failures. */
export function showEnd(end: Endpoint, { namespaces }: Case): string {
  if ('address' in end) return `${end.address.value} of IPv${end.address.family}`;
  const { namespace, labels } = end.pod;
  return showWitness({ namespace, namespaceLabels: labelsOf(namespaces, namespace), labels });
}

function pick(
  identity: Identity,
  selectors: readonly Selector[],
  namespace: Labels,
  number: number,
): ReadonlyMap<string, Value> {
  return new Map(
    vocabulary.keys.map(({ key }, at) => {
      const texts = [...new Set([...textsOf(key, selectors, vocabulary), namespace.get(key)])];
      const values = valuesOf(identity, key, texts);
      // Each key uses other bits of the number, so that the values vary independently.
      return [key, values[(number >> (3 * at)) % values.length]];
    }),
  );
}

function targetOf(range: PortRange | undefined): readonly [Protocol, number] {
  if (range === undefined || range.port === 'all') return [range?.protocol ?? 'TCP', 80];
  return [range.protocol, 'first' in range.port ? range.port.first : 8080];
}

function isName({ port }: PortRange): boolean {
  return port !== 'all' && 'name' in port;
}

function podOf(
  { namespace, labels }: Pick<Witness, 'namespace' | 'labels'>,
  name: string,
  addresses: readonly Address[],
): Pod {
  const ports = [{ name: 'http', protocol: 'TCP', port: 8080 }] as const;
  return { namespace, name, labels, addresses, hostNetwork: false, nodeAddresses: [], ports };
}

function named(name: string, labels: Labels): [string, Labels] {
  return [name, new Map(labels).set('kubernetes.io/metadata.name', name)];
}

function labelsOf(namespaces: ReadonlyMap<string, Labels>, name: string): Labels {
  return namespaces.get(name) ?? new Map<string, string>();
}

function addressOf(text: string): Address {
  const address = readAddress(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return address;
}

function show(identity: ReadonlyMap<string, Value>): string {
  return JSON.stringify(Object.fromEntries(identity));
}
