import { describe, it } from 'vitest';
import { engine } from './engine.ts';
import { properties } from './properties.ts';
import { tierProperties } from './tier-properties.ts';

// Each takes less than a second on an idle machine. The limit is only for a hang.
describe('in every world', { timeout: 60_000 }, () => {
  it.each([...properties, ...tierProperties])('$law', ({ assertOn }) => {
    assertOn(engine);
  });
});
