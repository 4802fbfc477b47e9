import { expect, it } from 'vitest';
import { refusal } from '../api-server/object-store.ts';
import { installed, keeper, type Told } from './keeper-scene.ts';
import type { MemoryConfigurations, Raw } from './memory-configurations.ts';

const message = 'webhooks are changed by something else';
const writes = ({ log }: MemoryConfigurations) => log.filter((call) => call === 'replace Validating').length;

/** Changes every webhook as the admissions enforcer of AKS does. */
function enforce({ objects }: MemoryConfigurations): void {
  for (const { webhooks = [] } of objects.values())
    for (const webhook of webhooks) {
      const selector = (webhook['namespaceSelector'] ?? {}) as { matchExpressions?: { key?: string }[] };
      const missing = enforced.filter(({ key }) => !selector.matchExpressions?.some((found) => found.key === key));
      webhook['namespaceSelector'] = {
        ...selector,
        matchExpressions: [...(selector.matchExpressions ?? []), ...missing],
      };
    }
}

const enforced = [
  { key: 'control-plane', operator: 'NotIn', values: ['true'] },
  { key: 'kubernetes.azure.com/managedby', operator: 'NotIn', values: ['aks'] },
];

it('requirements that a managed cluster adds are kept: nothing is written, and a repair of something else keeps them', async () => {
  const { configurations, clock, keeper } = await installed();
  for (let second = 0; second < 30; second += 1) {
    enforce(configurations);
    await keeper.check();
    clock.move(1000);
  }
  expect([configurations.log, keeper.areKept()]).toEqual([[], true]);
  const [webhook] = configurations.objects.get('Validating')?.webhooks ?? [];
  Object.assign(webhook ?? {}, { timeoutSeconds: 30 });
  await keeper.check();
  const [repaired] = configurations.objects.get('Validating')?.webhooks ?? [];
  expect(repaired).toMatchObject({ timeoutSeconds: 5 });
  expect(repaired?.['namespaceSelector']).toMatchObject({ matchExpressions: [{ key: 'a' }, ...enforced] });
});

it('damage by hand is repaired at once, ten times in a row', async () => {
  const { configurations, keeper } = await installed();
  for (let time = 0; time < 10; time += 1) {
    Object.assign(configurations.objects.get('Validating') ?? {}, { webhooks: [] });
    await keeper.check();
    expect(configurations.objects.get('Validating')?.webhooks).toHaveLength(2);
  }
  expect(keeper.said).not.toContain(message);
});

it('a new version is no repair: many in a row are written at once, each side in its turn', async () => {
  const { configurations, clock } = await installed();
  const told: Told = { caBundle: 'PEM', refreshed: undefined, version: '8' };
  const kept = keeper(configurations, clock, told);
  for (let version = 8; version < 40; version += 1) {
    told.version = String(version);
    await kept.check();
    clock.move(1000);
    await kept.check();
  }
  expect(configurations.log).toEqual(
    Array.from({ length: 32 }, () => ['replace Mutating', 'replace Validating']).flat(),
  );
  expect([kept.said.filter((line) => line === message), kept.areKept()]).toEqual([[], true]);
  Object.assign(configurations.objects.get('Validating') ?? {}, { webhooks: [] });
  await kept.check();
  expect(configurations.objects.get('Validating')?.webhooks).toHaveLength(2);
});

/** A scene in which a rival brings the mutating side back to its older version. */
async function undone() {
  const { configurations, clock } = await installed();
  const older = structuredClone(configurations.objects.get('Mutating'));
  Object.assign(older?.webhooks?.[0]?.clientConfig['service'] ?? {}, { path: '/older' });
  const kept = keeper(configurations, clock, { caBundle: 'PEM', refreshed: undefined, version: '8' });
  async function round(ms: number): Promise<boolean> {
    const isWhole = await kept.check();
    Object.assign(configurations.objects.get('Mutating') ?? {}, structuredClone(older));
    clock.move(ms);
    return isWhole;
  }
  return { configurations, clock, kept, round };
}

it('a version that something else undoes on one side comes to the other when the dispute is over', async () => {
  const { configurations, clock, kept, round } = await undone();
  for (let time = 0; time < 5; time += 1) await round(1_500);
  await kept.check();
  clock.move(999);
  expect(await kept.check()).toBe(false);
  expect(configurations.log).not.toContain('replace Validating');
  clock.move(1);
  expect(await kept.check()).toBe(true);
  expect(configurations.log.at(-1)).toBe('replace Validating');
});

it('a version that something else undoes for half a minute comes to the other side all the same', async () => {
  const { configurations, kept, round } = await undone();
  for (let time = 0; time < 20; time += 1) expect(await round(1_500)).toBe(false);
  expect(configurations.log).not.toContain('replace Validating');
  expect(kept.said).toContain(message);
  expect(await round(1_500)).toBe(true);
  expect(configurations.log.at(-1)).toBe('replace Validating');
});

it('a side that something else undoes under the same version does not let the other go ahead', async () => {
  const { configurations, clock } = await installed();
  const told: Told = { caBundle: 'PEM', refreshed: undefined, version: '8' };
  const kept = keeper(configurations, clock, told);
  for (let time = 0; time < 5; time += 1) {
    expect(await kept.check()).toBe(false);
    Object.assign(configurations.objects.get('Mutating')?.webhooks?.[0] ?? {}, { rules: [] });
    clock.move(1_500);
  }
  expect(configurations.log).not.toContain('replace Validating');
});

it('a side of which something else changes how API servers wait lets the other follow in time', async () => {
  const { configurations, clock } = await installed();
  const kept = keeper(configurations, clock, { caBundle: 'PEM', refreshed: undefined, version: '8' });
  await kept.check();
  Object.assign(configurations.objects.get('Mutating')?.webhooks?.[0] ?? {}, { timeoutSeconds: 30 });
  clock.move(1_000);
  expect(await kept.check()).toBe(true);
});

it('a side that an older release keeps at an older version does not let the other go ahead', async () => {
  const { configurations, clock } = await installed();
  const release = { 'ringfence.dev/release': 'newer' };
  const { metadata } = configurations.objects.get('Mutating') as Raw;
  metadata['annotations'] = { ...(metadata['annotations'] as object), ...release };
  const told: Told = { caBundle: 'PEM', refreshed: undefined, version: '8' };
  const precedence = { yieldsTo: async (found: string | undefined) => found === 'newer' };
  const kept = keeper(configurations, clock, told, { precedence });
  for (let second = 0; second < 30; second += 1) {
    expect(await kept.check()).toBe(false);
    clock.move(1_000);
  }
  expect(configurations.log).toEqual([]);
  expect(await kept.check()).toBe(true);
  expect(configurations.log).toEqual(['replace Validating']);
});

it('a write that is refused is no dispute, however often', async () => {
  const { configurations, keeper: kept } = await installed();
  Object.assign(configurations.objects.get('Validating') ?? {}, { webhooks: [] });
  configurations.before = (verb) => {
    if (verb === 'replace') throw refusal(403);
  };
  for (let time = 0; time < 15; time += 1) await expect(kept.check()).rejects.toThrow('answered 403');
  expect(kept.problem()).toContain('answered 403');
  for (const line of [message, 'webhooks can be kept again']) expect(kept.said).not.toContain(line);
});

it('a tug of war is told once and no longer fought, until the other one stops', async () => {
  const { configurations, clock, keeper } = await installed();
  const meddle = () =>
    Object.assign(configurations.objects.get('Validating')?.webhooks?.[0] ?? {}, { timeoutSeconds: 30 });
  for (let second = 0; second < 300; second += 1) {
    meddle();
    await keeper.check();
    clock.move(1000);
  }
  // Ten repairs at once, and then one in half a minute.
  expect(writes(configurations)).toBeLessThanOrEqual(20);
  expect(keeper.said.filter((line) => line === message)).toHaveLength(1);
  expect(keeper.areKept()).toBe(false);
  expect(keeper.problem()).toBe('something else keeps changing webhooks[pods.ringfence.dev].timeoutSeconds');
  for (let second = 0; second < 150; second += 1) {
    await keeper.check();
    clock.move(1000);
  }
  expect([keeper.areKept(), keeper.problem()]).toEqual([true, undefined]);
  meddle();
  await keeper.check();
  expect(configurations.objects.get('Validating')?.webhooks?.[0]).toMatchObject({ timeoutSeconds: 5 });
});
