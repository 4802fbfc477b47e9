import type { Pod } from '../network/world.ts';
import type { Desk } from '../reach/desk.ts';
import { areOutside, isResolved, type ResolvedEnd } from '../reach/end.ts';
import { resolveEnd } from '../reach/endpoint.ts';
import { type Group, groupEnds } from '../reach/group.ts';
import type { Note } from '../reach/note.ts';
import { askOutside, type OutsideAnswer } from '../reach/outside.ts';
import type { OutsideDesk } from '../reach/outside-question.ts';
import { type AskedPort, readAskedPort } from '../reach/port-text.ts';
import { betweenAddresses } from '../reach/question.ts';
import { type SurveyQuestion, surveyQuestion } from '../reach/survey.ts';
import { surveyNotes } from '../reach/survey-notes.ts';

/** A question as it was asked: ends and a port as text. A missing one means all. */
export interface Asked {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly port?: string | undefined;
}

/** A question whose ends and port are known. */
export interface Question {
  readonly from: ResolvedEnd | undefined;
  readonly to: ResolvedEnd | undefined;
  readonly port: AskedPort | undefined;
  readonly groups: SurveyQuestion;
}

/**
 * Finds what a question names. Throws an Error for an end or a port that means nothing here; the
 * message names it with `prefix`.
 */
export function resolveQuestion(asked: Asked, desk: Desk, prefix = '--'): Question {
  // An empty world must not look like a world in which everything is denied.
  if (desk.inventory.world.pods.length === 0) throw new Error('the input has no Pods and no workloads');
  const port = asked.port === undefined ? undefined : readPort(asked.port, prefix);
  const [from, to] = (['from', 'to'] as const).map((name) => {
    const text = asked[name];
    if (text === undefined) return undefined;
    const end = resolveEnd(text, desk);
    if (!isResolved(end)) throw new Error(`${prefix}${name}: ${end.error}`);
    return end;
  });
  if (from !== undefined && to !== undefined && areOutside(from, to)) throw new Error(betweenAddresses);
  const groups = surveyQuestion(from, to, port, desk);
  refuseUnresolved(groups.to, prefix);
  if (port?.protocol === 'ICMP' && (from === undefined || to === undefined))
    throw new Error('NetworkPolicies say nothing about ICMP: every verdict is undefined');
  return { from, to, port, groups };
}

/** Reads a port. Throws an Error if it is none. */
export function readPort(text: string, prefix = '--'): AskedPort {
  const port = readAskedPort(text);
  if ('error' in port) throw new Error(`${prefix}port: ${port.error}`);
  return port;
}

/** A port that means nothing at any destination must not look like a port that is denied. */
function refuseUnresolved(to: readonly Group[] | undefined, prefix: string): void {
  const reasons = to?.flatMap(({ target }) =>
    target !== undefined && 'unresolved' in target ? [target.unresolved] : [],
  );
  if (to === undefined || reasons?.length !== to.length) return;
  throw new Error(`${prefix}port: ${[...new Set(reasons)].slice(0, 3).join('; ')}`);
}

/**
 * Asks by what ways the outside reaches Pods; undefined means all of them. Throws an Error for an
 * end that is no Pod; the message names it with `prefix`.
 */
export function askWays(
  to: string | undefined,
  port: AskedPort | undefined,
  { desk, exposures, config }: Pick<OutsideDesk, 'desk' | 'exposures' | 'config'>,
  prefix = '--',
): { readonly answer: OutsideAnswer; readonly notes: readonly Note[] } {
  const pods = to === undefined ? undefined : podsOf(to, desk, prefix);
  const asked = pods && { text: to ?? '', ends: pods.map((pod) => ({ pod })) };
  const found = surveyNotes({ from: [], to: groupEnds(undefined, asked, undefined, desk).to }, desk);
  const answer = askOutside(exposures, { to: pods, port }, desk, config);
  return { answer, notes: [...desk.notes, ...found] };
}

function podsOf(to: string, desk: Desk, prefix: string): readonly Pod[] {
  const end = resolveEnd(to, desk);
  if (!isResolved(end)) throw new Error(`${prefix}to: ${end.error}`);
  const pods = end.ends.flatMap((one) => ('pod' in one ? [one.pod] : []));
  if (pods.length === 0) throw new Error(`${prefix}to: ${to} is no Pod: what is outside the cluster is not asked for`);
  return pods;
}
