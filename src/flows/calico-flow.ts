import { type CalicoEnd, meetCalicoEnd } from './calico-ends.ts';
import type { Intake } from './intake.ts';
import { withoutPort } from './left-out.ts';
import { readPort, readProtocol, whyNoProtocol } from './protocol.ts';
import type { FlowVerdict } from './record.ts';

/** A flow as each of Calico's logs has it. */
export interface CalicoFlow {
  readonly from: CalicoEnd;
  readonly to: CalicoEnd;
  readonly protocol: unknown;
  /** The Pod's port, after translation. */
  readonly port: unknown;
  /** A number, or a name in any case. */
  readonly action: unknown;
  readonly first: string | undefined;
  readonly last: string | undefined;
  readonly count: number;
  /** Whether the last policy that would apply denies. Undefined if the log does not say. */
  readonly pendingDeny: boolean | undefined;
}

/** goldmane/proto/api.proto Action. Pass is never the last word. */
const actions: ReadonlyMap<string, FlowVerdict> = new Map([
  ['1', 'happened'],
  ['ALLOW', 'happened'],
  ['2', 'denied'],
  ['DENY', 'denied'],
]);

/** Whether an action of a policy denies. */
export function isDeny(action: unknown): boolean {
  return actions.get(String(action).toUpperCase()) === 'denied';
}

/** The fields without which a log of Calico leaves something undecided. */
export const neededOfCalico: readonly string[] = ['labels', 'action', 'time'];

/**
 * Adds a flow of Calico. Each connection is reported by both ends, with the policies of that end:
 * it was allowed only if both say so, and the verdicts keep both. There are no replies, because
 * the direction is that of the connection.
 */
export function addCalicoFlow(flow: CalicoFlow, intake: Intake): void {
  const { first, last, pendingDeny } = flow;
  intake.sawTime(first);
  intake.sawTime(last);
  if (first !== undefined) intake.sawField('time');
  const action = actions.get(String(flow.action).toUpperCase());
  if (action !== undefined) intake.sawField('action');
  if (flow.from.labels.length + flow.to.labels.length > 0) intake.sawField('labels');
  const protocol = readProtocol(flow.protocol);
  const port = readPort(flow.port);
  const seen = () => ({
    from: meetCalicoEnd(flow.from, intake),
    to: meetCalicoEnd(flow.to, intake),
    verdict: action ?? ('unknown' as const),
    last,
  });
  if (protocol === undefined) {
    intake.leaveOut(whyNoProtocol(flow.protocol), seen);
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
    sourcePort: undefined,
    sourceAddress: undefined,
    isDirected: true,
    count: flow.count,
    first,
    ...(pendingDeny === undefined ? {} : { pendingDeny }),
  });
}
