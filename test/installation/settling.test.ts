import { expect, it } from 'vitest';
import { createSettling } from '../../src/installation/settling.ts';
import { handClock } from '../hand-clock.ts';

function setUp() {
  const clock = handClock();
  return { clock, settling: createSettling(clock) };
}

it('the second may follow when the first has been current for a second', () => {
  const { clock, settling } = setUp();
  expect(settling.isDue('Mutating 8', true)).toBe(false);
  clock.move(999);
  expect(settling.isDue('Mutating 8', true)).toBe(false);
  clock.move(1);
  expect(settling.isDue('Mutating 8', true)).toBe(true);
});

it.each<[string, (settling: ReturnType<typeof createSettling>) => void]>([
  ['another version', (settling) => void settling.isDue('Mutating 9', true)],
  ['a look at which the first was not current', (settling) => void settling.isDue('Mutating 8', false)],
  ['a failure', (settling) => settling.forget()],
])('the second begins again to be counted after %s', (_, disturb) => {
  const { clock, settling } = setUp();
  settling.isDue('Mutating 8', true);
  clock.move(900);
  disturb(settling);
  clock.move(900);
  expect(settling.isDue('Mutating 8', true)).toBe(false);
});

it('a dispute that has ended does not shorten the wait of the next one', () => {
  const { clock, settling } = setUp();
  settling.isDue('Mutating 8', false);
  clock.move(29_999);
  expect(settling.isDue('Mutating 8', false)).toBe(false);
  settling.end();
  settling.isDue('Mutating 9', false);
  clock.move(29_999);
  expect(settling.isDue('Mutating 9', false)).toBe(false);
  clock.move(1);
  expect(settling.isDue('Mutating 9', false)).toBe(true);
});
