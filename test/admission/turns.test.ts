import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createTurns, defaultTurnLimits, type Steps } from '../../src/admission/turns.ts';

/** Work of some steps, each noted as it is taken. */
function* steps(name: string, count: number, taken: string[]): Steps<string> {
  for (let step = 1; step < count; step += 1) {
    taken.push(name);
    yield;
  }
  taken.push(name);
  return name;
}

describe('turns', () => {
  it('are taken one job after another, by the tenants in turn', async () => {
    const turns = createTurns();
    const taken: string[] = [];
    const all = ['a1', 'a2', 'a3', 'b1'].map((name) => turns.take(name.slice(0, 1), steps(name, 2, taken)));
    expect(taken).toEqual([]);
    expect(await Promise.all(all)).toEqual(['a1', 'a2', 'a3', 'b1']);
    expect(taken).toEqual(['a1', 'a1', 'b1', 'b1', 'a2', 'a2', 'a3', 'a3']);
  });

  it('let everyone else in after each slice', async () => {
    const turns = createTurns({ ...defaultTurnLimits, sliceMs: 0 });
    const taken: string[] = [];
    const others: number[] = [];
    const job = turns.take('a', steps('a', 5, taken));
    for (let count = 0; count < 3; count += 1) {
      await new Promise(setImmediate);
      others.push(taken.length);
    }
    expect(await job).toBe('a');
    expect(others[2]).toBeLessThan(5);
    expect(others[0]).toBeLessThan(others[2] ?? 0);
  });

  it('are refused at once where too many wait: of one tenant, and of all', async () => {
    const turns = createTurns({ ...defaultTurnLimits, waiting: 2, waitingInAll: 3 });
    const taken: string[] = [];
    const ask = (names: readonly string[]) =>
      Promise.all(names.map((name) => turns.take(name.slice(0, 1), steps(name, 1, taken))));
    expect(await ask(['a1', 'a2', 'a3'])).toEqual(['a1', 'a2', undefined]);
    // There is room again.
    expect(await ask(['a1', 'b1', 'c1', 'd1'])).toEqual(['a1', 'b1', 'c1', undefined]);
  });

  it('are given up by the tenant with most of them for one with fewer', async () => {
    const turns = createTurns({ ...defaultTurnLimits, waiting: 3, waitingInAll: 3 });
    const names = ['a1', 'a2', 'a3', 'b1', 'b2'];
    const all = names.map((name) => turns.take(name.slice(0, 1), steps(name, 1, [])));
    expect(await Promise.all(all)).toEqual(['a1', 'a2', undefined, 'b1', undefined]);
  });

  it('end with the patience of the API server', async () => {
    const turns = createTurns({ ...defaultTurnLimits, sliceMs: 0, patienceMs: 20 });
    function* endless(): Steps<string> {
      for (;;) yield;
    }
    const taken: string[] = [];
    const late = turns.take('a', endless());
    const later = turns.take('a', steps('later', 1, taken));
    expect([await late, await later]).toEqual([undefined, undefined]);
    expect(await turns.take('a', steps('a', 1, taken))).toBe('a');
  });

  it('end by default with time left to answer, before the API server gives up', async () => {
    onTestFinished(() => void vi.useRealTimers());
    vi.useFakeTimers({ toFake: ['performance'] });
    function* slow(): Steps<string> {
      for (;;) {
        vi.advanceTimersByTime(100);
        yield;
      }
    }
    const begunAt = performance.now();
    expect(await createTurns().take('a', slow())).toBeUndefined();
    expect(performance.now() - begunAt).toBeLessThan(4_000);
  });

  it('go on after work that throws', async () => {
    const turns = createTurns();
    const onReturn = vi.fn();
    function* broken(): Steps<string> {
      yield;
      onReturn();
      throw new Error('defect');
    }
    const job = turns.take('a', broken());
    const next = turns.take('a', steps('a', 1, []));
    await expect(job).rejects.toThrow('defect');
    expect(onReturn).toHaveBeenCalledOnce();
    expect(await next).toBe('a');
  });
});
