import { styleText } from 'node:util';
import type { Answer, Scene, Step } from './scene.ts';
import { judge, typed } from './scene.ts';

/** The ports of playing. */
export interface Stage {
  /** Runs the command of a step. Rejects only if it could not be run at all. */
  run(step: Step): Promise<Answer>;
  /** Writes a text of one or more lines and ends the last one. */
  write(text: string): void;
  pause(milliseconds: number): Promise<void>;
}

/** The number of answers that were expected, and that were not. */
export interface Tally {
  readonly expected: number;
  readonly unexpected: number;
}

/** Waits at most 20 s for others. They need one or two seconds on an idle machine. */
const settleAttempts = 80;
const settlePauseMs = 250;

/**
 * Plays scenes in order. It prints each command with its answer and whether that was expected. An
 * unexpected answer does not stop it.
 */
export async function play(scenes: readonly Scene[], stage: Stage): Promise<Tally> {
  let tally: Tally = { expected: 0, unexpected: 0 };
  for (const scene of scenes) {
    stage.write(`\n${styleText('bold', `== ${scene.title} ==`)}`);
    for (const step of scene.steps) tally = add(tally, await playStep(step, stage));
  }
  return tally;
}

/** Prints one line of judgement, for commands and for anything else that a demo checks. */
export function showVerdict(shows: string, problems: readonly string[], write: (text: string) => void): Tally {
  const good = problems.length === 0;
  write(good ? styleText('green', `✓ ${shows}`) : styleText('red', `✗ expected ${problems.join('; and ')} (${shows})`));
  return good ? { expected: 1, unexpected: 0 } : { expected: 0, unexpected: 1 };
}

export function add(one: Tally, other: Tally): Tally {
  return { expected: one.expected + other.expected, unexpected: one.unexpected + other.unexpected };
}

/** Returns 0 only if something was played and every answer was expected. */
export function exitCodeOf(tally: Tally): 0 | 1 {
  return tally.unexpected === 0 && tally.expected > 0 ? 0 : 1;
}

async function playStep(step: Step, stage: Stage): Promise<Tally> {
  stage.write(`\n${styleText('bold', typed(step))}`);
  let answer = await stage.run(step);
  let problems = judge(answer, step.expect);
  for (let attempt = 1; step.settles && problems.length > 0 && attempt < settleAttempts; attempt += 1) {
    await stage.pause(settlePauseMs);
    answer = await stage.run(step);
    problems = judge(answer, step.expect);
  }
  for (const output of [answer.stdout, answer.stderr]) if (output.trim() !== '') stage.write(output.trimEnd());
  return showVerdict(step.expect.shows, problems, stage.write);
}
