import { describe, expect, it } from 'vitest';
import { createPrecedence, unknownRelease } from '../../src/installation/precedence.ts';
import { compareReleases } from '../../src/installation/release.ts';
import { handClock } from '../hand-clock.ts';

describe('releases', () => {
  it.each([
    ['0.1.0', '0.1.0', 0],
    ['0.2.0', '0.1.9', 1],
    ['0.10.0', '0.9.0', 1],
    ['1.0.0-rc.1', '1.0.0', -1],
    ['1.0.0-rc.2', '1.0.0-rc.10', -1],
    ['1.0.0+build', '1.0.0', 0],
  ])('%s and %s are ordered by version: %i', (one, other, order) => {
    expect(Math.sign(compareReleases(one, other) ?? Number.NaN) + 0).toBe(order);
    expect(Math.sign(compareReleases(other, one) ?? Number.NaN) + 0).toBe(0 - order);
  });

  it.each(['', 'unknown', '1.0', 'v1.0.0', '1.0.0.0', '9999999999.0.0'])('%j is no version', (text) => {
    expect(compareReleases(text, '1.0.0')).toBeUndefined();
  });
});

function scene(...present: readonly string[]) {
  const clock = handClock();
  const there = new Set(present);
  return { clock, there, precedence: createPrecedence({ release: '0.2.0', rollCall: async () => there, clock }) };
}

describe('a release', () => {
  it.each<[string, string[], string | undefined, boolean]>([
    ['writes over its own work', ['0.2.0'], '0.2.0', false],
    ["writes over an older release's work at once, for that one leaves it alone", ['0.2.0', '0.1.0'], '0.1.0', false],
    ['yields to a newer one that answers, whoever wrote last', ['0.2.0', '0.3.0'], '0.2.0', true],
    ['waits for one that does not know of releases to be gone', ['0.2.0', unknownRelease], undefined, true],
    ['writes over the work of one that did not and is gone', ['0.2.0'], undefined, false],
    ['writes where nobody answers', [], undefined, false],
    ['does not yield to an annotation that is no version', ['0.2.0'], 'latest', false],
  ])('%s', async (_, present, writer, expected) => {
    expect(await scene(...present).precedence.yieldsTo(writer)).toBe(expected);
  });

  it("takes over from a newer one half a minute after that one's last answer, as after a rollback", async () => {
    const { clock, there, precedence } = scene('0.2.0');
    /** Asks about work of the newer release every second, as for webhooks that differ. */
    async function yieldsFor(seconds: number): Promise<void> {
      for (let second = 0; second < seconds; second += 1) {
        expect(await precedence.yieldsTo('0.3.0')).toBe(true);
        clock.move(1_000);
      }
    }
    await yieldsFor(29);
    there.add('0.3.0');
    await yieldsFor(1);
    there.delete('0.3.0');
    await yieldsFor(29);
    clock.move(999);
    expect(await precedence.yieldsTo('0.3.0')).toBe(true);
    clock.move(1);
    expect(await precedence.yieldsTo('0.3.0')).toBe(false);
    // The newer one is installed again, and writes before it answers.
    clock.move(3_600_000);
    await yieldsFor(30);
    expect(await precedence.yieldsTo('0.3.0')).toBe(false);
  });

  it('waits for one that does not know of releases until it has drained', async () => {
    const { clock, there, precedence } = scene('0.2.0', unknownRelease);
    expect(await precedence.yieldsTo(undefined)).toBe(true);
    there.delete(unknownRelease);
    clock.move(9_999);
    expect(await precedence.yieldsTo(undefined)).toBe(true);
    clock.move(1);
    expect(await precedence.yieldsTo(undefined)).toBe(false);
  });
});
