import { isOverlooked } from '../flows/left-out.ts';
import { joinedAddresses } from '../flows/reading.ts';
import type { Observation } from '../flows/record.ts';
import type { Note } from '../reach/note.ts';
import { agree, countOf, listOf } from '../wording/number.ts';
import { byKey, byText } from './text-order.ts';
import type { JudgedFlow } from './writer.ts';

/**
 * What a reader must know about the log: its window, its nodes, its holes, and what was left out.
 * `leftOut` has the flows that the plan has left out, too.
 */
export function notesOfLog(observation: Observation, leftOut: ReadonlyMap<string, number>): readonly Note[] {
  const { window, nodes, holes, neverSeen, malformed, lost } = observation;
  const from = nodes.length === 0 ? '' : `, from ${countOf(nodes.length, 'node')}`;
  const period = window === undefined ? 'the log has no times' : `the log: ${window.first} to ${window.last}${from}`;
  return [
    noteOf('log-window', period, false),
    ...(malformed === 0
      ? []
      : [
          noteOf(
            'log-malformed',
            `${countOf(malformed, 'line')} of the log ${agree(malformed, 'is', 'are')} no JSON object`,
          ),
        ]),
    ...(lost === 0
      ? []
      : [noteOf('log-lost', `${countOf(lost, 'event')} of the log ${agree(lost, 'is', 'are')} lost`)]),
    ...holes.map((hole) =>
      noteOf('log-hole', `a hole in the log: ${hole.replace(/\.$/, '')}`, hole !== joinedAddresses),
    ),
    ...neverSeen.map((field) => noteOf('log-not-decided', `not decided: no line had ${field}`)),
    ...[...leftOut]
      .sort(byKey)
      .map(([why, lines]) => noteOf('log-left-out', `left out: ${why} (${lines})`, isOverlooked(why))),
  ];
}

/**
 * The flows of the log of which nothing says whether the policies of today deny them. ICMP is no
 * matter of NetworkPolicies.
 */
export function noteOfUndecided(flows: readonly JudgedFlow[]): readonly Note[] {
  const undecided = flows.filter(({ candidate, fate }) => fate.today === 'unknown' && candidate.protocol !== 'ICMP');
  const count = undecided.length;
  if (count === 0) return [];
  const reasons = [...new Set(undecided.map(({ fate }) => fate.reason))].sort(byText);
  return [
    noteOf(
      'log-undecided',
      `${countOf(count, 'flow')} of the log ${agree(count, 'is', 'are')} not decided, so the policies of today may deny ${agree(count, 'it', 'them')}: ${listOf(reasons)}`,
    ),
  ];
}

function noteOf(id: Note['id'], message: string, overlooked = true): Note {
  return { id, message, objects: [], overlooked };
}
