import type { Environment } from '../config/environment.ts';
import type { Desk } from '../reach/desk.ts';
import { isResolved } from '../reach/end.ts';
import { resolveEnd } from '../reach/endpoint.ts';
import { groupEnds } from '../reach/group.ts';
import { askOutside } from '../reach/outside.ts';
import { formatOutside, outsideJson } from '../reach/outside-text.ts';
import type { AskedPort } from '../reach/port-text.ts';
import { surveyNotes } from '../reach/survey-notes.ts';
import { applyStrict, type DeskOptions, openBothDesks, printNotes } from './desk.ts';
import { print, printable } from './output.ts';

/** A question about what the outside reaches. */
export interface OutsideOptions extends DeskOptions {
  readonly to?: string;
  readonly output?: string;
}

/** Prints what the outside reaches, by which Services, Ingresses and routes. */
export async function answerOutside(
  options: OutsideOptions,
  port: AskedPort | undefined,
  environment: Environment,
): Promise<void> {
  if (options.output === 'csv')
    throw new Error('--from outside has sources and reasons, which are no table: use -o text or -o json');
  const { desk, exposures, config } = (await openBothDesks(options, environment)).outside;
  printNotes(desk.notes);
  const to = podsOf(options.to, desk);
  const asked = to && { text: options.to ?? '', ends: to.map((pod) => ({ pod })) };
  const others = surveyNotes({ from: [], to: groupEnds(undefined, asked, undefined, desk).to }, desk);
  printNotes(others);
  const answer = askOutside(exposures, { to, port }, desk, config);
  const all = [...desk.notes, ...others];
  await print(options.output === 'json' ? outsideJson(answer, all) : printable(formatOutside(answer)));
  applyStrict(options, all);
}

function podsOf(to: string | undefined, desk: Desk) {
  if (to === undefined) return undefined;
  const end = resolveEnd(to, desk);
  if (!isResolved(end)) throw new Error(printable(`--to: ${end.error}`));
  const pods = end.ends.flatMap((one) => ('pod' in one ? [one.pod] : []));
  if (pods.length === 0)
    throw new Error(printable(`--to: ${to} is no Pod: what is outside the cluster is not asked for`));
  return pods;
}
