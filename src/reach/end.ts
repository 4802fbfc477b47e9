import type { Range } from '../network/address.ts';
import type { Endpoint } from '../network/evaluator.ts';
import type { Service } from '../network/service.ts';

/** A pod, an address, or all addresses of a range. */
export type End = Endpoint | { readonly range: Range };

/**
 * One end of a question as it was written, and the pods or addresses that it means in this world.
 */
export interface ResolvedEnd {
  readonly text: string;
  /** At least one. */
  readonly ends: readonly End[];
  /** The Service that was asked about, whose ports lead to those of its pods. */
  readonly service?: Service;
  /** What a reader of the answer should know: a clause. */
  readonly remark?: string;
}

/** Why an end means nothing here: one clause on one line. */
export interface Unresolved {
  readonly error: string;
}

/** Whether the text was resolved to ends. */
export function isResolved(end: ResolvedEnd | Unresolved): end is ResolvedEnd {
  return 'ends' in end;
}

/** Whether both ends are only addresses outside the cluster. */
export function areOutside(from: ResolvedEnd, to: ResolvedEnd): boolean {
  return [...from.ends, ...to.ends].every((end) => 'address' in end);
}
