import * as address from '../../src/network/address.ts';
import * as blocks from '../../src/network/blocks.ts';
import * as classes from '../../src/network/classes.ts';
import * as evaluator from '../../src/network/evaluator.ts';
import * as match from '../../src/network/match.ts';
import * as matrix from '../../src/network/matrix.ts';
import * as nodeSharing from '../../src/network/node-sharing.ts';
import * as outside from '../../src/network/outside.ts';
import * as portSet from '../../src/network/port-set.ts';
import * as read from '../../src/network/read.ts';
import * as readTiered from '../../src/network/read-tiered.ts';
import * as readTieredPorts from '../../src/network/read-tiered-ports.ts';
import * as selector from '../../src/network/selector.ts';
import * as side from '../../src/network/side.ts';
import * as tierMatch from '../../src/network/tier-match.ts';
import * as tierPorts from '../../src/network/tier-ports.ts';
import * as tieredAnswer from '../../src/network/tiered-answer.ts';
import * as tieredDialect from '../../src/network/tiered-dialect.ts';
import * as tieredParts from '../../src/network/tiered-parts.ts';
import * as tieredPolicy from '../../src/network/tiered-policy.ts';
import * as tieredSide from '../../src/network/tiered-side.ts';
import * as tiers from '../../src/network/tiers.ts';

/** The modules of the engine as one object, so that the laws can also test a broken copy. */
export type Engine = typeof address &
  typeof blocks &
  typeof classes &
  typeof evaluator &
  typeof match &
  typeof matrix &
  typeof nodeSharing &
  typeof outside &
  typeof portSet &
  typeof read &
  typeof readTiered &
  typeof readTieredPorts &
  typeof selector &
  typeof side &
  typeof tierMatch &
  typeof tierPorts &
  typeof tieredAnswer &
  typeof tieredDialect &
  typeof tieredParts &
  typeof tieredPolicy &
  typeof tieredSide &
  typeof tiers;

/** The real engine. */
export const engine: Engine = {
  ...address,
  ...blocks,
  ...classes,
  ...evaluator,
  ...match,
  ...matrix,
  ...nodeSharing,
  ...outside,
  ...portSet,
  ...read,
  ...readTiered,
  ...readTieredPorts,
  ...selector,
  ...side,
  ...tierMatch,
  ...tierPorts,
  ...tieredAnswer,
  ...tieredDialect,
  ...tieredParts,
  ...tieredPolicy,
  ...tieredSide,
  ...tiers,
};

/** The files of the engine, in `src/network/`. */
export const engineModules = [
  'address.ts',
  'blocks.ts',
  'classes.ts',
  'evaluator.ts',
  'match.ts',
  'matrix.ts',
  'node-sharing.ts',
  'outside.ts',
  'port-set.ts',
  'read.ts',
  'read-tiered.ts',
  'read-tiered-ports.ts',
  'reader.ts',
  'selector.ts',
  'side.ts',
  'tier-match.ts',
  'tier-ports.ts',
  'tiered-answer.ts',
  'tiered-dialect.ts',
  'tiered-parts.ts',
  'tiered-policy.ts',
  'tiered-side.ts',
  'tiers.ts',
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
