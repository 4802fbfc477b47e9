import type { Environment } from '../config/environment.ts';
import { askWays } from '../library/question.ts';
import { formatOutside, outsideJson } from '../reach/outside-text.ts';
import type { AskedPort } from '../reach/port-text.ts';
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
  const { outside } = await openBothDesks(options, environment);
  printNotes(outside.desk.notes);
  const { answer, notes } = askOf(options.to, port, outside);
  printNotes(notes.slice(outside.desk.notes.length));
  applyStrict(options, notes);
  await print(options.output === 'json' ? outsideJson(answer, notes) : printable(formatOutside(answer)));
}

/** As {@link askWays}, with messages that cannot steer a terminal. */
function askOf(...[to, port, desk]: Parameters<typeof askWays>): ReturnType<typeof askWays> {
  try {
    return askWays(to, port, desk);
  } catch (error) {
    throw new Error(printable(error instanceof Error ? error.message : String(error)));
  }
}
