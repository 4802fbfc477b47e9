import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEvaluator } from '../../src/network/evaluator.ts';
import { createMatrix } from '../../src/network/matrix.ts';
import { hasPort } from '../../src/network/port-set.ts';
import type { Reach } from '../../src/network/reach-table.ts';
import type { Protocol } from '../../src/network/rules.ts';
import type { Verdict } from '../../src/network/side.ts';
import type { World } from '../../src/network/world.ts';
import { probes, randomWorld } from './random-world.ts';

describe('the matrix by classes', () => {
  it('says what the evaluator says of every pair of different pods, port by port', () => {
    fc.assert(
      fc.property(randomWorld, (world) => {
        expect(disagreements(world)).toEqual([]);
      }),
      // A fixed seed gives the same worlds on each machine.
      { numRuns: 400, seed: 20_261_122 },
    );
  });

  it('has rows that say what it says of single pairs', () => {
    fc.assert(
      fc.property(randomWorld, (world) => {
        const matrix = createMatrix(createEvaluator(world).classes);
        for (const from of matrix.classes) {
          const row = matrix.row(from);
          for (const to of matrix.classes) expect(matrix.reachOf(row[to.index] ?? 0)).toEqual(matrix.between(from, to));
        }
      }),
      { numRuns: 100, seed: 20_261_122 },
    );
  });
});

function disagreements(world: World): readonly string[] {
  const evaluator = createEvaluator(world);
  const matrix = createMatrix(evaluator.classes);
  const wrong: string[] = [];
  for (const source of world.pods) {
    for (const destination of world.pods) {
      const [from, to] = [evaluator.classes.of(source), evaluator.classes.of(destination)];
      if (source === destination || from === undefined || to === undefined) continue;
      const reach = matrix.between(from, to);
      for (const probe of probes) {
        const { verdict } = evaluator.answer({ from: { pod: source }, to: { pod: destination }, ...probe });
        const said = verdictOf(reach, probe.protocol, probe.port);
        if (said !== verdict)
          wrong.push(`${source.name} to ${destination.name} ${probe.protocol}/${probe.port}: ${said} for ${verdict}`);
      }
    }
  }
  return wrong;
}

function verdictOf({ allowed, undecided }: Reach, protocol: Protocol, port: number): Verdict {
  if (hasPort(allowed, protocol, port)) return 'allowed';
  return hasPort(undecided, protocol, port) ? 'undefined' : 'denied';
}
