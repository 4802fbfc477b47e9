import { describe, it } from 'vitest';
import { engine } from './engine.ts';
import { properties } from './properties.ts';

describe('in every world', () => {
  it.each(properties)('$law', ({ assertOn }) => {
    assertOn(engine);
  });
});
