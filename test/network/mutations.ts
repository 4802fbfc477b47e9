import type { engineModules } from './engine.ts';
import { evaluatorMutations } from './mutations/evaluator.ts';
import { partMutations } from './mutations/parts.ts';
import { readMutations } from './mutations/read.ts';

/**
 * One way to break the engine: a text that stands exactly once in a file of `src/network/`, and
 * what a mistake would make of it.
 */
export interface Mutation {
  readonly name: string;
  readonly file: (typeof engineModules)[number];
  readonly from: string;
  readonly to: string;
}

/**
 * The mistakes that evaluators make: those of real ones, and those that this one's code invites.
 */
export const mutations: readonly Mutation[] = [...readMutations, ...evaluatorMutations, ...partMutations];
