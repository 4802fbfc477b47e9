import type { LabelSelector } from '../../src/kubernetes/network-policy.ts';
import { askEnd, type End, endOf, holdsAddress, holdsLabels, holdsPort, type NaiveAnswer, typesOf } from './naive.ts';
import type { Question, TieredSketch, WorldSketch } from './worlds.ts';

// A second implementation of the tiers, from the doc comments of network-policy-api types.go. Where
// an order is not defined, it tries every order; where a fact is not known, it tries both. It is
// slow and plain, so that a reader can compare it with those comments.

type Direction = 'Ingress' | 'Egress';
type Outcome = 'Accept' | 'Deny' | 'Pass' | 'none';

interface Peer {
  readonly namespaces?: LabelSelector;
  readonly pods?: { readonly namespaceSelector?: LabelSelector; readonly podSelector?: LabelSelector };
  readonly nodes?: LabelSelector;
  readonly networks?: readonly string[];
  readonly domainNames?: readonly string[];
}

interface Rule {
  readonly action: string;
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly protocols?: readonly Readonly<Record<string, unknown>>[];
  readonly ports?: readonly Readonly<Record<string, unknown>>[];
}

/**
 * Returns the verdict of a flow in a world with tiered policies. Undefined for a flow that the
 * plain reading leaves aside: ICMP, and what is not allowed between a Pod and the node it may run
 * on.
 */
export function answerTiersNaively(
  world: WorldSketch,
  question: Question,
  everywhere: readonly string[],
): NaiveAnswer | undefined {
  const [from = '', , to = '', target = ''] = question.split(' ');
  const [port, protocol = ''] = target.split('/');
  const [source, destination] = [endOf(world, from, everywhere), endOf(world, to, everywhere)];
  if (source.pod !== undefined && source.pod === destination.pod) return 'allowed';
  if (protocol === 'ICMP') return undefined;
  const flow = { world, port: Number(port), protocol, destination };
  const egress = askSide({ ...flow, own: source, other: destination, type: 'Egress' });
  const ingress = askSide({ ...flow, own: destination, other: source, type: 'Ingress' });
  const isNode = destination.pod?.nodes?.includes(from) || source.pod?.nodes?.includes(to);
  if (isNode && !(egress === 'allowed' && ingress === 'allowed')) return undefined;
  const mayShare = (source.pod?.hostNetwork || destination.pod?.hostNetwork) && hasNodes(world);
  if (mayShare && (egress === 'denied' || ingress === 'denied')) return undefined;
  if (egress === 'denied' || ingress === 'denied') return 'denied';
  return egress === 'allowed' && ingress === 'allowed' ? 'allowed' : 'undefined';
}

interface Side {
  readonly world: WorldSketch;
  readonly own: End;
  readonly other: End;
  readonly type: Direction;
  readonly port: number;
  readonly protocol: string;
  readonly destination: End;
}

function hasNodes(world: WorldSketch): boolean {
  return Object.values(world.pods).some(({ nodes = [] }) => nodes.length > 0);
}

function askSide(side: Side): NaiveAnswer {
  if (side.own.pod === undefined) return 'allowed';
  const verdicts = new Set<NaiveAnswer>();
  for (const admin of outcomesOf(side, 'Admin')) {
    if (admin === 'Accept') verdicts.add('allowed');
    else if (admin === 'Deny') verdicts.add('denied');
    else verdicts.add(askBelow(side));
  }
  const [only] = verdicts;
  return verdicts.size === 1 && only !== undefined ? only : 'undefined';
}

function askBelow(side: Side): NaiveAnswer {
  const { world, own, other, type } = side;
  const isIsolated = world.policies.some(
    (policy) =>
      (policy.namespace ?? 'x') === own.namespace &&
      holdsLabels(policy.podSelector ?? {}, own.pod?.labels ?? {}) &&
      typesOf(policy).includes(type),
  );
  if (isIsolated) {
    const asPods = askPolicies(side, other);
    const asNode = own.pod?.hostNetwork
      ? 'allowed'
      : other.pod?.hostNetwork
        ? askPolicies(side, { addresses: other.addresses })
        : asPods;
    return asPods === asNode ? asPods : 'undefined';
  }
  const verdicts = new Set(outcomesOf(side, 'Baseline').map((one) => (one === 'Deny' ? 'denied' : 'allowed')));
  const [only] = verdicts;
  return verdicts.size === 1 && only !== undefined ? only : 'undefined';
}

function askPolicies({ world, own, type, port, protocol, destination }: Side, other: End): NaiveAnswer {
  return askEnd(
    world,
    own,
    type,
    other,
    (ports = []) => ports.length === 0 || ports.some((one) => holdsPort(one, port, protocol, destination.pod)),
  );
}

/**
 * The possible outcomes of a tier: of the first rule that holds the flow, in each possible order.
 */
function outcomesOf(side: Side, tier: string): readonly Outcome[] {
  const policies = (side.world.tiered ?? []).filter((policy) => tierOf(policy) === tier && isSubject(policy, side));
  const outcomes = new Set<Outcome>();
  for (const order of ordersOf(policies)) {
    const rules = order.flatMap(
      ({ spec }) => (spec[side.type === 'Ingress' ? 'ingress' : 'egress'] ?? []) as readonly Rule[],
    );
    walk(rules, side, outcomes);
  }
  return [...outcomes];
}

function walk(rules: readonly Rule[], side: Side, outcomes: Set<Outcome>): void {
  for (const rule of rules) {
    const [found, action] = holdsFlow(rule, side);
    if (found === 'no') continue;
    outcomes.add(action);
    if (found === 'yes') return;
  }
  outcomes.add('none');
}

/** Every order in which a policy of a lower priority never stands before one of its kind. */
function ordersOf(policies: readonly TieredSketch[]): readonly (readonly TieredSketch[])[] {
  if (policies.length === 0) return [[]];
  const firsts = policies.filter((one) =>
    policies.every((two) => kindOf(two) !== kindOf(one) || priorityOf(two) >= priorityOf(one)),
  );
  const usable = firsts.length > 0 ? firsts : policies;
  return usable.flatMap((first) => ordersOf(policies.filter((one) => one !== first)).map((rest) => [first, ...rest]));
}

function priorityOf({ spec }: TieredSketch): number {
  return Number(spec['priority'] ?? 0);
}

function kindOf({ type }: TieredSketch): string {
  return type.split(' ')[1] ?? '';
}

function tierOf(policy: TieredSketch): unknown {
  const kind = kindOf(policy);
  return kind === 'ClusterNetworkPolicy' ? policy.spec['tier'] : kind === 'AdminNetworkPolicy' ? 'Admin' : 'Baseline';
}

function isSubject({ spec }: TieredSketch, { world, own }: Side): boolean {
  return holdsPod(spec['subject'] as Peer, own, world);
}

/** A Pod on the host's network is neither a subject nor such a peer. */
function holdsPod({ namespaces, pods }: Peer, { namespace, pod }: End, world: WorldSketch): boolean {
  if (pod === undefined || namespace === undefined || pod.hostNetwork === true) return false;
  const ofNamespace = world.namespaces[namespace] ?? {};
  if (namespaces !== undefined) return holdsLabels(namespaces, ofNamespace);
  if (pods === undefined) return false;
  return (
    holdsLabels(pods.namespaceSelector ?? {}, ofNamespace) && holdsLabels(pods.podSelector ?? {}, pod.labels ?? {})
  );
}

function holdsFlow(rule: Rule, side: Side): readonly ['yes' | 'no' | 'maybe', Outcome] {
  const action = (rule.action === 'Allow' ? 'Accept' : rule.action) as Outcome;
  const peers = rule.from ?? rule.to ?? [];
  const forms =
    side.type === 'Ingress' ? ['namespaces', 'pods'] : ['namespaces', 'pods', 'nodes', 'networks', 'domainNames'];
  if (peers.some((peer) => !forms.includes(Object.keys(peer)[0] ?? '')))
    return action === 'Accept' ? ['no', action] : ['yes', 'Deny'];
  const ports = rule.protocols ?? rule.ports ?? [];
  if (ports.length > 0 && !ports.some((one) => holdsTieredPort(one, side))) return ['no', action];
  const found = peers.map((peer) => holdsPeer(peer, side));
  if (found.includes('yes')) return ['yes', action];
  const networks = peers.flatMap((peer) => peer.networks ?? []);
  const { addresses } = side.other;
  // Several blocks of one rule may together hold every address that an end may have.
  if (addresses.every((address) => networks.some((cidr) => holdsAddress({ cidr }, address)))) return ['yes', action];
  return [found.includes('maybe') ? 'maybe' : 'no', action];
}

function holdsPeer(peer: Peer, { world, other }: Side): 'yes' | 'no' | 'maybe' {
  if (peer.namespaces !== undefined || peer.pods !== undefined) return holdsPod(peer, other, world) ? 'yes' : 'no';
  if (peer.domainNames !== undefined) return 'maybe';
  const { nodes } = peer;
  if (nodes !== undefined) {
    if (other.pod !== undefined && other.pod.hostNetwork !== true) return 'no';
    if (world.nodes === undefined || world.nodes.length === 0) return 'maybe';
    if (other.pod !== undefined && (other.pod.ips ?? []).length === 0) return 'maybe';
    const ips = world.nodes.filter(({ labels }) => holdsLabels(nodes, labels)).flatMap((node) => node.ips);
    return share(other.addresses, (address) => ips.includes(address));
  }
  return share(other.addresses, (address) => (peer.networks ?? []).some((cidr) => holdsAddress({ cidr }, address)));
}

function share(addresses: readonly string[], holds: (address: string) => boolean): 'yes' | 'no' | 'maybe' {
  const held = addresses.filter(holds).length;
  return held === 0 ? 'no' : held === addresses.length ? 'yes' : 'maybe';
}

function holdsTieredPort(one: Readonly<Record<string, unknown>>, { port, protocol, destination }: Side): boolean {
  const name = one['destinationNamedPort'] ?? one['namedPort'];
  if (name !== undefined) return destination.pod?.ports?.includes(`${String(name)}:${port}/${protocol}`) ?? false;
  const [form, value] = Object.entries(one)[0] as [string, Record<string, unknown>];
  const numbers = (value['destinationPort'] ?? value) as Record<string, unknown>;
  const asked = form.startsWith('port') ? (value['protocol'] ?? 'TCP') : form.toUpperCase();
  const range = (numbers['range'] ?? numbers) as Record<string, unknown>;
  const single = numbers['number'] ?? numbers['port'];
  if (asked !== protocol) return false;
  return single === undefined ? Number(range['start']) <= port && port <= Number(range['end']) : single === port;
}
