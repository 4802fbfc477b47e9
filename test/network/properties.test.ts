import { describe, it } from 'vitest';
import { engine } from './engine.ts';
import { properties } from './properties.ts';

// Under a second each on an idle machine; the time is a guard against a stall, not a measure.
describe('in every world', { timeout: 60_000 }, () => {
  it.each(properties)('$law', ({ assertOn }) => {
    assertOn(engine);
  });
});
