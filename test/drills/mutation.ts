import type { Mistake } from '../mutations/edit.ts';

/** One way to break the code, and the drill that must fail then. */
export interface DrillMutation extends Mistake {
  /** The file in test/drills/. */
  readonly file: string;
  /** Which of its tests are enough, as `vitest -t` takes it; all where undefined. */
  readonly only?: string;
}
