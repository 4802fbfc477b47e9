import { isObject, own, recordOf } from '../kubernetes/raw-object.ts';
import { addCalicoFlow, isDeny, neededOfCalico } from './calico-flow.ts';
import type { Format, Line } from './intake.ts';
import { readTime } from './times.ts';

/**
 * Reads flows of Calico's Goldmane (goldmane/proto/api.proto). Its emitter and its stream client
 * write Go's JSON, with numbers for enumerations; others write protojson, with names for them,
 * texts for 64-bit numbers, and keys in camel case. The stream client adds `{"id":…,"flow":…}`.
 */
export const goldmane: Format = {
  name: 'Calico Goldmane',
  needed: neededOfCalico,
  recognises: (line) => keyIn(flowIn(line)) !== undefined,
  read(line, intake) {
    const flow = flowIn(line);
    const key = keyIn(flow);
    const end = (side: 'source' | 'dest') => ({
      name: either(key, `${side}_name`),
      namespace: either(key, `${side}_namespace`),
      type: either(key, `${side}_type`),
      labels: listOf(either(flow, `${side}_labels`)),
      address: undefined,
      domains: [],
    });
    addCalicoFlow(
      {
        from: end('source'),
        to: end('dest'),
        protocol: either(key, 'proto'),
        port: either(key, 'dest_port'),
        action: either(key, 'action'),
        first: readTime(either(flow, 'start_time')),
        last: readTime(either(flow, 'end_time')),
        count: Math.max(1, Number(either(flow, 'num_connections_started') ?? 0) || 0),
        pendingDeny: readPending(listOf(either(either(key, 'policies'), 'pending_policies'))),
      },
      intake,
    );
  },
};

/**
 * Whether the last policy denies that would apply to the flow, staged ones included. The index
 * gives the order, not the list.
 */
export function readPending(hits: readonly unknown[]): boolean | undefined {
  if (hits.length === 0) return undefined;
  const indexOf = (hit: unknown): number => Number(either(hit, 'policy_index') ?? 0);
  return isDeny(
    own(
      hits.reduce((last, hit) => (indexOf(hit) >= indexOf(last) ? hit : last)),
      'action',
    ),
  );
}

function flowIn(line: Line): Line {
  return recordOf(own(line, 'flow') ?? line);
}

function keyIn(flow: Line): Line | undefined {
  const key = own(flow, 'Key') ?? own(flow, 'key');
  return isObject(key) ? key : undefined;
}

/** A field by its name in the proto, or in camel case. */
function either(object: unknown, name: string): unknown {
  return (
    own(object, name) ??
    own(
      object,
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    )
  );
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
