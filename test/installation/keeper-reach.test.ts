import { describe, expect, it } from 'vitest';
import { reachEntryName } from '../../src/admission/reach.ts';
import { releaseAnnotation } from '../../src/installation/release.ts';
import type { WebhookConfiguration } from '../../src/installation/webhook-configuration.ts';
import { type HandClock, handClock } from '../hand-clock.ts';
import { keeper } from './keeper-scene.ts';
import { type MemoryConfigurations, memoryConfigurations, template } from './memory-configurations.ts';

const address = 'https://ringfence.ringfence-system.svc:443';

/** A configuration with an entry that fails closed and the entry of the proof. */
function closed(kind: 'Mutating' | 'Validating', clientConfig = {}): WebhookConfiguration {
  const { webhooks, ...others } = template(kind);
  const [first] = webhooks;
  return {
    ...others,
    webhooks: [
      { ...first, name: 'pods.ringfence.dev', clientConfig, ...{ failurePolicy: 'Fail' } },
      { ...first, name: reachEntryName, clientConfig, ...{ failurePolicy: 'Fail' } },
    ],
  };
}

function replica(
  configurations: MemoryConfigurations,
  clock: HandClock,
  isProved: () => boolean,
  at = address,
  clientConfig = {},
) {
  const desired = () => ({
    mutating: closed('Mutating', clientConfig),
    validating: closed('Validating', clientConfig),
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

  describe('that a release from before the proof made', () => {
    const url = `${address}/validate/enforced`;
    it.each<[string, { failurePolicy: string; url: string; annotations: Record<string, string> }, unknown]>([
      ['stay closed', { failurePolicy: 'Fail', url, annotations: {} }, shut],
      ['fail open where they did before', { failurePolicy: 'Ignore', url, annotations: {} }, open],
      ['fail open at another address', { failurePolicy: 'Fail', url: 'https://elsewhere', annotations: {} }, open],
      [
        'fail open where a later release made them',
        { failurePolicy: 'Fail', url, annotations: { [releaseAnnotation]: '0.1.0' } },
        open,
      ],
    ])('%s', async (_, { failurePolicy, url: dialed, annotations }, expected) => {
      const [configurations, clock] = [memoryConfigurations(), handClock()];
      const { metadata, webhooks, ...others } = template('Validating');
      await configurations.create('Validating', {
        ...others,
        metadata: { ...metadata, annotations },
        webhooks: webhooks.map((webhook) => ({ ...webhook, clientConfig: { url: dialed }, ...{ failurePolicy } })),
      });
      await settle(
        replica(configurations, clock, () => false, address, { url }),
        clock,
      );
      expect(policies(configurations)).toEqual(expected);
    });
  });
});
