import { expect, it } from 'vitest';
import { announceAuthorities } from '../../src/installation/announcement.ts';
import { bundlesOf } from '../../src/installation/webhook-configuration.ts';
import { refusal } from '../api-server/object-store.ts';
import { handClock } from '../hand-clock.ts';
import { installed } from './keeper-scene.ts';
import { memoryConfigurations } from './memory-configurations.ts';

/** Announces an authority to existing configurations, on a clock that moves by itself. */
async function announce(configurations: ReturnType<typeof memoryConfigurations>, caBundle: string): Promise<string[]> {
  const said: string[] = [];
  const say = (_: object, message: string) => void said.push(message);
  const clock = handClock();
  const sleep = async (ms: number) => clock.move(ms);
  const source = {
    current: () => ({ caBundle }),
    bundleFor: (_: string, live: readonly string[]) => `${[...new Set(live)].join('')}\n${caBundle}`,
  };
  const options = { configurations, name: 'ringfence', source, log: { info: say, warn: say } };
  await announceAuthorities({ ...options, clock: { ...clock, sleep } }, new AbortController().signal);
  return said;
}

const certificate = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`;

it('a replica that starts is trusted before it can be called, and nothing else is touched', async () => {
  const { configurations } = await installed();
  const before = structuredClone(await configurations.get('Validating', 'ringfence')) as {
    webhooks: { clientConfig: object }[];
  };
  const said = await announce(configurations, certificate('NEW'));
  const after = (await configurations.get('Validating', 'ringfence')) as typeof before;
  expect(bundlesOf(after)).toEqual(Array(2).fill(`PEM\n${certificate('NEW')}`));
  const without = ({ webhooks }: typeof before) =>
    webhooks.map((webhook) => ({ ...webhook, clientConfig: { ...webhook.clientConfig, caBundle: '' } }));
  expect(without(after)).toEqual(without(before));
  expect([said, configurations.log.filter((call) => call.startsWith('replace')).length]).toEqual([
    ['authorities announced'],
    2,
  ]);
});

it('that is trusted already writes nothing', async () => {
  const { configurations } = await installed();
  expect(await announce(configurations, 'PEM')).toEqual([]);
  expect(configurations.log.filter((call) => !call.startsWith('get'))).toEqual([]);
});

it('where there is no configuration yet none is made', async () => {
  const configurations = memoryConfigurations();
  expect(await announce(configurations, 'PEM')).toEqual([]);
  expect(await configurations.get('Validating', 'ringfence')).toBeUndefined();
});

it('another replica that is quicker is no failure', async () => {
  const { configurations } = await installed();
  let conflicts = 2;
  configurations.before = (verb) => {
    if (verb === 'replace' && conflicts-- > 0) throw refusal(409);
  };
  expect(await announce(configurations, certificate('NEW'))).toEqual(['authorities announced']);
});

it('what cannot be done in some seconds is left, and said', async () => {
  const { configurations } = await installed();
  configurations.before = () => {
    throw refusal(403);
  };
  expect(await announce(configurations, certificate('NEW'))).toEqual(['authorities could not be announced']);
});
