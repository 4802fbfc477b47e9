import { expect, it } from 'vitest';
import { tellSometimes } from '../../src/telemetry/sometimes.ts';

it('a reason is told at once, then once in a minute with its number, each by itself', () => {
  const lines: unknown[] = [];
  let at = 0;
  const tell = tellSometimes(
    { warn: (facts: unknown, message: unknown) => void lines.push([facts, message]) },
    'refused',
    () => at,
  );
  for (const [seconds, reason] of [
    [0, 'a'],
    [1, 'a'],
    [2, 'b'],
    [59, 'a'],
    [60, 'a'],
    [61, 'a'],
    [200, 'a'],
  ] as const) {
    at = seconds * 1000;
    tell(reason);
  }
  expect(lines).toEqual([
    [{ reason: 'a', count: 1 }, 'refused'],
    [{ reason: 'b', count: 1 }, 'refused'],
    [{ reason: 'a', count: 3 }, 'refused'],
    [{ reason: 'a', count: 2 }, 'refused'],
  ]);
});
