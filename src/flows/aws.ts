import { own } from '../kubernetes/raw-object.ts';
import { isMetadataAddress } from '../network/metadata-address.ts';
import type { Format, Intake } from './intake.ts';
import { withoutPort } from './left-out.ts';
import { otherProtocols, readPort, readProtocol } from './protocol.ts';
import type { FlowEnd, FlowVerdict } from './record.ts';
import { readTime } from './times.ts';

/** A line of CloudWatch. It has no direction, but its ends are those of the connection. */
const cloudWatch =
  /Node: (?<node>[^;]*); ?SIP: (?<from>[^;]+); ?SPORT: (?<fromPort>\d+); ?DIP: (?<to>[^;]+); ?DPORT: (?<port>\d+); ?PROTOCOL: (?<protocol>[^;]+); ?PolicyVerdict: (?<verdict>[A-Z/]+)/;

/** A line of the file on a node. Some of its names have a colon in IPv6 and none in IPv4. */
const onNode =
  /Flow Info: +Src IP:? (?<from>[\da-fA-F.:]+),? Src Port:? (?<fromPort>\d+),? Dest IP:? (?<to>[\da-fA-F.:]+),? Dest Port:? (?<port>\d+),? Proto:? (?<protocol>\w+),? Verdict:? (?<verdict>[A-Z/]+)/;

/** EXPIRED/DELETED is the end of a connection that had been accepted. */
const verdicts: Readonly<Record<string, FlowVerdict>> = { ACCEPT: 'happened', DENY: 'denied' };

type Parts = Readonly<Record<string, unknown>>;

/**
 * Reads the network policy agent of the AWS VPC CNI (aws-network-policy-agent
 * pkg/ebpf/events/events.go): lines of CloudWatch, and lines of the file on a node, as text or in
 * the JSON of its log. They have addresses only.
 */
export const aws: Format = {
  name: 'the AWS network policy agent',
  // The agent writes what it accepts at the log level debug only.
  needed: ['ACCEPT'],
  recognises: (line) => messageOf(line)?.startsWith('Flow Info:') === true,
  read(line, intake) {
    const structured: Parts = {
      from: own(line, 'Src IP'),
      fromPort: own(line, 'Src Port'),
      to: own(line, 'Dest IP'),
      port: own(line, 'Dest Port'),
      protocol: own(line, 'Proto'),
      verdict: own(line, 'Verdict'),
    };
    const parts = structured['from'] === undefined ? onNode.exec(messageOf(line) ?? '')?.groups : structured;
    if (parts === undefined) intake.leaveOut('lines of the agent that are no flow');
    else addParts(parts, readTime(own(line, 'ts')), intake);
  },
  readText(line, intake) {
    const parts = (cloudWatch.exec(line) ?? onNode.exec(line))?.groups;
    if (parts === undefined) return false;
    addParts(parts, undefined, intake);
    return true;
  },
};

function messageOf(line: Parts): string | undefined {
  const message = own(line, 'msg');
  return typeof message === 'string' ? message : undefined;
}

function addParts(parts: Parts, time: string | undefined, intake: Intake): void {
  const { node, from, fromPort, to, port: toPort, protocol: name, verdict: word } = parts;
  intake.sawNode(typeof node === 'string' && node !== '' ? node : undefined);
  intake.sawTime(time);
  intake.sawField(String(word));
  const verdict = verdicts[String(word)];
  const protocol = readProtocol(name);
  const port = readPort(toPort);
  if (verdict === undefined) {
    intake.leaveOut('ends of connections');
    return;
  }
  const seen = () => ({
    from: intake.meet({ end: endOf(String(from)) }),
    to: intake.meet({ end: endOf(String(to)) }),
    verdict,
    last: time,
  });
  if (protocol === undefined) {
    intake.leaveOut(otherProtocols, seen);
    return;
  }
  if (port === undefined && protocol !== 'ICMP') {
    intake.leaveOut(withoutPort, seen);
    return;
  }
  intake.add({
    ...seen(),
    protocol,
    port: protocol === 'ICMP' ? 0 : (port ?? 0),
    sourcePort: readPort(fromPort),
    sourceAddress: String(from),
    isDirected: true,
    count: 1,
    first: time,
  });
}

function endOf(address: string): FlowEnd {
  return isMetadataAddress(address) ? { kind: 'outside', names: [], address } : { kind: 'address', address, names: [] };
}
