import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { readObservation } from '../../src/flows/read.ts';
import { calicoTraps } from './calico-traps.ts';
import { endTraps } from './hubble-end-traps.ts';
import { lineTraps } from './hubble-traps.ts';
import { otherTraps } from './other-traps.ts';
import { observeWith, textOf } from './text.ts';

/** The traps that a reader of flow logs falls into, by the path of its file. */
export async function findSprung(path: string): Promise<readonly string[]> {
  const { readObservation: read } = (await import(pathToFileURL(path).href)) as {
    readonly readObservation: typeof readObservation;
  };
  const sprung: string[] = [];
  for (const { trap, lines, flows, leftOut } of [...lineTraps, ...endTraps, ...calicoTraps, ...otherTraps]) {
    try {
      const observation = await observeWith(read, [lines.join('\n')]);
      const isRight =
        isDeepStrictEqual(textOf(observation), flows) &&
        (leftOut === undefined || isDeepStrictEqual(Object.fromEntries(observation.leftOut), leftOut));
      if (!isRight) sprung.push(trap);
    } catch {
      // A reader that throws falls into the trap as well.
      sprung.push(trap);
    }
  }
  return sprung;
}
