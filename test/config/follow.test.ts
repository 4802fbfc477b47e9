import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { followConfig } from '../../src/config/follow.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';

const at = (version: string): Config => defaultConfig({ version, ownNamespace: 'ringfence-system' });
const unusable = new ConfigError([{ file: 'config.yaml', position: undefined, path: ['mode'], message: 'is wrong' }]);

/** Follows what is read, one reading after the other, and tells what was heard. */
async function follow(readings: readonly (Config | undefined | Error)[]) {
  const stop = new AbortController();
  const heard: string[] = [];
  const warned: string[] = [];
  let index = 0;
  await followConfig(
    {
      initial: at('1'),
      intervalMs: 0,
      onChange: (config) => heard.push(config.version),
      log: { warn: (fields) => warned.push((fields as { reason: string }).reason) },
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
  return { heard, warned };
}

describe('following the configuration', () => {
  it('tells each new one, once', async () => {
    expect(await follow([at('1'), at('2'), at('2'), at('3')])).toEqual({ heard: ['2', '3'], warned: [] });
  });

  it('keeps the old one where the new one is not usable, and says so once', async () => {
    const { heard, warned } = await follow([unusable, unusable, at('2')]);
    expect({ heard, warned }).toEqual({ heard: ['2'], warned: ['config.yaml: mode: is wrong'] });
  });

  it('keeps the old one where it is gone', async () => {
    expect(await follow([undefined, undefined])).toEqual({ heard: [], warned: ['the ConfigMap is gone'] });
  });

  it('takes no answer for no news', async () => {
    expect(await follow([new Error('no answer'), at('2')])).toEqual({ heard: ['2'], warned: [] });
  });
});
