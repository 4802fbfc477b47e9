import { describe, expect, it } from 'vitest';
import { refusal } from '../api-server/object-store.ts';
import { handClock } from '../hand-clock.ts';
import { installed, keeper, type Told } from './keeper-scene.ts';
import { type MemoryConfigurations, memoryConfigurations } from './memory-configurations.ts';

describe('a first install', () => {
  it('makes the mutating side, and the validating side only when API servers know the first', async () => {
    const [configurations, clock] = [memoryConfigurations(), handClock()];
    const kept = keeper(configurations, clock);
    expect(await kept.check()).toBe(false);
    expect(configurations.log).toEqual(['create Mutating']);
    clock.move(999);
    expect(await kept.check()).toBe(false);
    clock.move(1);
    expect(await kept.check()).toBe(true);
    expect(configurations.log).toEqual(['create Mutating', 'create Validating']);
    expect(kept.said).toEqual(['webhooks created', 'webhooks created']);
  });

  it('is one again where both were deleted: the mutating side has to become known anew', async () => {
    const { configurations, clock, keeper: kept } = await installed();
    configurations.objects.clear();
    expect(await kept.check()).toBe(false);
    clock.move(1000);
    expect(await kept.check()).toBe(true);
    expect(configurations.log).toEqual(['create Mutating', 'create Validating']);
  });

  it('by several replicas at once makes each once', async () => {
    const [configurations, clock] = [memoryConfigurations(), handClock()];
    const replicas = [1, 2, 3].map(() => keeper(configurations, clock));
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(replicas.map((kept) => kept.check()));
      clock.move(1000);
    }
    expect(configurations.log).toEqual(['create Mutating', 'create Validating']);
  });
});

describe('at rest', () => {
  it('nothing is written', async () => {
    const { configurations, clock, keeper: kept } = await installed();
    for (let round = 0; round < 60; round += 1) {
      await kept.check();
      clock.move(1000);
    }
    expect(configurations.log).toEqual([]);
  });
});

describe('a check', () => {
  it.each(['Mutating', 'Validating'] as const)('makes a deleted %s side at once', async (kind) => {
    const { configurations, keeper: kept } = await installed();
    configurations.objects.delete(kind);
    expect(await kept.check()).toBe(true);
    expect(configurations.log).toEqual([`create ${kind}`]);
  });

  it('repairs what was changed, and nothing else', async () => {
    const { configurations, keeper: kept } = await installed();
    const there = configurations.objects.get('Validating');
    if (there !== undefined) there.webhooks = there.webhooks?.slice(1) ?? [];
    await kept.check();
    expect(configurations.log).toEqual(['replace Validating']);
    expect(configurations.objects.get('Validating')?.webhooks).toHaveLength(2);
    await kept.check();
    expect(configurations.log).toHaveLength(1);
  });

  it('that another replica overtakes reads again instead of failing', async () => {
    const { configurations, keeper: kept } = await installed();
    const there = configurations.objects.get('Validating');
    if (there !== undefined) there.webhooks = [];
    let overtaken = false;
    configurations.before = (verb) => {
      if (verb !== 'replace' || overtaken || there === undefined) return;
      overtaken = true;
      there.metadata.resourceVersion = 'another';
    };
    expect(await kept.check()).toBe(true);
    expect(configurations.objects.get('Validating')?.webhooks).toHaveLength(2);
  });

  it('says what something else keeps changing', async () => {
    const { configurations, clock, keeper: kept } = await installed();
    const there = configurations.objects.get('Validating');
    if (there !== undefined) there.webhooks = [];
    const meddled: MemoryConfigurations = {
      ...configurations,
      replace: async (kind, configuration) => configurations.replace(kind, { ...configuration, webhooks: [] }),
    };
    const watcher = keeper(meddled, clock);
    await watcher.check();
    expect(watcher.said).toContain('webhooks are changed by something else');
    expect(kept.said).not.toContain('webhooks are changed by something else');
    expect([watcher.areKept(), kept.areKept()]).toEqual([false, true]);
    meddled.replace = configurations.replace;
    await watcher.check();
    expect(watcher.areKept()).toBe(true);
  });
});

describe('the webhooks are kept', () => {
  it('once both sides are in place', async () => {
    const [configurations, clock] = [memoryConfigurations(), handClock()];
    const kept = keeper(configurations, clock);
    expect(kept.areKept()).toBe(false);
    await kept.check();
    expect(kept.areKept()).toBe(false);
    clock.move(1000);
    await kept.check();
    expect(kept.areKept()).toBe(true);
  });

  it('no longer where the cluster gives no answer, until it does', async () => {
    const { configurations, clock, keeper: kept } = await installed();
    configurations.before = () => {
      throw refusal(503);
    };
    await expect(kept.check()).rejects.toThrow();
    expect(kept.areKept()).toBe(false);
    configurations.before = () => undefined;
    await kept.check();
    clock.move(1000);
    await kept.check();
    expect(kept.areKept()).toBe(true);
  });
});

describe('the bundle', () => {
  it('is published once both sides carry it', async () => {
    const [configurations, clock] = [memoryConfigurations(), handClock()];
    const told: Told = { caBundle: 'OLD', refreshed: undefined, version: '7' };
    const kept = keeper(configurations, clock, told);
    await kept.check();
    expect(kept.isPublished('OLD')).toBe(false);
    clock.move(1000);
    await kept.check();
    expect(kept.isPublished('OLD')).toBe(true);
    told.caBundle = 'NEW';
    expect(kept.isPublished('NEW')).toBe(false);
    await kept.check();
    expect([kept.isPublished('NEW'), kept.isPublished('OLD')]).toEqual([true, false]);
    configurations.before = () => {
      throw refusal(500);
    };
    await expect(kept.check()).rejects.toThrow();
    expect(kept.isPublished('NEW')).toBe(false);
  });

  it('of another replica is not undone by one that has not read the Secret yet', async () => {
    const { configurations, clock } = await installed();
    await keeper(configurations, clock, { caBundle: 'NEW', refreshed: undefined, version: '7' }).check();
    configurations.log.length = 0;
    await keeper(configurations, clock, { caBundle: 'PEM', refreshed: 'NEW', version: '7' }).check();
    expect(configurations.log).toEqual([]);
  });
});

describe('start', () => {
  it('tries until both are there, then checks until aborted, and says a failure once', async () => {
    const [configurations, clock, stop] = [memoryConfigurations(), handClock(), new AbortController()];
    let gets = 0;
    configurations.before = (verb) => {
      gets += verb === 'get' ? 1 : 0;
      if (gets <= 3) throw refusal(503);
    };
    const kept = keeper(configurations, clock);
    let isStarted = false;
    const started = kept.start(stop.signal).then(() => {
      isStarted = true;
    });
    const until = async (condition: () => boolean): Promise<number> => {
      for (let waitedMs = 0; ; waitedMs += 100) {
        if (condition()) return waitedMs;
        await new Promise((resolve) => setImmediate(resolve));
        clock.move(100);
      }
    };
    await until(() => isStarted);
    await started;
    expect(configurations.log).toEqual(['create Mutating', 'create Validating']);
    expect(kept.said.filter((message) => message === 'webhooks could not be kept')).toHaveLength(1);
    expect(kept.said).toContain('webhooks can be kept again');
    configurations.objects.delete('Validating');
    // A second and its tenth, by which the pauses differ, to the next step of the clock.
    expect(await until(() => configurations.objects.has('Validating'))).toBeLessThanOrEqual(1_200);
    stop.abort();
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    const last = gets;
    clock.move(60_000);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(gets).toBe(last);
  });
});
