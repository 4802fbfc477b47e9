import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { TimeLimit } from '../../src/retry/time-limit.ts';

/** Keeps this thread from doing anything, as a container without processor time is kept. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('a time limit', () => {
  it('ends once, after its time', async () => {
    let ends = 0;
    new TimeLimit(10, () => {
      ends += 1;
    });
    expect(ends).toBe(0);
    await delay(60);
    expect(ends).toBe(1);
  });

  it('does not end where the process stood still beyond its time, until that time has passed again', async () => {
    let ends = 0;
    new TimeLimit(100, () => {
      ends += 1;
    });
    standStill(200);
    await delay(20);
    expect(ends).toBe(0);
    await delay(200);
    expect(ends).toBe(1);
  });

  it('ends at the second time that the process stands still', async () => {
    let ends = 0;
    new TimeLimit(100, () => {
      ends += 1;
    });
    standStill(250);
    await delay(10);
    standStill(250);
    await delay(10);
    expect(ends).toBe(1);
  });

  it('starts its full time again, also after it stood still', async () => {
    let ends = 0;
    const limit = new TimeLimit(300, () => {
      ends += 1;
    });
    standStill(400);
    await delay(10);
    limit.refresh();
    await delay(200);
    expect(ends).toBe(0);
    limit.clear();
  });

  it('that is cleared never ends', async () => {
    let ends = 0;
    const limit = new TimeLimit(10, () => {
      ends += 1;
    });
    limit.clear();
    await delay(40);
    expect(ends).toBe(0);
  });
});
