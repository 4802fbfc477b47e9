import { own } from '../kubernetes/raw-object.ts';
import { addCalicoFlow, neededOfCalico } from './calico-flow.ts';
import { readPending } from './goldmane.ts';
import type { Format } from './intake.ts';
import { readTime } from './times.ts';

/**
 * Reads flows of Calico's Whisker (whisker-backend/pkg/apis/v1/flows.go): flat, with names for
 * enumerations, labels in one text, and neither types of ends nor Services. They come as pages,
 * `{"total":…,"items":[…]}`, or as server-sent events.
 */
export const whisker: Format = {
  name: 'Calico Whisker',
  needed: neededOfCalico,
  recognises: (line) =>
    typeof own(line, 'source_name') === 'string' &&
    typeof own(line, 'dest_name') === 'string' &&
    own(line, 'source_type') === undefined,
  read(line, intake) {
    const end = (side: 'source' | 'dest') => ({
      name: own(line, `${side}_name`),
      namespace: own(line, `${side}_namespace`),
      type: undefined,
      labels: readLabels(own(line, `${side}_labels`)),
      address: undefined,
      domains: [],
    });
    const pending = own(own(line, 'policies'), 'pending');
    addCalicoFlow(
      {
        from: end('source'),
        to: end('dest'),
        protocol: own(line, 'protocol'),
        port: own(line, 'dest_port'),
        action: own(line, 'action'),
        first: readTime(own(line, 'start_time')),
        last: readTime(own(line, 'end_time')),
        count: 1,
        pendingDeny: readPending(Array.isArray(pending) ? pending : []),
      },
      intake,
    );
  },
};

function readLabels(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return typeof value === 'string' && value !== '' && value !== '-'
    ? value.split('|').map((label) => label.trim())
    : [];
}
