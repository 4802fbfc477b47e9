import { styleText } from 'node:util';
import type { Answer, Scene, Step } from './scene.ts';
import { judge, typed } from './scene.ts';

/** What playing needs of the world. */
export interface Stage {
  /** Runs a step's command; rejects only where it could not be run at all. */
  run(step: Step): Promise<Answer>;
  /** Takes a text that may have several lines; ends the last one. */
  write(text: string): void;
  pause(milliseconds: number): Promise<void>;
}

/** How many answers were as expected, and how many were not. */
export interface Tally {
  readonly expected: number;
  readonly unexpected: number;
}

/**
 * At most 20 s of waiting for what others do; they take one or two on an idle machine, and this one
 * may be busy.
 */
const settleAttempts = 80;
const settlePauseMs = 250;

/**
 * Plays scenes in order, each command with what came back and whether that was expected; an
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

/** One line of judgement, for commands and for whatever else a demo looks at. */
export function showVerdict(shows: string, problems: readonly string[], write: (text: string) => void): Tally {
  const good = problems.length === 0;
  write(good ? styleText('green', `✓ ${shows}`) : styleText('red', `✗ expected ${problems.join('; and ')} (${shows})`));
  return good ? { expected: 1, unexpected: 0 } : { expected: 0, unexpected: 1 };
}

export function add(one: Tally, other: Tally): Tally {
  return { expected: one.expected + other.expected, unexpected: one.unexpected + other.unexpected };
}

/** 0 only if something was played and every answer was as expected. */
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
