import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import type { Labels } from '../kubernetes/labels.ts';
import type { NetworkPolicyPeer } from '../kubernetes/network-policy.ts';
import { createBudget, reviewLimits } from '../network/budget.ts';
import { formatAddress } from '../network/range-text.ts';
import type { Direction, Protocol } from '../network/rules.ts';
import type { Check } from '../policy/check.ts';
import { crossEnvironment } from '../policy/checks/cross-environment.ts';
import { egressToMetadata } from '../policy/checks/egress-to-metadata.ts';
import { exposesUnexposed } from '../policy/checks/exposes-unexposed.ts';
import { flowMatrix } from '../policy/checks/flow-matrix.ts';
import { evaluate } from '../policy/evaluate.ts';
import { isSubject, readSubject } from '../policy/subject.ts';
import type { Forbidden } from '../reach/change.ts';
import type { Pair } from './candidates.ts';
import { keyOfParty, type Party, type Target } from './party.ts';
import { isPodOf } from './pod-parties.ts';
import type { PodTarget, Selection } from './selection.ts';
import { buildPolicy } from './written-policy.ts';

/** Says what the rules of admission say of a flow. */
export interface Law {
  /** Undefined if the flow is lawful. */
  judge(pair: Pair, protocol: Protocol, port: number): Forbidden | undefined;
  /** Whether a policy with this peer lets the outside in. */
  isOutside(party: Party): boolean;
}

/** The checks that make a flow unlawful. The others are about how a policy is written. */
const lawChecks: readonly Check[] = [crossEnvironment, egressToMetadata, exposesUnexposed, flowMatrix];

/** The label keys by which the checks tell flows apart: `tier`, `env`, `expose`. */
export function keysOfLaw(config: Config): readonly string[] {
  const asked = lawChecks.flatMap((check) => ('judge' in check ? (check.key?.(config) ?? []) : []));
  // Checks read whether the outside may reach an end, whatever the taxonomy has.
  return [...new Set([...asked, 'expose', 'internal'])];
}

/**
 * Judges flows by the checks of admission, applied to the policies that would open them: one at the
 * destination, and one at the source.
 */
export function createLaw(namespaces: ReadonlyMap<string, Labels>, selection: Selection, config: Config): Law {
  const known = new Map<string, Forbidden | undefined>();

  function isOutside({ end, target }: Party): boolean {
    if (end.kind === 'outside' && target?.kind === 'addresses' && target.isNamed) {
      const role = config.network.peers.find(({ name }) => name === target.name)?.role;
      return role === 'ingress' || role === 'public';
    }
    if (end.kind === 'ingress' || end.kind === 'outside') return true;
    return (
      target?.kind === 'pods' &&
      config.network.peers.some((peer) => peer.role === 'ingress' && isPodOf(peer, target.namespace, target.labels))
    );
  }

  /** The policy that would open a flow at one end, under the checks. */
  function judgeEnd(
    own: PodTarget,
    other: Party,
    direction: Direction,
    protocol: Protocol,
    port: number,
  ): Forbidden | undefined {
    const { namespace, labels: ownLabels } = own;
    // Nobody judges a policy in an exempt namespace, and peers with a name are bound by their role.
    const isNamed = config.network.peers.some((peer) => isPodOf(peer, namespace, ownLabels));
    if (isExempt(namespace, config) || isNamed) return undefined;
    const isExposing = direction === 'ingress' && isOutside(other);
    const podSelector = selection.podSelector(own, isExposing);
    const peers = peersFor(other, namespace, selection);
    const labels = namespaces.get(namespace) ?? new Map<string, string>();
    if (podSelector === undefined || peers === undefined) return undefined;
    const policy = buildPolicy(
      {
        name: 'candidate',
        namespace,
        namespaceLabels: labels,
        podSelector,
        direction,
        isExposing,
        passages: [{ peers, protocol, port }],
      },
      config,
    );
    const subject = readSubject('NetworkPolicy', policy, {
      operation: 'CREATE',
      namespace,
      facts: { known: true, labels, fenced: true },
      surroundings: {
        namespaceLabels: (name) => namespaces.get(name),
        others: undefined,
        budget: createBudget(reviewLimits),
      },
    });
    if (!isSubject(subject)) return undefined;
    const checks = hasAddress(other) ? lawChecks : [exposesUnexposed];
    const { findings } = evaluate(checks, subject, undefined, { mode: 'enforce', source: 'cluster' }, config);
    const found = findings.find(({ exception, undecided }) => exception === undefined && undecided !== true);
    if (found === undefined) return undefined;
    const reason = `${found.check}: ${found.reason.replace(/; .*$/, '')}`;
    const peer = other.target?.kind === 'pods' ? other.target.namespace : namespace;
    const lacking = [...new Set([namespace, peer])].flatMap(sayLacking);
    return { check: found.check, reason: [reason, ...lacking].join('; ') };
  }

  /** An identity that a namespace does not say is any identity, so little of it is lawful. */
  function sayLacking(name: string): readonly string[] {
    const labels = namespaces.get(name);
    const keys = config.taxonomy.required.Namespace.filter((key) => labels?.has(key) !== true);
    return keys.length === 0 || isExempt(name, config) ? [] : [`namespace ${name} lacks ${keys.join(', ')}`];
  }

  function judgePair({ from, to }: Pair, protocol: Protocol, port: number): Forbidden | undefined {
    const atDestination = to.target?.kind === 'pods' ? judgeEnd(to.target, from, 'ingress', protocol, port) : undefined;
    if (atDestination !== undefined || from.target?.kind !== 'pods') return atDestination;
    return judgeEnd(from.target, to, 'egress', protocol, port);
  }

  return {
    isOutside,
    judge(pair, protocol, port) {
      const key = `${keyOfParty(pair.from)} ${keyOfParty(pair.to)} ${protocol} ${port}`;
      if (!known.has(key)) known.set(key, judgePair(pair, protocol, port));
      return known.get(key);
    },
  };
}

/** Whether it is known who an end is. Of others only exposure is judged. */
function hasAddress({ end, addresses }: Party): boolean {
  return end.kind !== 'ingress' && (end.kind !== 'outside' || addresses.length > 0);
}

/** The other end of a flow as the peers of a policy. An address outside stands for itself. */
function peersFor(other: Party, home: string, selection: Selection): readonly NetworkPolicyPeer[] | undefined {
  const { end, addresses, target } = other;
  if (end.kind === 'ingress' || (end.kind === 'outside' && addresses.length === 0 && !isNamedBlock(target)))
    return [{ ipBlock: { cidr: '0.0.0.0/0' } }];
  if (end.kind === 'outside' && !isNamedBlock(target))
    return addresses.map((address) => ({
      ipBlock: { cidr: `${formatAddress(address)}/${address.family === 4 ? 32 : 128}` },
    }));
  return target && selection.peers(target, home);
}

function isNamedBlock(target: Target | undefined): boolean {
  return target?.kind === 'addresses' && target.isNamed;
}
