import { describe, expect, it } from 'vitest';
import { reachEntryName } from '../../src/admission/reach.ts';
import type { WebhookConfiguration } from '../../src/installation/webhook-configuration.ts';
import { type HandClock, handClock } from '../hand-clock.ts';
import { keeper } from './keeper-scene.ts';
import { type MemoryConfigurations, memoryConfigurations, template } from './memory-configurations.ts';

const address = 'https://ringfence.ringfence-system.svc:443';

/** With an entry that fails closed, and the one of the proof. */
function closed(kind: 'Mutating' | 'Validating'): WebhookConfiguration {
  const { webhooks, ...others } = template(kind);
  const [first] = webhooks;
  return {
    ...others,
    webhooks: [
      { ...first, name: 'pods.ringfence.dev', clientConfig: {}, ...{ failurePolicy: 'Fail' } },
      { ...first, name: reachEntryName, clientConfig: {}, ...{ failurePolicy: 'Fail' } },
    ],
  };
}

function replica(configurations: MemoryConfigurations, clock: HandClock, isProved: () => boolean, at = address) {
  const desired = () => ({
    mutating: closed('Mutating'),
    validating: closed('Validating'),
    first: 'Mutating' as const,
  });
  return keeper(configurations, clock, undefined, { desired, reach: { address: at, isProved } });
}

const policies = ({ objects }: MemoryConfigurations) =>
  objects.get('Validating')?.webhooks?.map((webhook) => [webhook['failurePolicy'], webhook['timeoutSeconds']]);
const open = [
  ['Ignore', 1],
  ['Fail', 5],
];
const shut = [
  ['Fail', 5],
  ['Fail', 5],
];

async function settle(kept: ReturnType<typeof replica>, clock: HandClock): Promise<void> {
  await kept.check();
  clock.move(1000);
  await kept.check();
}

describe('entries', () => {
  it('fail open, and are waited for a second at most, until the API server has reached them', async () => {
    const [configurations, clock] = [memoryConfigurations(), handClock()];
    let isProved = false;
    const kept = replica(configurations, clock, () => isProved);
    await settle(kept, clock);
    expect([policies(configurations), kept.failsOpen()]).toEqual([open, true]);
    isProved = true;
    await kept.check();
    expect([policies(configurations), kept.failsOpen()]).toEqual([shut, false]);
  });

  it('stay closed by the proof of another replica, or of one that was there before', async () => {
    const [configurations, clock] = [memoryConfigurations(), handClock()];
    await settle(
      replica(configurations, clock, () => true),
      clock,
    );
    configurations.log.length = 0;
    const restarted = replica(configurations, clock, () => false);
    await settle(restarted, clock);
    expect([configurations.log, policies(configurations), restarted.failsOpen()]).toEqual([[], shut, false]);
  });

  it('are closed again where they are weakened, by a replica without a proof of its own too', async () => {
    const [configurations, clock] = [memoryConfigurations(), handClock()];
    await settle(
      replica(configurations, clock, () => true),
      clock,
    );
    Object.assign(configurations.objects.get('Validating')?.webhooks?.[0] ?? {}, { failurePolicy: 'Ignore' });
    await replica(configurations, clock, () => false).check();
    expect(policies(configurations)).toEqual(shut);
  });

  it('are made closed at once after a deletion, where this process has had its proof', async () => {
    const [configurations, clock] = [memoryConfigurations(), handClock()];
    const kept = replica(configurations, clock, () => true);
    await settle(kept, clock);
    configurations.objects.delete('Validating');
    await kept.check();
    expect(policies(configurations)).toEqual(shut);
  });

  it('fail open again at another address, which nothing has reached yet', async () => {
    const [configurations, clock] = [memoryConfigurations(), handClock()];
    await settle(
      replica(configurations, clock, () => true),
      clock,
    );
    await settle(
      replica(configurations, clock, () => false, 'https://elsewhere.example'),
      clock,
    );
    expect(policies(configurations)).toEqual(open);
  });
});
