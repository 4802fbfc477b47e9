import type { engineModules } from './engine.ts';
import { evaluatorMutations } from './mutations/evaluator.ts';
import { partMutations } from './mutations/parts.ts';
import { readMutations } from './mutations/read.ts';
import { tierMutations } from './mutations/tiers.ts';

/**
 * A way to break the engine: a text that occurs exactly once in a file of `src/network/`, and its
 * replacement by a mistake.
 */
export interface Mutation {
  readonly name: string;
  readonly file: (typeof engineModules)[number];
  readonly from: string;
  readonly to: string;
}

/** The mistakes of evaluators: those of real ones, and those that are likely in this code. */
export const mutations: readonly Mutation[] = [
  ...readMutations,
  ...evaluatorMutations,
  ...partMutations,
  ...tierMutations,
];
