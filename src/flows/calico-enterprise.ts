import { listAt, own } from '../kubernetes/raw-object.ts';
import { addCalicoFlow, isDeny, neededOfCalico } from './calico-flow.ts';
import type { Format, Line } from './intake.ts';
import { readTime } from './times.ts';

/**
 * Reads flow logs of Calico Enterprise and Calico Cloud, as Elasticsearch keeps them (Calico
 * Enterprise documentation, "Flow log data types"), also in `_source`. Each level of aggregation
 * leaves out more: ports of the source first, then names (`source_name_aggr` stays).
 */
export const calicoEnterprise: Format = {
  name: 'Calico Enterprise',
  needed: neededOfCalico,
  recognises: (line) => typeof own(line, 'source_type') === 'string' && typeof own(line, 'dest_type') === 'string',
  read(line, intake) {
    const host = own(line, 'host');
    intake.sawNode(typeof host === 'string' && host !== '-' ? host : undefined);
    addCalicoFlow(
      {
        from: endOf(line, 'source'),
        to: endOf(line, 'dest'),
        protocol: own(line, 'proto'),
        port: own(line, 'dest_port'),
        action: own(line, 'action'),
        first: readTime(own(line, 'start_time')) ?? readTime(own(line, '@timestamp'), 'milliseconds'),
        last: readTime(own(line, 'end_time')) ?? readTime(own(line, '@timestamp'), 'milliseconds'),
        count: Math.max(1, Number(own(line, 'num_flows')) || 0),
        pendingDeny: readPendingTexts(listAt(line, 'policies', 'pending_policies')),
      },
      intake,
    );
  },
};

function endOf(line: Line, side: 'source' | 'dest') {
  const name = own(line, `${side}_name`);
  const isLeftOut = typeof name !== 'string' || ['', '-', '*'].includes(name);
  return {
    name: isLeftOut ? own(line, `${side}_name_aggr`) : name,
    namespace: own(line, `${side}_namespace`),
    type: own(line, `${side}_type`),
    labels: listAt(line, `${side}_labels`, 'labels'),
    address: own(line, `${side}_ip`),
    domains: side === 'dest' ? listAt(line, 'dest_domains') : [],
  };
}

/**
 * Whether the last pending policy denies. An entry is `INDEX|TIER|NAME|ACTION|RULE`, in older and
 * in newer spellings of the name; the list has no order.
 */
function readPendingTexts(texts: readonly unknown[]): boolean | undefined {
  const entries = texts.filter((text) => typeof text === 'string').map((text) => text.split('|'));
  if (entries.length === 0) return undefined;
  const last = entries.reduce((one, other) => (Number(other[0]) >= Number(one[0]) ? other : one));
  return isDeny(last.at(-2));
}
