import { describe, expect, it, onTestFinished } from 'vitest';
import { createTurns, type Steps, type Turns } from '../../src/admission/turns.ts';
import { readNamespace } from '../../src/baseline/namespace.ts';
import type { CachedPolicy } from '../../src/baseline/wall.ts';
import type { Config } from '../../src/config/config.ts';
import { createSweep } from '../../src/judgement/sweep.ts';
import { configIn, fenced, identity, networkPolicy } from '../admission/scene.ts';

const open = { ingress: [{}] };
const right = { ingress: [{ from: [{ podSelector: {} }] }] };
const policyOf = (name: string, spec: object, uid = `uid-${name}`) =>
  networkPolicy(name, identity, { ...spec }, { uid }) as unknown as CachedPolicy;

/** A sweep of these policies in the enforcing namespace `shop`, by a clock that goes on at once. */
function setUp(given: readonly CachedPolicy[], { everyMs = 600_000, takes }: { everyMs?: number; takes?: Turns } = {}) {
  const policies = new Map(given.map((policy) => [`shop/${policy.metadata.name}`, policy]));
  const slept: number[] = [];
  const told: string[] = [];
  const stop = new AbortController();
  const world = { config: configIn('enforce') as Config, uptime: 0, onSleep: (_ms: number): void => undefined };
  const sweep = createSweep(
    {
      policies: { values: () => policies.values(), get: (key) => policies.get(key) },
      caches: {
        namespace: () => readNamespace({ metadata: { name: 'shop', labels: fenced } }),
        networkPolicies: () => policies.values(),
        policiesNaming: () => [],
        isWalled: () => true,
      },
      turns: takes ?? createTurns(),
      tell: ({ metadata }) => void told.push(metadata.name ?? ''),
      clock: {
        now: () => world.uptime,
        uptime: () => world.uptime,
        async sleep(ms, signal) {
          slept.push(ms);
          world.uptime += ms;
          await new Promise((resolve) => setImmediate(resolve));
          if (!signal.aborted) world.onSleep(ms);
        },
      },
    },
    () => world.config,
    everyMs,
  );
  onTestFinished(() => stop.abort());
  const denied = () => sweep.counts().filter(({ action, policies: count }) => action === 'deny' && count > 0);
  /** Runs until so many sweeps are over. */
  async function run(sweeps: number): Promise<void> {
    let over = -1;
    world.onSleep = (ms) => {
      if (ms < 9_000 && ms !== 5_000) return;
      over += 1;
      if (over === sweeps) stop.abort();
    };
    await sweep.run(stop.signal);
  }
  return { sweep, policies, slept, told, world, stop, run, denied };
}

describe('the sweep of what exists', () => {
  it('counts the policies by check and action, every pair of them', async () => {
    const { sweep, run, denied } = setUp([policyOf('one', open), policyOf('two', open), policyOf('right', right)]);
    expect(sweep.counts()).toEqual([]);
    await run(1);
    expect(denied()).toContainEqual({ check: 'ingress-from-anyone', action: 'deny', policies: 2 });
    expect(sweep.counts()).toContainEqual({ check: 'flow-matrix', action: 'record', policies: 0 });
    expect(new Set(sweep.counts().map(({ check, action }) => `${check} ${action}`)).size).toBe(sweep.counts().length);
  });

  it('begins soon, rests after each policy, and pauses between two sweeps', async () => {
    const { slept, run } = setUp([policyOf('one', open), policyOf('two', right)]);
    await run(1);
    const [first = 0, one = 0, two = 0, pause = 0] = slept;
    expect([first > 9_000 && first < 11_000, one >= 20, two >= 20]).toEqual([true, true, true]);
    expect(pause).toBeGreaterThanOrEqual(540_000);
    expect(pause).toBeLessThanOrEqual(660_000);
  });

  it('rests twenty times as long as the judging took, and waits while reviews take all turns', async () => {
    let refusals = 2;
    const turns = createTurns();
    const busy: Turns = {
      async take<T>(tenant: string, steps: Steps<T>): Promise<T | undefined> {
        world.uptime += 100;
        refusals -= 1;
        return refusals >= 0 ? undefined : turns.take(tenant, steps);
      },
    };
    const { slept, run, denied, world } = setUp([policyOf('one', open)], { takes: busy });
    await run(1);
    expect(slept.slice(1, 4)).toEqual([2_000, 2_000, 2_000]);
    expect(denied().length).toBeGreaterThan(0);
  });

  it('tells of a policy once in an hour, however often it is judged', async () => {
    const { told, run } = setUp([policyOf('one', open), policyOf('right', right)], { everyMs: 1_000_000 });
    await run(3);
    expect(told).toEqual(['one']);
  });

  it('tells again of what was mended and is wrong again, and of nothing that is gone', async () => {
    const { told, policies, world, sweep, stop } = setUp([policyOf('one', open), policyOf('two', open)]);
    let pauses = -1;
    world.onSleep = (ms) => {
      if (ms < 9_000) return;
      pauses += 1;
      if (pauses === 1) policies.set('shop/one', policyOf('one', right));
      if (pauses === 1) policies.delete('shop/two');
      if (pauses === 2) policies.set('shop/one', policyOf('one', open));
      if (pauses === 3) stop.abort();
    };
    await sweep.run(stop.signal);
    expect(told).toEqual(['one', 'two', 'one']);
  });

  it('tells again after an hour, because an Event is kept for an hour', async () => {
    const { told, run } = setUp([policyOf('one', open)], { everyMs: 4_000_000 });
    await run(2);
    expect(told).toEqual(['one', 'one']);
  });

  it('begins again soon if the configuration changed meanwhile', async () => {
    const { slept, world, run, denied } = setUp([policyOf('one', open)]);
    let isChanged = false;
    const running = run(2);
    const counted = world.onSleep;
    world.onSleep = (ms) => {
      if (ms < 9_000 && !isChanged) {
        isChanged = true;
        world.config = configIn('warn');
      }
      counted(ms);
    };
    await running;
    const [, , pause = 0] = slept;
    expect(pause).toBeLessThan(11_000);
    expect(denied()).toEqual([]);
  });

  it('ends at once', async () => {
    const { sweep, stop, told } = setUp([policyOf('one', open)]);
    stop.abort();
    await sweep.run(stop.signal);
    expect(told).toEqual([]);
  });
});
