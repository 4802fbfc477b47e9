import { isObject, own, recordOf, textAt } from '../kubernetes/raw-object.ts';
import { createEndReader } from './hubble-ends.ts';
import {
  type HubbleFacts,
  isDirected,
  isPolicyDrop,
  leavingRules,
  protocols,
  readFacts,
  verdictOf,
} from './hubble-rules.ts';
import type { Format, Intake, Line } from './intake.ts';
import { readPort } from './protocol.ts';
import { readTime } from './times.ts';

/** The wrappers of observer.proto GetFlowsResponse and ExportEvent. A line has one of them. */
const wrappers = ['flow', 'node_status', 'lost_events', 'agent_event', 'debug_event'];

/** States of a node in which it reports no flows (relay.proto NodeState). */
const silentStates: Readonly<Record<string, string>> = {
  NODE_UNAVAILABLE: 'was not available',
  NODE_GONE: 'went away',
  NODE_ERROR: 'had an error',
};

/**
 * Reads `hubble observe -o jsonpb`, the files of the Hubble exporter, and flows without a wrapper,
 * as older versions print them. The fields are those of flow.proto in protojson with
 * UseProtoNames: zero values are left out, and 64-bit numbers are texts.
 */
export function createHubbleFormat(): Format {
  const readEnd = createEndReader();
  return {
    name: 'Cilium Hubble',
    needed: ['verdict', 'l4', 'is_reply', 'labels', 'IP', 'time'],
    recognises: (line) =>
      wrappers.some((key) => isObject(own(line, key))) ||
      (typeof own(line, 'verdict') === 'string' && !('protocol' in line)),
    read(line, intake) {
      const time = readTime(own(line, 'time'));
      intake.sawTime(time);
      intake.sawNode(textAt(line, 'node_name'));
      const lost = own(line, 'lost_events');
      const status = own(line, 'node_status');
      if (lost !== undefined) intake.lose(Number(own(lost, 'num_events_lost') ?? 0) || 0);
      else if (status !== undefined) readStatus(status, intake);
      else if (isObject(own(line, 'agent_event')) || isObject(own(line, 'debug_event')))
        intake.leaveOut('events of the Cilium agent');
      else readFlow(recordOf(own(line, 'flow') ?? line), time, intake);
    },
  };

  function readFlow(flow: Line, wrapperTime: string | undefined, intake: Intake): void {
    const facts = readFacts(flow);
    const time = readTime(own(flow, 'time')) ?? wrapperTime;
    intake.sawNode(textAt(flow, 'node_name'));
    intake.sawTime(time);
    noteFields(flow, facts, time, intake);
    const rule = leavingRules.find(({ applies }) => applies(facts));
    const readEnds = () => ({
      from: readEnd(flow, 'source', intake),
      to: readEnd(flow, 'destination', intake),
    });
    if (rule !== undefined) {
      const verdict = isPolicyDrop(facts) ? 'denied' : 'unknown';
      intake.leaveOut(rule.lines, () => ({ ...readEnds(), verdict, last: time }));
      return;
    }
    const protocol = protocols[facts.l4 ?? ''];
    if (protocol === undefined) return;
    intake.add({
      ...readEnds(),
      protocol,
      port: readPort(own(facts.l4Fields, 'destination_port')) ?? 0,
      sourcePort: readPort(own(facts.l4Fields, 'source_port')),
      sourceAddress: textAt(own(flow, 'IP'), 'source'),
      isDirected: isDirected(facts),
      verdict: verdictOf(facts),
      count: countOf(own(flow, 'aggregate')),
      first: time,
      last: time,
    });
  }
}

/** Says which of the needed fields a line has. `is_reply` is not needed where TCP has its flags. */
function noteFields(flow: Line, facts: HubbleFacts, time: string | undefined, intake: Intake): void {
  if (facts.verdict !== undefined) intake.sawField('verdict');
  if (facts.l4 !== undefined) intake.sawField('l4');
  if (facts.isReply !== undefined || isObject(own(facts.l4Fields, 'flags'))) intake.sawField('is_reply');
  if (hasLabels(own(flow, 'source')) || hasLabels(own(flow, 'destination'))) intake.sawField('labels');
  if (isObject(own(flow, 'IP'))) intake.sawField('IP');
  if (time !== undefined) intake.sawField('time');
}

function hasLabels(endpoint: unknown): boolean {
  return Array.isArray(own(endpoint, 'labels'));
}

/** How many flows a line of an aggregated export stands for (FlowAggregate). */
function countOf(aggregate: unknown): number {
  const counts = Object.entries(recordOf(aggregate))
    .filter(([key]) => key.endsWith('_flow_count'))
    .map(([, count]) => Number(count) || 0);
  return Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
}

function readStatus(status: unknown, intake: Intake): void {
  const state = silentStates[textAt(status, 'state_change') ?? ''];
  const names = own(status, 'node_names');
  if (state === undefined) return;
  if (!Array.isArray(names) || names.length === 0)
    intake.hole(`A node without a name ${state} to Hubble for some time.`);
  else for (const name of names) intake.hole(`The node ${String(name)} ${state} to Hubble for some time.`);
}
