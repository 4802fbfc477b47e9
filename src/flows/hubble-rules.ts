// The law of reading a flow of Hubble: which lines count, and what they say. Each row is a rule of
// flow.proto and of the parser of Cilium (pkg/hubble/parser), and the first that applies decides.
import { isObject, own, recordOf, textAt } from '../kubernetes/raw-object.ts';
import type { Line } from './intake.ts';
import { withoutPort } from './left-out.ts';
import { otherProtocols, readPort } from './protocol.ts';
import type { FlowProtocol, FlowVerdict } from './record.ts';

/** What the rules look at, read from the line once. */
export interface HubbleFacts {
  readonly type: string | undefined;
  readonly hasL7: boolean;
  /** The name of the protocol as the line writes it: `TCP`, `ICMPv4`, `VRRP`. */
  readonly l4: string | undefined;
  readonly l4Fields: Line;
  readonly verdict: string | undefined;
  readonly dropReason: string | undefined;
  /** Undefined if the line does not say so. */
  readonly isReply: boolean | undefined;
  readonly hasDirection: boolean;
  readonly isAggregate: boolean;
}

/** A rule that leaves lines out. */
interface LeavingRule {
  readonly id: string;
  /** The lines, as a noun phrase in the plural. It is the reason that the answer gives. */
  readonly lines: string;
  readonly why: string;
  readonly applies: (facts: HubbleFacts) => boolean;
}

export const protocols: Readonly<Record<string, FlowProtocol>> = {
  TCP: 'TCP',
  UDP: 'UDP',
  SCTP: 'SCTP',
  ICMPv4: 'ICMP',
  ICMPv6: 'ICMP',
};

/** What became of the packets. All other verdicts are left out. */
const verdicts: Readonly<Record<string, FlowVerdict>> = {
  FORWARDED: 'happened',
  // The packet went through a proxy, as DNS does.
  REDIRECTED: 'happened',
  DROPPED: 'denied',
  AUDIT: 'would-be-denied',
};

/** No rule allows it, or a rule denies it. Other drops have nothing to do with policies. */
const policyDrops: ReadonlySet<string> = new Set(['POLICY_DENIED', 'POLICY_DENY', '133', '181']);

export const leavingRules: readonly LeavingRule[] = [
  {
    id: 'sock',
    lines: 'lines of type SOCK',
    why: 'They have the addresses before translation.',
    applies: ({ type }) => type === 'SOCK',
  },
  {
    id: 'l7',
    lines: 'lines of type L7',
    why: 'The proxy writes them beside the L3_L4 lines of the same connection. They are a hint, and no flow.',
    applies: ({ type, hasL7 }) => type === 'L7' || (type === undefined && hasL7),
  },
  {
    id: 'other-type',
    lines: 'lines of a type other than L3_L4',
    why: 'A line without a type, which a mask has dropped, counts if it has a protocol.',
    applies: ({ type }) => type !== undefined && type !== 'L3_L4',
  },
  {
    id: 'no-protocol',
    lines: 'lines without a protocol',
    why: 'A policy is about a protocol and a port.',
    applies: ({ l4 }) => l4 === undefined,
  },
  {
    id: 'other-protocol',
    lines: otherProtocols,
    why: 'No policy can name VRRP, IGMP or what comes after them.',
    applies: ({ l4 }) => l4 !== undefined && !Object.hasOwn(protocols, l4),
  },
  {
    id: 'verdict',
    lines: 'lines with a verdict other than FORWARDED, REDIRECTED, DROPPED and AUDIT',
    why: 'TRACED, TRANSLATED and ERROR do not say what became of the packet.',
    applies: ({ verdict }) => verdict !== undefined && !Object.hasOwn(verdicts, verdict),
  },
  {
    id: 'other-drop',
    lines: 'drops for a reason other than a policy',
    why: 'Only POLICY_DENIED (133) and POLICY_DENY (181) are decisions of policies.',
    applies: (facts) => facts.verdict === 'DROPPED' && !isPolicyDrop(facts),
  },
  {
    id: 'reply',
    lines: 'replies',
    why: 'The other end began. The ends are never swapped by their port numbers.',
    applies: ({ isReply }) => isReply === true,
  },
  {
    id: 'icmp-reply',
    lines: 'replies',
    why: 'An echo reply has no `type` in IPv4, whose number 0 is left out, and 129 in IPv6.',
    applies: ({ l4, l4Fields, isReply }) =>
      isReply === undefined &&
      ((l4 === 'ICMPv4' && own(l4Fields, 'type') === undefined) || (l4 === 'ICMPv6' && own(l4Fields, 'type') === 129)),
  },
  {
    id: 'tcp-without-syn',
    lines: 'TCP packets that begin no connection, of unknown direction',
    why: 'Without `is_reply`, only SYN without ACK says who began. A line without flags and type is kept: a mask or an aggregation has dropped them, and the flow has no direction.',
    applies: (facts) => facts.l4 === 'TCP' && facts.isReply === undefined && !isOpening(facts) && !isMasked(facts),
  },
  {
    id: 'no-port',
    lines: withoutPort,
    why: 'A mask has dropped it.',
    applies: ({ l4, l4Fields }) =>
      l4 !== undefined && protocols[l4] !== 'ICMP' && readPort(own(l4Fields, 'destination_port')) === undefined,
  },
];

/**
 * Whether the line says which end began: by `is_reply`, TCP by its SYN, UDP and ICMP by a
 * direction.
 */
export function isDirected(facts: HubbleFacts): boolean {
  if (facts.isReply === false) return true;
  return facts.l4 === 'TCP' ? isOpening(facts) : facts.hasDirection;
}

/** Whether a policy has denied the packet, also if a rule leaves the line out. */
export function isPolicyDrop({ verdict, dropReason }: HubbleFacts): boolean {
  return verdict === 'DROPPED' && policyDrops.has(dropReason ?? '');
}

/** What became of the packets of a line that no rule leaves out. */
export function verdictOf({ verdict }: HubbleFacts): FlowVerdict {
  return (verdict === undefined ? undefined : verdicts[verdict]) ?? 'unknown';
}

export function readFacts(flow: Line): HubbleFacts {
  const [l4, l4Fields] = readL4(own(flow, 'l4'));
  const type = textAt(flow, 'Type');
  const direction = textAt(flow, 'traffic_direction');
  return {
    type: type === 'UNKNOWN_TYPE' ? undefined : type,
    hasL7: isObject(own(flow, 'l7')),
    l4,
    l4Fields,
    verdict: readName(own(flow, 'verdict'), 'VERDICT_UNKNOWN'),
    dropReason: readDropReason(flow),
    isReply: readReply(flow),
    hasDirection: direction === 'INGRESS' || direction === 'EGRESS',
    isAggregate: isObject(own(flow, 'aggregate')),
  };
}

function readL4(value: unknown): readonly [string | undefined, Line] {
  for (const [name, fields] of Object.entries(recordOf(value))) if (isObject(fields)) return [name, fields];
  return [undefined, {}];
}

function readName(value: unknown, zero: string): string | undefined {
  return typeof value === 'string' && value !== '' && value !== zero ? value : undefined;
}

/** `drop_reason` is the number that older agents write. */
function readDropReason(flow: Line): string | undefined {
  const name = textAt(flow, 'drop_reason_desc');
  const number = own(flow, 'drop_reason');
  return name ?? (typeof number === 'number' ? String(number) : undefined);
}

/**
 * Whether the packet belongs to a connection that the other end began (parser.go decodeIsReply).
 * `is_reply` is made from the reason of the trace, and `reply` was its name before.
 */
function readReply(flow: Line): boolean | undefined {
  const isReply = own(flow, 'is_reply');
  if (typeof isReply === 'boolean') return isReply;
  return own(flow, 'reply') === true || textAt(flow, 'trace_reason') === 'REPLY' ? true : undefined;
}

/** Whether a mask or an aggregation has dropped the flags: every TCP packet has some. */
function isMasked({ type, isAggregate, l4Fields }: HubbleFacts): boolean {
  return (type === undefined || isAggregate) && !isObject(own(l4Fields, 'flags'));
}

function isOpening({ l4Fields }: HubbleFacts): boolean {
  const flags = own(l4Fields, 'flags');
  return own(flags, 'SYN') === true && own(flags, 'ACK') !== true;
}
