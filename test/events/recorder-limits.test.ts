import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { another, creation, setUp } from './recorder-scene.ts';
import { occurrence, reference } from './scene.ts';

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) }));
afterEach(() => void vi.useRealTimers());

describe('the limits', () => {
  it('let a namespace say twenty things at once, then ten a minute', async () => {
    const { recorder, pass, all, count } = setUp();
    for (let number = 0; number < 100; number += 1) recorder.record(another(number));
    await pass(60_000);
    expect([all().length, count('dropped')]).toEqual([20, 80]);
    for (let number = 100; number < 200; number += 1) recorder.record(another(number));
    await pass(30_000);
    expect(all()).toHaveLength(30);
  });

  it('of one namespace are not those of another', async () => {
    const { recorder, pass, all } = setUp();
    for (let number = 0; number < 100; number += 1) recorder.record(another(number));
    recorder.record(another(1, 'default'));
    await pass(30_000);
    expect(all().filter(({ metadata }) => metadata.namespace === 'default')).toHaveLength(1);
  });

  it('leave room for what is new beside what goes on and on', async () => {
    const { recorder, pass, seen, writes, count } = setUp();
    for (let second = 0; second < 600; second += 1) {
      for (let number = 0; number < 20; number += 1) recorder.record(another(number));
      await pass(1_000);
    }
    expect(writes().length).toBeLessThan(20 + 10 * 10);
    for (let number = 20; number < 29; number += 1) recorder.record(another(number));
    expect(count('dropped')).toBe(0);
    await pass(20_000);
    expect(seen()).toHaveLength(29);
    // Nothing is lost at the end.
    await pass(30 * 60_000);
    expect(seen().filter((line) => line.endsWith(' x600'))).toHaveLength(20);
  });

  it('of all namespaces together are five Events a second, and a bounded queue', async () => {
    const { recorder, pass, places, writes, count } = setUp();
    for (let number = 0; number < 1_500; number += 1) {
      places.set(`n${number}`, { uid: `uid-${number}` });
      recorder.record(another(0, `n${number}`));
    }
    expect(count('dropped')).toBe(700);
    await pass(10_000);
    expect(writes().length).toBeGreaterThan(40);
    expect(writes().length).toBeLessThan(60);
    // A refusal is dropped while two hundred wait.
    recorder.record(another(0, 'shop'));
    expect(count('dropped')).toBe(701);
    const idle = recorder.idle();
    await pass(200_000);
    await idle;
    expect(writes()).toHaveLength(800);
  });

  it('are one for all Namespaces that are refused: anyone can make up names', async () => {
    const { recorder, pass, all } = setUp();
    for (let number = 0; number < 100; number += 1) recorder.record(creation(number));
    await pass(60_000);
    expect(all()).toHaveLength(20);
    expect(all()[0]).toMatchObject({ metadata: { namespace: 'default' }, involvedObject: { name: 'lab-0' } });
  });

  it('let each use of a permission through a flood of refusals, and first', async () => {
    const { recorder, pass, places, all, count } = setUp();
    for (let number = 0; number < 1_500; number += 1) {
      places.set(`lab-${number}`, { uid: `uid-${number}` });
      recorder.record(another(0, `lab-${number}`));
    }
    await pass(2_000);
    const dropped = count('dropped');
    for (let number = 0; number < 40; number += 1) recorder.record(creation(number, 'PermissionUsed'));
    await pass(10_000);
    expect(count('dropped')).toBe(dropped);
    expect(all().filter(({ reason }) => reason === 'PermissionUsed')).toHaveLength(40);
  });

  it('hold whatever a forger names', async () => {
    const { recorder, pass, calls } = setUp();
    for (let number = 0; number < 10_000; number += 1)
      recorder.record(occurrence({ owners: [reference('ReplicaSet', `forged-${number}`)], checks: [`${number}`] }));
    await pass(60_000);
    expect(calls.length).toBeLessThan(100);
  });
});
