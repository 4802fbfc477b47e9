import { describe, expect, it } from 'vitest';
import { createServerClock } from '../../src/cluster/server-clock.ts';
import { handClock } from '../hand-clock.ts';

const noon = Date.parse('2026-03-01T12:00:00Z');
const http = (time: number) => new Date(time).toUTCString();

describe('the time of the API server', () => {
  it('is that of this machine until an answer says another', () => {
    const clock = createServerClock(handClock(noon));
    for (const date of [undefined, 'soon', ['x']]) clock.heard(date);
    expect(clock.now()).toBe(noon);
  });

  it.each([3_600_000, -3_600_000])('does not depend on a clock that is off by %d ms', (offMs) => {
    const hand = handClock(noon + offMs);
    const clock = createServerClock(hand);
    clock.heard(http(noon));
    hand.move(90_000);
    expect(clock.now()).toBe(noon + 90_000);
  });

  it('is never ahead of the API server, and comes as near as the answers allow', () => {
    const hand = handClock(0);
    const clock = createServerClock(hand);
    // The answers arrive 900, 100 and 700 ms after a full second.
    for (const [ms, time] of [
      [900, noon],
      [200, noon + 1000],
      [600, noon + 1000],
    ] as const) {
      hand.move(ms);
      clock.heard(http(time));
    }
    expect(clock.now()).toBe(noon + 1600);
  });

  it('follows a clock that was set back, and one that was set forward', () => {
    const hand = handClock(0);
    const clock = createServerClock(hand);
    for (const time of [noon, noon - 60_000, noon + 60_000]) {
      clock.heard(http(time));
      expect(clock.now()).toBe(time);
    }
  });
});
