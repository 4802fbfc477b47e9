import type { Mistake } from '../mutations/edit.ts';

/** A way to break the code, and the drill that must then fail. */
export interface DrillMutation extends Mistake {
  /** The file in test/drills/. */
  readonly file: string;
  /** The tests that are enough, in the form of `vitest -t`; undefined for all. */
  readonly only?: string;
}
