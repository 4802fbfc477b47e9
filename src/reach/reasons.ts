import type { Answer, Endpoint, Evaluator, Flow } from '../network/evaluator.ts';
import { formatPorts, portSpans } from '../network/port-set.ts';
import { formatAddress } from '../network/range-text.ts';
import { rulePorts } from '../network/rule-ports.ts';
import type { Direction, Policy, Rule } from '../network/rules.ts';
import { allowsPort, type Side } from '../network/side.ts';
import type { TieredSide } from '../network/tiered-side.ts';
import { formatAskedPort } from './port-text.ts';
import { sayTierDoubt, sayTierRemedies, sayTiers } from './tier-reasons.ts';

/**
 * The path of reasons for an answer, from the source to the destination: one sentence for each end,
 * with the policies and rules that decided.
 */
export function sayReasons(answer: Answer, flow: Flow): readonly string[] {
  if (answer.because !== undefined) return [answer.because];
  return sides(answer).map(([direction, side]) => {
    const [own, other] = direction === 'egress' ? [flow.from, flow.to] : [flow.to, flow.from];
    if ('admin' in side && side.verdict === 'undefined') return `${direction}: not known: ${sayTierDoubt(side, other)}`;
    const policies = sayPolicies(side, direction, endName(own));
    return `${direction}: ${'admin' in side ? sayTiers(side, policies) : policies}`;
  });
}

/** What the NetworkPolicies of one end said. */
function sayPolicies(side: Side, direction: Direction, own: string): string {
  if (side.isolatedBy.length === 0) return `no policy isolates ${own}`;
  const assumption = side.assumption === undefined ? '' : ` (${side.assumption})`;
  if (side.allowedBy.length > 0)
    return `${listOf(side.allowedBy.map(({ policy, rule }) => ruleName(policy, rule)))} allows it${assumption}`;
  if (side.verdict === 'undefined') return `not known: ${side.doubt ?? ''}`;
  // Between a pod and its node, no rule is needed.
  if (side.verdict === 'allowed') return `traffic between ${own} and the node it runs on is always allowed`;
  return `${own} is isolated by ${listOf(side.isolatedBy.map(policyName))}, and no ${direction} rule there allows it${assumption}`;
}

/**
 * What would have to change for a denied flow to be allowed: one sentence for each end that denies
 * it.
 */
export function sayRemedies(answer: Answer, flow: Flow): readonly string[] {
  return sides(answer).flatMap(([direction, side]) => {
    if (side.verdict !== 'denied') return [];
    const tiers = 'admin' in side ? sayTierRemedies(side, flow, direction) : [];
    if ('admin' in side && side.isolatedBy.length === 0) return tiers;
    const [own, peer] = direction === 'egress' ? [flow.from, flow.to] : [flow.to, flow.from];
    const namespace = 'pod' in own ? own.pod.namespace : '';
    const word = direction === 'egress' ? 'to' : 'from';
    return [
      ...tiers,
      `in namespace ${namespace}, add an ${direction} rule for ${endName(own)} ${word} ${peerText(peer, namespace)} on ${formatAskedPort(flow)}`,
    ];
  });
}

/**
 * The rules that nearly allow a denied flow: the peer matches but not the port, or the port matches
 * but not the peer.
 */
export function sayNearMisses(answer: Answer, flow: Flow, evaluator: Evaluator): readonly string[] {
  const destination = 'pod' in flow.to ? flow.to.pod : undefined;
  return sides(answer).flatMap(([direction, side]) => {
    if (side.verdict !== 'denied' || flow.protocol === 'ICMP') return [];
    const { protocol, port } = flow;
    const misses = side.isolatedBy.flatMap((policy) =>
      policy[direction].flatMap((rule): string[] => {
        const name = ruleName(policy, rule);
        if (allowsPort(rule.ports, destination, protocol, port))
          return rule.ports === undefined ? [] : [`${name} is about ${formatAskedPort(flow)}, with other peers`];
        const ports = rulePorts(rule, destination);
        const [span] = portSpans(ports);
        if (span === undefined) return [];
        const other = evaluator.answer({ ...flow, protocol: span.protocol, port: span.first })[direction];
        const isPeer = other?.allowedBy.some((one) => one.rule === rule);
        return isPeer === true ? [`${name} is about these peers, on ${formatPorts(ports)}`] : [];
      }),
    );
    return misses.slice(0, shown);
  });
}

/** `namespace/name` for a pod; otherwise the address. */
export function endName(end: Endpoint): string {
  return 'pod' in end ? `${end.pod.namespace}/${end.pod.name}` : formatAddress(end.address);
}

/** A reader takes in no more than this in one sentence. */
const shown = 4;

function sides(answer: Answer): readonly (readonly [Direction, Side | TieredSide])[] {
  const found: [Direction, Side | TieredSide][] = [];
  if (answer.egress !== undefined) found.push(['egress', answer.egress]);
  if (answer.ingress !== undefined) found.push(['ingress', answer.ingress]);
  return found;
}

function peerText(peer: Endpoint, namespace: string): string {
  if ('address' in peer) return `ipBlock ${formatAddress(peer.address)}/${peer.address.family === 4 ? 32 : 128}`;
  const pod = endName(peer);
  // Selectors do not reach a pod on the host's network in every cluster. Its address does.
  if (peer.pod.hostNetwork) return `the address of the node of ${pod} (an ipBlock)`;
  if (peer.pod.namespace === namespace) return `${pod} (a podSelector)`;
  return `${pod} (a podSelector, and a namespaceSelector such as kubernetes.io/metadata.name: ${peer.pod.namespace})`;
}

function policyName({ namespace, name }: Policy): string {
  return `${namespace}/${name}`;
}

function ruleName(policy: Policy, rule: Rule): string {
  return `${policyName(policy)} ${rule.field}`;
}

function listOf(names: readonly string[]): string {
  const rest = names.length - shown;
  return names.slice(0, shown).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
