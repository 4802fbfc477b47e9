import { describe, expect, it } from 'vitest';
import { engine } from './engine.ts';
import { laws } from './laws.ts';

for (const [name, group] of Object.entries(laws)) {
  describe(name, () => {
    it.each(group)('$law', ({ actual, expected }) => {
      expect(actual(engine)).toEqual(expected);
    });
  });
}
