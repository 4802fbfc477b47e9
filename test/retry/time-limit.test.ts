import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TimeLimit } from '../../src/retry/time-limit.ts';

let nowMs = 0;

beforeEach(() => {
  nowMs = 0;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Lets time pass in a process that runs. */
function pass(ms: number): void {
  for (let at = 0; at < ms; at += 1) {
    nowMs += 1;
    vi.advanceTimersByTime(1);
  }
}

/** Lets time pass in a process that does nothing, and then reads the timers that are due. */
function standStill(ms: number): void {
  nowMs += ms;
  vi.runOnlyPendingTimers();
}

describe('a time limit', () => {
  it('ends once, after its time', () => {
    let ends = 0;
    new TimeLimit(10, () => {
      ends += 1;
    });
    expect(ends).toBe(0);
    pass(60);
    expect(ends).toBe(1);
  });

  it('does not end where the process stood still beyond its time, until that time has passed again', () => {
    let ends = 0;
    new TimeLimit(100, () => {
      ends += 1;
    });
    standStill(200);
    pass(20);
    expect(ends).toBe(0);
    pass(200);
    expect(ends).toBe(1);
  });

  it('ends at the second time that the process stands still', () => {
    let ends = 0;
    new TimeLimit(100, () => {
      ends += 1;
    });
    standStill(250);
    pass(10);
    standStill(250);
    pass(10);
    expect(ends).toBe(1);
  });

  it('starts its full time again, also after it stood still', () => {
    let ends = 0;
    const limit = new TimeLimit(300, () => {
      ends += 1;
    });
    standStill(400);
    pass(10);
    limit.refresh();
    pass(200);
    expect(ends).toBe(0);
    limit.clear();
  });

  it('that is cleared never ends', () => {
    let ends = 0;
    const limit = new TimeLimit(10, () => {
      ends += 1;
    });
    limit.clear();
    pass(40);
    expect(ends).toBe(0);
  });
});
