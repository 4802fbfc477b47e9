import { suggestKnown } from '../config/problem.ts';
import type { JudgedObject } from '../judgement/judgement.ts';
import { rules } from '../judgement/rules.ts';

/** What chooses checks: their ids. */
export interface SelectionOptions {
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
}

/**
 * Returns the ids of the rules that `only` and `skip` leave out, sorted. Throws for an id that does
 * not exist; the message names the option, which begins with `prefix`.
 */
export function skippedChecks({ only, skip }: SelectionOptions, prefix = '--'): readonly string[] {
  const ids = rules.map(({ id }) => id);
  for (const [option, given] of [
    ['only', only ?? []],
    ['skip', skip ?? []],
  ] as const) {
    for (const id of given)
      if (!ids.includes(id))
        throw new Error(`${prefix}${option}: there is no check ${JSON.stringify(id)}; ${suggestKnown(id, ids)}`);
  }
  return ids.filter((id) => (only !== undefined && !only.includes(id)) || skip?.includes(id) === true);
}

/** Returns the objects without the findings of skipped checks. */
export function withoutSkipped(objects: readonly JudgedObject[], skipped: readonly string[]): readonly JudgedObject[] {
  if (skipped.length === 0) return objects;
  return objects.map((object) => ({
    ...object,
    findings: object.findings.filter(({ check }) => !skipped.includes(check)),
  }));
}
