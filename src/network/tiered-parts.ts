import { addTo, type BitSet, difference, emptySet, forEachMember, has, intersection, isEmpty } from './bit-set.ts';
import type { ClassIndex, Matches } from './class-index.ts';
import type { PodClass } from './classes.ts';
import { type Match, no, unknown, yes } from './match.ts';
import type { Part } from './parts.ts';
import { intersect, noPorts, type PortSet, unite, without } from './port-set.ts';
import type { Reach, ReachTable } from './reach-table.ts';
import { namesPorts, rulePorts } from './rule-ports.ts';
import type { Direction, Policy, Rule } from './rules.ts';
import { cluster, matchDomains, matchNodes } from './tier-match.ts';
import { askTiers, reachThrough, type TierPorts } from './tier-ports.ts';
import type { TieredRule } from './tiered-policy.ts';
import { policiesOf, type Tiers } from './tiers.ts';

/**
 * What one end says of every class, through its tiers. `isolated` is what the NetworkPolicies say
 * that isolate it, if any do.
 */
export type TieredParts = (
  own: PodClass,
  tiers: Tiers,
  direction: Direction,
  isolated: readonly Part[] | undefined,
) => readonly Part[];

/** Other ends of which the tiers of one end say the same. */
interface TierPart {
  readonly ports: TierPorts;
  readonly members: BitSet;
}

/**
 * Applies tiers by classes, as tiered-answer.ts applies them to one flow. Ends to which the same
 * policies apply share the work.
 */
export function createTieredParts(classes: readonly PodClass[], index: ClassIndex, table: ReachTable): TieredParts {
  const size = classes.length;
  const hosts = emptySet(size);
  for (const { index: at, pod } of classes) if (pod.hostNetwork) addTo(hosts, at);
  const matchesByRule = new Map<TieredRule, Matches>();
  const partsByTiers = new Map<string, readonly TierPart[]>();
  const numbers = new Map<object, number>();
  const rulesByAddress = new Map<Rule, Rule>();

  function matchesOf(rule: TieredRule): Matches {
    const known = matchesByRule.get(rule);
    if (known !== undefined) return known;
    const [pods, networks] = [index.matches(rule.pods, cluster), index.matches(rule.networks, cluster)];
    const sure = difference(pods.sure, hosts).map((word, at) => word | (networks.sure[at] as number));
    const unsure = new Uint32Array(networks.unsure);
    for (const { index: at, pod } of classes) {
      if (matchDomains(rule) === unknown) addTo(unsure, at);
      const asNode: Match = pod.hostNetwork ? matchNodes(rule, pod.addresses) : no;
      if (asNode !== no) addTo(asNode === yes ? sure : unsure, at);
    }
    const matches = { sure, unsure: difference(unsure, sure) };
    matchesByRule.set(rule, matches);
    return matches;
  }

  /** Groups the classes by how each rule matches them, and by the ports whose names rules call. */
  function tierPartsOf(own: PodClass, tiers: Tiers, direction: Direction): readonly TierPart[] {
    const rules = policiesOf(tiers).flatMap((policy) => policy[direction]);
    const names = rules.some(namesPorts);
    const resolver = direction === 'ingress' && names ? JSON.stringify(own.pod.ports) : '';
    const policies = policiesOf(tiers).map((policy) => {
      numbers.set(policy, numbers.get(policy) ?? numbers.size);
      return numbers.get(policy);
    });
    const key = `${direction} ${policies.join()} ${resolver}`;
    const known = partsByTiers.get(key);
    if (known !== undefined) return known;
    const matches = rules.map(matchesOf);
    const groups = Map.groupBy(classes, ({ index: at, pod }) => {
      const text = matches.map(({ sure, unsure }) => (has(sure, at) ? yes : has(unsure, at) ? unknown : no)).join('');
      return direction === 'egress' && names ? `${text} ${JSON.stringify(pod.ports)}` : text;
    });
    const parts = new Map<string, TierPart>();
    for (const [text, members] of groups) {
      const found = new Map(rules.map((rule, at) => [rule, Number(text[at]) as Match]));
      const destination = direction === 'ingress' ? own.pod : members[0]?.pod;
      const ports = askTiers(tiers, direction, {
        match: (rule) => found.get(rule) ?? no,
        ports: (rule) => rulePorts(rule, destination),
      });
      const part = parts.get(JSON.stringify(ports)) ?? { ports, members: emptySet(size) };
      for (const member of members) addTo(part.members, member.index);
      parts.set(JSON.stringify(ports), part);
    }
    partsByTiers.set(key, [...parts.values()]);
    return [...parts.values()];
  }

  /** What policies say of the address of a pod on the host's network, as tiered-answer.ts asks. */
  function reachOfAddress(host: PodClass, policies: readonly Policy[], own: PodClass, direction: Direction): Reach {
    let [allowed, undecided]: [PortSet, PortSet] = [noPorts, noPorts];
    for (const policy of policies) {
      for (const rule of policy[direction]) {
        const byAddress = rulesByAddress.get(rule) ?? {
          ...rule,
          peers: rule.peers?.filter(({ kind }) => kind === 'addresses'),
        };
        rulesByAddress.set(rule, byAddress);
        const { sure, unsure } = index.matches(byAddress, policy);
        const ports = rulePorts(rule, direction === 'ingress' ? own.pod : host.pod);
        if (has(sure, host.index)) allowed = unite(allowed, ports);
        else if (has(unsure, host.index)) undecided = unite(undecided, ports);
      }
    }
    return { allowed, undecided: without(undecided, allowed) };
  }

  /** What NetworkPolicies say where both ways to read pods on the host's network agree. */
  function agree(parts: readonly Part[], own: PodClass, direction: Direction): readonly Part[] {
    if (own.pod.hostNetwork) return parts.map(({ id, members }) => ({ id: table.doubt(id), members }));
    const agreed: Part[] = parts.map(({ id, members }) => ({ id, members: difference(members, hosts) }));
    for (const { id, members } of parts) {
      forEachMember(intersection(members, hosts), (at) => {
        const asPod = table.reachOf(id);
        const asNode = reachOfAddress(classes[at] as PodClass, own.isolatedBy[direction], own, direction);
        const allowed = intersect(asPod.allowed, asNode.allowed);
        const possible = [asPod.allowed, asPod.undecided, asNode.allowed, asNode.undecided].reduce(unite);
        const one = emptySet(size);
        addTo(one, at);
        agreed.push({ id: table.idOf({ allowed, undecided: without(possible, allowed) }), members: one });
      });
    }
    return agreed;
  }

  return (own, tiers, direction, isolated) => {
    const below = isolated && agree(isolated, own, direction);
    const joined = new Map<number, BitSet>();
    const keep = (ports: TierPorts, policies: Reach | undefined, members: BitSet): void => {
      if (isEmpty(members)) return;
      const id = table.idOf(reachThrough(ports, policies));
      const known = joined.get(id);
      joined.set(id, known === undefined ? members : known.map((word, at) => word | (members[at] as number)));
    };
    for (const { ports, members } of tierPartsOf(own, tiers, direction)) {
      if (below === undefined) keep(ports, undefined, members);
      for (const part of below ?? []) keep(ports, table.reachOf(part.id), intersection(members, part.members));
    }
    return [...joined].map(([id, members]) => ({ id, members }));
  };
}
