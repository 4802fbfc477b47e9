import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { type Observed, openObservation } from '../../src/process/observation.ts';
import { configIn } from '../admission/scene.ts';

const reflector = (ageMs: () => number) => ({
  start: async () => undefined,
  synced: () => true,
  lastEventAgeMs: ageMs,
  get: () => undefined,
  values: () => [],
  onChange: () => undefined,
  onListed: () => undefined,
});

const keeperThat = (more: Partial<Observed['keeper']> = {}): Observed['keeper'] => ({
  areKept: () => true,
  failsOpen: () => false,
  problem: () => undefined,
  ...more,
});

/** An observation of parts without problems, except for `more`. */
function observe(more: Partial<Observed> = {}, config: () => Config = () => configIn('enforce')) {
  const observation = openObservation(120);
  observation.waiting.clear();
  const hour = Date.now() + 3_600_000;
  observation.follow({
    namespaces: reflector(() => 1_234),
    policies: reflector(() => 2_000),
    now: () => 0,
    controller: { pending: () => 1, failing: () => 2 },
    source: {
      expiresAt: () => ({ certificate: hour, authority: 2 * hour, lastCall: hour - 60_000 }),
      problem: () => undefined,
    },
    keeper: keeperThat(),
    reach: { isReached: () => true, problem: () => undefined },
    exceptions: () => ({ holds: 0, ending: 0, ended: 0 }),
    standing: { counts: () => [] },
    dnsProblem: () => undefined,
    isDnsFound: () => undefined,
    config,
    ...more,
  });
  return observation;
}

const ready = async ({ metrics }: ReturnType<typeof observe>) =>
  /^ringfence_ready (\d)$/m.exec(await metrics.text())?.[1];

describe('a process', () => {
  it('is not ready while it waits for its parts, and says so in probe and metric', async () => {
    const observation = openObservation(120);
    expect(observation.admin.unready()).toEqual([
      'waiting for cluster',
      'waiting for configuration',
      'waiting for certificate',
      'waiting for informers',
      'waiting for listener',
    ]);
    expect(await ready(observation)).toBe('0');
    observation.waiting.clear();
    expect(observation.admin.unready()).toEqual([]);
    expect(await ready(observation)).toBe('1');
    observation.waiting.add('draining');
    expect(observation.admin.unready()).toEqual(['draining']);
    expect(await ready(observation)).toBe('0');
  });

  it('is ready as long as its parts are well', async () => {
    const observation = observe();
    expect(observation.admin.unready()).toEqual([]);
    expect(await ready(observation)).toBe('1');
  });

  it('is not ready when an informer has been silent for too long, and again when it is heard', async () => {
    let ageMs = 121_000;
    const observation = observe({ policies: reflector(() => ageMs) });
    expect(observation.admin.unready()).toEqual([
      'nothing received about networkpolicies for 121 seconds (at most 120 are allowed)',
    ]);
    expect(await ready(observation)).toBe('0');
    ageMs = 10;
    expect(await ready(observation)).toBe('1');
  });

  it('is not ready in the last minute of whichever certificate ends first', () => {
    const now = Date.now();
    const at = { certificate: now + 9_000_000, authority: now + 30_000, lastCall: now - 30_000 };
    const { admin } = observe({ source: { expiresAt: () => at, problem: () => undefined } });
    expect(admin.unready()).toEqual([
      `the certificate, or the authority that signed it, expires at ${new Date(at.authority).toISOString()}`,
    ]);
  });

  it('notes why its next certificate cannot be had, and stays ready as long as it has one', () => {
    const expiresAt = () => undefined;
    const { admin } = observe({ source: { expiresAt, problem: () => 'tls.key is lost' } });
    expect([admin.notes(), admin.unready()]).toEqual([['tls.key is lost'], []]);
  });

  it.each<[string, Partial<Observed>]>([
    ['webhook configurations that are not kept', { keeper: keeperThat({ areKept: () => false }) }],
    ['baselines that fail', { controller: { pending: () => 50, failing: () => 50 } }],
  ])('stays ready with %s: another replica would do no better', (_, more) => {
    expect(observe(more).admin.unready()).toEqual([]);
  });

  it.each([
    [true, 'entries fail open until it does'],
    [false, 'entries that fail closed stay so'],
  ])('stays ready while the API server cannot reach it (open: %s), and says what that means', (isOpen, meaning) => {
    const observation = observe({
      keeper: keeperThat({ failsOpen: () => isOpen }),
      reach: { isReached: () => false, problem: () => 'the API server cannot reach the webhooks: no such host' },
    });
    expect(observation.admin.unready()).toEqual([]);
    expect(observation.admin.notes()).toEqual([`the API server cannot reach the webhooks: no such host; ${meaning}`]);
  });

  it('says when the other direction fails', () => {
    const { admin } = observe({ keeper: keeperThat({ problem: () => 'GET /x: ECONNREFUSED' }) });
    expect(admin.notes()).toEqual(['this process cannot keep the webhook configurations: GET /x: ECONNREFUSED']);
  });

  it('says nothing of reach before there was an attempt', async () => {
    const observation = observe({ reach: { isReached: () => undefined, problem: () => undefined } });
    expect(await observation.metrics.text()).not.toMatch(/^ringfence_webhooks_reached \d/m);
  });

  it('stays ready with a configuration that cannot be used, and notes it', () => {
    const observation = observe();
    observation.configured({ version: '7', problem: 'mode: is wrong', since: new Date(0) });
    expect(observation.admin.unready()).toEqual([]);
    expect(observation.admin.notes()).toEqual([expect.stringContaining('mode: is wrong')]);
  });

  it('tells a person how it is', () => {
    expect(openObservation(120).admin.details()).toEqual({});
    expect(observe().admin.details()).toEqual({
      mode: 'enforce',
      configVersion: '7',
      informerAgeSeconds: { namespaces: 1.2, networkpolicies: 2 },
      expiry: { certificate: expect.stringMatching(/^\d{4}-.*Z$/), authority: expect.stringMatching(/^\d{4}-.*Z$/) },
      webhooksKept: true,
      webhooksReached: true,
      webhooksFailOpen: false,
      baselines: { pending: 1, failing: 2 },
    });
  });

  it('measures its parts at each scrape', async () => {
    const lines = (await observe({ keeper: keeperThat({ areKept: () => false }) }).metrics.text()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'ringfence_baselines_failing 2',
        'ringfence_informer_age_seconds{informer="namespaces"} 1.234',
        'ringfence_webhooks_kept 0',
        'ringfence_webhooks_reached 1',
        'ringfence_mode{mode="enforce"} 1',
        'ringfence_config_version 7',
        'ringfence_namespaces{mode="enforce",baseline="untrue"} 0',
      ]),
    );
  });
});
