import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { refusal } from '../api-server/object-store.ts';
import { another, attempt, setUp } from './recorder-scene.ts';
import { createEventsDouble, occurrence, reference } from './scene.ts';

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) }));
afterEach(() => void vi.useRealTimers());

describe('an occurrence', () => {
  it('is an Event, a second later', async () => {
    const { recorder, pass, seen, outcomes, calls } = setUp();
    recorder.record(attempt(1));
    await pass(999);
    expect(calls).toEqual([]);
    await pass(1);
    expect(seen()).toEqual(['Deployment web x1']);
    expect(outcomes).toEqual(['written']);
  });

  it('that comes again and again is one Event, and few writes', async () => {
    const { recorder, pass, all, seen, writes, count } = setUp();
    for (let number = 1; number <= 20; number += 1) {
      recorder.record(attempt(number));
      await pass(400);
    }
    const idle = recorder.idle();
    await pass(10_000);
    await idle;
    expect(seen()).toEqual(['Deployment web x20']);
    expect(all()[0]?.message).toContain('web-7d4-20');
    expect(writes()).toEqual(['create shop', 'patch shop']);
    expect([count('written'), count('repeated'), count('dropped')]).toEqual([2, 19, 0]);
  });

  it('that comes for an hour is written every ten seconds, and the last of it too', async () => {
    const { recorder, pass, seen, writes } = setUp();
    for (let number = 1; number <= 3_600; number += 1) {
      recorder.record(attempt(number));
      await pass(1_000);
    }
    await pass(20_000);
    expect(seen()).toEqual(['Deployment web x3600']);
    expect(writes().length).toBeGreaterThan(300);
    expect(writes().length).toBeLessThan(365);
  });

  it('that comes back after a silence is counted into the same Event', async () => {
    const { recorder, pass, seen } = setUp();
    recorder.record(attempt(1));
    await pass(30 * 60_000);
    recorder.record(attempt(2));
    await pass(30_000);
    expect(seen()).toEqual(['Deployment web x2']);
  });

  it('is another Event under another check, headline, object or reason', async () => {
    const { recorder, pass, seen } = setUp();
    recorder.record(attempt(1));
    recorder.record({ ...attempt(1), checks: ['label-values'] });
    recorder.record({ ...attempt(1), message: 'Pod shop/web-7d4-1: 2 labels keep it out' });
    recorder.record({ ...attempt(1), owners: [reference('StatefulSet', 'db')] });
    recorder.record({ ...attempt(1), reason: 'PermissionUsed' });
    await pass(30_000);
    const web = 'Deployment web x1';
    expect(seen()).toEqual([web, web, web, 'StatefulSet db x1', web]);
  });

  it('is the same whatever the order of its checks', async () => {
    const { recorder, pass, seen } = setUp();
    recorder.record({ ...attempt(1), checks: ['a', 'b'] });
    recorder.record({ ...attempt(2), checks: ['b', 'a', 'b'] });
    await pass(30_000);
    expect(seen()).toEqual(['Deployment web x2']);
  });

  it('of two ReplicaSets of one Deployment is one Event', async () => {
    const { recorder, pass, seen, workloads } = setUp();
    workloads.set('ReplicaSet shop/web-8e5', [reference('Deployment', 'web')]);
    recorder.record(attempt(1));
    recorder.record({ ...attempt(1), owners: [reference('ReplicaSet', 'web-8e5')] });
    await pass(30_000);
    expect(seen()).toEqual(['Deployment web x2']);
  });

  it('at two replicas is one Event', async () => {
    const double = createEventsDouble();
    const [one, other] = [setUp(double), setUp(double)];
    for (let number = 0; number < 10; number += 1) {
      one.recorder.record(attempt(number));
      other.recorder.record(attempt(number));
      await one.pass(5_000);
    }
    await one.pass(30_000);
    expect(double.seen()).toEqual(['Deployment web x20']);
  });

  it('without an object to stand on is dropped', async () => {
    const { recorder, pass, outcomes, writes } = setUp();
    recorder.record(occurrence({ namespace: undefined }));
    recorder.record(occurrence({ namespace: 'gone' }));
    await pass(30_000);
    expect(outcomes).toEqual(['dropped', 'dropped']);
    expect(writes()).toEqual([]);
  });
});

describe('an API server that fails', () => {
  it.each([0, 429, 500, 503])('with %i for a moment costs nothing', async (code) => {
    const { recorder, pass, seen, hooks, warned } = setUp();
    hooks.before = () => {
      throw refusal(code);
    };
    recorder.record(attempt(1));
    await pass(1_500);
    hooks.before = () => undefined;
    await pass(20_000);
    expect(seen()).toEqual(['Deployment web x1']);
    expect(warned).toEqual([]);
  });

  it('for an hour is asked seldom, and said once a minute', async () => {
    const { recorder, pass, seen, hooks, calls, warned, count } = setUp();
    hooks.before = () => {
      throw refusal(503);
    };
    for (let second = 0; second < 3_600; second += 1) {
      recorder.record(attempt(second));
      recorder.record(another(second));
      await pass(1_000);
    }
    expect(calls.length).toBeLessThan(3_600);
    expect(warned.length).toBeGreaterThan(50);
    expect(warned.length).toBeLessThanOrEqual(60);
    expect(warned[1]).toEqual({ reason: 'answered 503', lost: expect.any(Number) });
    expect(count('failed')).toBeGreaterThan(100);
    hooks.before = () => undefined;
    recorder.record(another(0, 'default'));
    await pass(60_000);
    expect(seen()).toContain('Namespace default x1');
  });

  it.each([403, 404, 422])('with %i means it: once, and not again', async (code) => {
    const { recorder, hooks, writes, outcomes } = setUp();
    hooks.before = (call) => {
      if (call.startsWith('create')) throw refusal(code);
    };
    recorder.record(attempt(1));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(writes()).toEqual(['create shop']);
    expect(outcomes).toEqual(['failed']);
  });
});

describe('stopping', () => {
  it('writes at once what waits, takes no more, and leaves no timer behind', async () => {
    const { recorder, pass, seen, outcomes } = setUp();
    recorder.record(attempt(1));
    await pass(2_000);
    recorder.record(attempt(2));
    recorder.record(another(1));
    recorder.stop();
    recorder.record(another(2));
    await pass(1_500);
    await recorder.idle();
    expect(seen()).toEqual(['Deployment web x2', 'Namespace shop x1']);
    expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(3);
    await pass(400);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits two seconds at most for an API server that gives no answer', async () => {
    const { recorder, pass, hooks, outcomes } = setUp();
    hooks.before = () => new Promise(() => undefined);
    for (let number = 0; number < 4; number += 1) recorder.record(another(number));
    await pass(1_000);
    recorder.stop();
    const idle = recorder.idle();
    await pass(2_000);
    await idle;
    expect(outcomes).toEqual(['dropped', 'dropped']);
    await pass(5_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is done at once where nothing waits', async () => {
    const { recorder } = setUp();
    recorder.stop();
    await recorder.idle();
    expect(vi.getTimerCount()).toBe(0);
  });
});
