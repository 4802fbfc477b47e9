import { describe, expect, it } from 'vitest';
import { installed, keeper, type Told, versionAnnotation } from './keeper-scene.ts';

describe('a changed configuration', () => {
  it.each([
    ['Mutating', 'Validating'],
    ['Validating', 'Mutating'],
  ] as const)(
    'that has the %s side go first brings the other to its version when API servers know it',
    async (first, other) => {
      const { configurations, clock } = await installed();
      const kept = keeper(configurations, clock, { caBundle: 'PEM', refreshed: undefined, version: '8', first });
      expect(await kept.check()).toBe(false);
      clock.move(999);
      expect(await kept.check()).toBe(false);
      expect(configurations.log).toEqual([`replace ${first}`]);
      clock.move(1);
      expect(await kept.check()).toBe(true);
      expect(configurations.log).toEqual([`replace ${first}`, `replace ${other}`]);
    },
  );

  it('that is followed by another at once is passed over on the other side', async () => {
    const { configurations, clock } = await installed();
    const told: Told = { caBundle: 'PEM', refreshed: undefined, version: '8', first: 'Mutating' };
    const kept = keeper(configurations, clock, told);
    await kept.check();
    clock.move(500);
    Object.assign(told, { version: '9', first: 'Validating' });
    await kept.check();
    clock.move(999);
    await kept.check();
    expect(configurations.log).toEqual(['replace Mutating', 'replace Validating']);
    clock.move(1);
    await kept.check();
    expect(configurations.log).toEqual(['replace Mutating', 'replace Validating', 'replace Mutating']);
  });

  it('keeps nothing from being repaired that was changed', async () => {
    const { configurations, clock } = await installed();
    const kept = keeper(configurations, clock, { caBundle: 'PEM', refreshed: undefined, version: '7' });
    for (const raw of configurations.objects.values()) raw.webhooks = [];
    await kept.check();
    expect(configurations.log).toEqual(['replace Mutating', 'replace Validating']);
  });
});

describe('a newer configuration', () => {
  it("is not overwritten by an older one's replica, which says so once", async () => {
    const { configurations, clock, keeper: older } = await installed();
    const newer = keeper(configurations, clock, { caBundle: 'NEWER', refreshed: undefined, version: '8' });
    await newer.check();
    clock.move(1000);
    await newer.check();
    expect(configurations.log).toEqual(['replace Mutating', 'replace Validating']);
    for (let round = 0; round < 3; round += 1) expect(await older.check()).toBe(true);
    expect(configurations.log).toHaveLength(2);
    expect(older.said.filter((message) => message.includes('left alone'))).toHaveLength(2);
  });

  it.each([
    ['8', 2],
    ['12', 0],
    ['13', 0],
  ])(
    'that the cluster does not have (it has %s; the annotation says 12) is repaired: %i writes',
    async (live, writes) => {
      const { configurations, clock } = await installed();
      for (const raw of configurations.objects.values()) {
        Object.assign(raw.metadata['annotations'] as object, { [versionAnnotation]: '12' });
        raw.webhooks = [];
      }
      const told: Told = { caBundle: 'PEM', refreshed: undefined, version: '7' };
      const kept = keeper(configurations, clock, told, { liveVersion: async () => live });
      await kept.check();
      clock.move(1000);
      await kept.check();
      expect(configurations.log).toHaveLength(writes);
    },
  );
});

describe('another release', () => {
  const precedence = (yields: boolean) => ({ yieldsTo: async () => yields });

  it('is written over only by one that need not yield, and nothing is written while both agree', async () => {
    const { configurations, clock } = await installed();
    const older = keeper(configurations, clock, undefined, { release: '0.1.0', precedence: precedence(true) });
    const newer = keeper(configurations, clock, undefined, { release: '0.2.0', precedence: precedence(false) });
    for (let round = 0; round < 3; round += 1) {
      await newer.check();
      await older.check();
      clock.move(1000);
    }
    expect(configurations.log).toEqual(['replace Mutating', 'replace Validating']);
    expect(configurations.objects.get('Mutating')?.metadata['annotations']).toMatchObject({
      'ringfence.dev/release': '0.2.0',
    });
    expect(older.said).toEqual(Array(2).fill('webhooks of a newer configuration or another release are left alone'));
  });
});
