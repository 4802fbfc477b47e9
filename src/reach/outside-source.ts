import type { Exposure } from '../exposure/exposure.ts';
import { isCovered, type Range, readCidr, subtract } from '../network/address.ts';
import { everyAddress, privateNetworks } from '../network/blocks.ts';
import type { Endpoint } from '../network/evaluator.ts';
import { outsideOf } from '../network/outside.ts';
import { hasPort } from '../network/port-set.ts';
import { formatRanges } from '../network/range-text.ts';
import type { Protocol } from '../network/rules.ts';
import type { Verdict } from '../network/side.ts';
import type { Pod } from '../network/world.ts';
import type { NamedPeer } from '../policy/network-config.ts';
import type { Desk } from './desk.ts';
import { sayReasons, sayRemedies } from './reasons.ts';

/** Whether policies let in traffic from one kind of source. */
export interface SourceAnswer {
  /** `any public address`, `ingress-nginx/deployment/controller`, `nodes (workers)`. */
  readonly from: string;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly remedies: readonly string[];
}

/** The port of a Pod to which an exposure leads. */
export interface PodPort {
  readonly protocol: Protocol;
  readonly port: number;
}

/** What the sources of an exposure ask for. */
export interface Asked {
  /** One of the Pods that are asked about. They behave alike. */
  readonly pod: Pod;
  readonly port: PodPort;
  /** The Pods of the ingress controllers. */
  readonly controllers: readonly Pod[];
  readonly peers: readonly NamedPeer[];
}

/**
 * Asks for each source from which the traffic of an exposure comes. That of a Service comes from
 * public addresses, or from a node that has replaced them by its own. That of an Ingress or a route
 * comes from the Pods of a controller, or from a load balancer with a public address.
 */
export function askSources(by: Exposure['by'], asked: Asked, desk: Desk): readonly SourceAnswer[] {
  const outside = askAddresses(asked, 'public', publicAddresses, desk);
  return by === 'controller' ? [...askControllers(asked, desk), outside] : [outside, ...askNodes(asked, desk)];
}

/** Controllers of one class have one answer. */
function askControllers({ controllers, pod: destination, port }: Asked, desk: Desk): readonly SourceAnswer[] {
  const alike = Map.groupBy(controllers, (pod) => desk.evaluator.classes.of(pod));
  return [...alike.values()].flatMap((pods) => {
    const [pod] = pods;
    if (pod === undefined) return [];
    const flow = { from: { pod }, to: { pod: destination }, ...port };
    const answer = desk.evaluator.answer(flow);
    return [
      {
        from: desk.nameOf(pods),
        verdict: answer.verdict,
        reasons: sayReasons(answer, flow),
        remedies: sayRemedies(answer, flow),
      },
    ];
  });
}

function askNodes(asked: Asked, desk: Desk): readonly SourceAnswer[] {
  return asked.peers.flatMap(({ role, name, cidrs }) => {
    const ranges = cidrs.flatMap((cidr) => readCidr(cidr) ?? []);
    return role !== 'nodes' || ranges.length === 0 ? [] : [askAddresses(asked, `nodes (${name})`, ranges, desk)];
  });
}

/** `allowed` if one of the addresses is let in. The answer names those that are. */
function askAddresses({ pod, port }: Asked, who: string, addresses: readonly Range[], desk: Desk): SourceAnswer {
  const { protocol, port: number } = port;
  const one = desk.evaluator.classes.of(pod);
  const openings = one === undefined ? [] : outsideOf(one, 'ingress');
  const within = (of: 'ports' | 'undecided'): readonly Range[] => {
    const open = openings.filter((opening) => hasPort(opening[of], protocol, number));
    return subtract(
      addresses,
      subtract(
        everyAddress,
        open.flatMap(({ ranges }) => ranges),
      ),
    );
  };
  const allowed = within('ports');
  const undecided = within('undecided');
  const [example] = [...allowed, ...undecided, ...addresses];
  if (example === undefined) return { from: who, verdict: 'denied', reasons: [], remedies: [] };
  const from = { address: { family: example.family, value: example.first } };
  const flow = { from, to: { pod }, ...port };
  const answer = desk.evaluator.answer(flow);
  return {
    from: sayWho(who, addresses, allowed.length > 0 ? allowed : undecided),
    verdict: allowed.length > 0 ? 'allowed' : undecided.length > 0 ? 'undefined' : 'denied',
    reasons: sayReasons(answer, flow),
    remedies: [],
  };
}

function sayWho(who: string, all: readonly Range[], some: readonly Range[]): string {
  const text = who === 'public' ? 'any public address' : who;
  if (some.length === 0 || isCovered(all, some)) return text;
  const families = ([4, 6] as const).filter((family) => {
    const own = all.filter((range) => range.family === family);
    return own.length > 0 && isCovered(own, some);
  });
  const rest = some.filter(({ family }) => !families.includes(family));
  const parts = [
    ...families.map((family) => (who === 'public' ? `any public IPv${family} address` : `IPv${family}`)),
    ...(rest.length === 0 ? [] : [`${formatRanges(rest.slice(0, shown))}${rest.length > shown ? ' and more' : ''}`]),
  ];
  return who === 'public' ? parts.join(', ') : `${who}: ${parts.join(', ')}`;
}

const shown = 3;

/**
 * The addresses of the Internet: IPv4 without private, loopback, link-local, multicast and reserved
 * blocks, and the global unicast addresses of IPv6 (RFC 4291: 2000::/3).
 */
const publicAddresses: readonly Range[] = [
  ...subtract(
    everyAddress.filter(({ family }) => family === 4),
    [
      ...privateNetworks,
      ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'].flatMap((cidr) => readCidr(cidr) ?? []),
    ],
  ),
  ...[readCidr('2000::/3')].flatMap((range) => range ?? []),
];

/** One public address, which stands for all of them. */
export const publicExample: Endpoint = { address: { family: 4, value: publicAddresses[0]?.first ?? 0n } };
