import { expect, it } from 'vitest';
import { installed } from './keeper-scene.ts';
import type { MemoryConfigurations } from './memory-configurations.ts';

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
