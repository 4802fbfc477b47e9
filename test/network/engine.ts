import * as address from '../../src/network/address.ts';
import * as blocks from '../../src/network/blocks.ts';
import * as classes from '../../src/network/classes.ts';
import * as evaluator from '../../src/network/evaluator.ts';
import * as match from '../../src/network/match.ts';
import * as read from '../../src/network/read.ts';
import * as selector from '../../src/network/selector.ts';
import * as side from '../../src/network/side.ts';

/** The modules of the engine as one object, so that the laws can also test a broken copy. */
export type Engine = typeof address &
  typeof blocks &
  typeof classes &
  typeof evaluator &
  typeof match &
  typeof read &
  typeof selector &
  typeof side;

/** The real engine. */
export const engine: Engine = {
  ...address,
  ...blocks,
  ...classes,
  ...evaluator,
  ...match,
  ...read,
  ...selector,
  ...side,
};

/** The files of the engine, in `src/network/`. */
export const engineModules = [
  'address.ts',
  'blocks.ts',
  'classes.ts',
  'evaluator.ts',
  'match.ts',
  'read.ts',
  'reader.ts',
  'selector.ts',
  'side.ts',
] as const;

/**
 * One law of NetworkPolicy: a sentence, and the required answers of an engine. It is data, so that
 * tests and mutations share it.
 */
export interface Law {
  readonly law: string;
  readonly expected: unknown;
  readonly actual: (engine: Engine) => unknown;
}

/** Returns a table of inputs and outputs of one function as laws. */
export function tabulate<I>(
  about: string,
  ask: (engine: Engine, input: I) => unknown,
  rows: readonly (readonly [law: string, input: I, expected: unknown])[],
): readonly Law[] {
  return rows.map(([law, input, expected]) => ({
    law: `${about}: ${law}`,
    expected,
    actual: (one) => ask(one, input),
  }));
}
