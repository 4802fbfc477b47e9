import { expect, it } from 'vitest';
import { joinedAddresses } from '../../src/flows/reading.ts';
import type { Observation } from '../../src/flows/record.ts';
import { notesOfLog } from '../../src/plan/log-notes.ts';

const whole: Observation = {
  flows: [],
  malformed: 0,
  lost: 0,
  window: undefined,
  nodes: [],
  namespaces: [],
  holes: [],
  neverSeen: [],
  leftOut: new Map(),
};
const overlookedIn = (observation: Partial<Observation>) =>
  notesOfLog({ ...whole, ...observation }, observation.leftOut ?? whole.leftOut).flatMap(({ message, overlooked }) =>
    overlooked ? [message] : [],
  );

it.each<[what: string, observation: Partial<Observation>, overlooked: readonly string[]]>([
  ['lost events, once', { lost: 3 }, ['3 events of the log are lost']],
  ['holes', { holes: ['A node was away.'] }, ['a hole in the log: A node was away']],
  ['not addresses that are counted by their network, as the plan names them', { holes: [joinedAddresses] }, []],
  [
    'lines that may be flows, and no others',
    { leftOut: new Map(['lines that do not name their protocol', 'replies'].map((why) => [why, 2])) },
    ['left out: lines that do not name their protocol (2)'],
  ],
])('what a log has overlooked: %s', (_, observation, overlooked) => {
  expect(overlookedIn(observation)).toEqual(overlooked);
});
