import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { type FollowState, followConfig, notesOf } from '../../src/config/follow.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';

const at = (version: string): Config => defaultConfig({ version, ownNamespace: 'ringfence-system' });
const wrong = (...messages: string[]) =>
  new ConfigError(messages.map((message) => ({ file: 'config.yaml', position: undefined, path: ['mode'], message })));
const unusable = wrong('is wrong');

/** Follows these readings, one after the other, and returns the calls. */
async function follow(readings: readonly (Config | undefined | Error)[], initial = at('1'), intervalMs = 0) {
  const stop = new AbortController();
  const heard: string[] = [];
  const logged: string[] = [];
  const states: FollowState[] = [];
  let index = 0;
  await followConfig(
    {
      initial,
      intervalMs,
      onChange: (config) => heard.push(config.version),
      onState: (state) => states.push(state),
      log: {
        info: (_fields, message) => logged.push(message),
        warn: (fields) => logged.push((fields as { reason: string }).reason),
      },
      async read() {
        const reading = readings[index];
        index += 1;
        if (index >= readings.length) stop.abort();
        if (reading instanceof Error) throw reading;
        return reading;
      },
    },
    stop.signal,
  );
  return { heard, logged, states, told: states.map(({ version, problem }) => [version, problem]) };
}

describe('following the configuration', () => {
  it('tells each new one, once', async () => {
    const { heard, logged } = await follow([at('1'), at('2'), at('2'), at('3')]);
    expect({ heard, logged }).toEqual({ heard: ['2', '3'], logged: [] });
  });

  // Broken, it reads first after an hour.
  it('reads it without a pause at the beginning: it may have changed since the process read it', {
    timeout: 5_000,
  }, async () => {
    const { heard } = await follow([at('2')], at('1'), 3_600_000);
    expect(heard).toEqual(['2']);
  });

  it('keeps the old one where the new one is not usable, and says so once', async () => {
    const { heard, logged } = await follow([unusable, unusable, at('2')]);
    expect({ heard, logged }).toEqual({ heard: ['2'], logged: ['config.yaml: mode: is wrong'] });
  });

  it('says so again where it is wrong in another way', async () => {
    const { logged } = await follow([unusable, wrong('is worse'), unusable]);
    expect(logged).toEqual(['is wrong', 'is worse', 'is wrong'].map((message) => `config.yaml: mode: ${message}`));
  });

  it('says when what was wrong is as it was before', async () => {
    const { heard, logged } = await follow([unusable, at('1'), at('1')]);
    expect({ heard, logged }).toEqual({
      heard: [],
      logged: ['config.yaml: mode: is wrong', 'configuration usable again'],
    });
  });

  it('keeps the old one where it is gone', async () => {
    const { heard, logged } = await follow([undefined, undefined]);
    expect({ heard, logged }).toEqual({ heard: [], logged: ['the ConfigMap is gone'] });
  });

  it('lets the defaults be where there never was one', async () => {
    const { heard, logged } = await follow([undefined, at('5'), undefined], at('0'));
    expect({ heard, logged }).toEqual({ heard: ['5'], logged: ['the ConfigMap is gone'] });
  });

  it('takes no answer for no news', async () => {
    const { heard, told } = await follow([new Error('no answer'), at('2')]);
    expect({ heard, told }).toEqual({
      heard: ['2'],
      told: [
        ['1', undefined],
        ['2', undefined],
      ],
    });
  });

  it('knows what has no version by itself', async () => {
    const [file, changed] = [at('0'), at('0')];
    expect((await follow([file, file, changed, changed], file)).heard).toEqual(['0']);
  });
});

describe('how it stands', () => {
  it('is told at once, and whenever that has changed', async () => {
    const { told } = await follow([at('1'), unusable, unusable, at('1'), at('1'), unusable, at('2')]);
    const problem = 'config.yaml: mode: is wrong';
    expect(told).toEqual([
      ['1', undefined],
      ['1', problem],
      ['1', undefined],
      ['1', problem],
      ['2', undefined],
    ]);
  });

  it('is told after the change is in force', async () => {
    const stop = new AbortController();
    const order: string[] = [];
    const options = { initial: at('1'), intervalMs: 0, log: { info: () => undefined, warn: () => undefined } };
    const read = async () => {
      if (order.length > 1) stop.abort();
      return at('2');
    };
    const onChange = ({ version }: Config) => order.push(`change to ${version}`);
    await followConfig(
      { ...options, read, onChange, onState: ({ version }) => order.push(`at ${version}`) },
      stop.signal,
    );
    expect(order).toEqual(['at 1', 'change to 2', 'at 2']);
  });

  it('has ten lines at most, and a thousand characters', async () => {
    const messages = Array.from({ length: 25 }, (_, index) => `is wrong in way ${index}`);
    const [, many] = (await follow([wrong(...messages)])).states;
    expect(many?.problem?.split('\n')).toHaveLength(11);
    expect(many?.problem).toMatch(/is wrong in way 9\nand 15 more$/);
    const [, long] = (await follow([wrong('is wrong '.repeat(1_000))])).states;
    expect(long?.problem).toHaveLength(1_000);
  });
});

describe('the note of a state', () => {
  const since = new Date(Date.UTC(2026, 0, 1));

  it('is none where all is well', () => {
    expect(notesOf({ version: '7', problem: undefined, since })).toEqual([]);
  });

  it('says what stays in force, since when, and why', () => {
    expect(notesOf({ version: '7', problem: 'mode: is wrong', since })).toEqual([
      'configuration not usable since 2026-01-01T00:00:00.000Z, version 7 stays: mode: is wrong',
    ]);
  });

  it('names no version where there is none', () => {
    expect(notesOf({ version: '0', problem: 'mode: is wrong', since })).toEqual([
      'configuration not usable since 2026-01-01T00:00:00.000Z, the old one stays: mode: is wrong',
    ]);
  });
});
