// A keeper with configurations in memory, and a clock that the test moves.
import { createKeeper, type Keeper } from '../../src/installation/keeper.ts';
import type { KeeperOptions } from '../../src/installation/ports.ts';
import { type HandClock, handClock } from '../hand-clock.ts';
import { type MemoryConfigurations, memoryConfigurations, template } from './memory-configurations.ts';

export const versionAnnotation = 'ringfence.dev/config-version';

export interface Kept extends Keeper {
  readonly said: string[];
}

export interface Told {
  caBundle: string;
  refreshed: string | undefined;
  version: string;
  first?: 'Mutating' | 'Validating';
}

export function keeper(
  configurations: MemoryConfigurations,
  clock: HandClock,
  told: Told = { caBundle: 'PEM', refreshed: undefined, version: '7' },
  options: Partial<KeeperOptions> = {},
): Kept {
  const said: string[] = [];
  const say = (_fields: object, message: string): void => void said.push(message);
  const made = createKeeper({
    configurations,
    desired: () => ({
      mutating: template('Mutating', told.version),
      validating: template('Validating', told.version),
      first: told.first ?? 'Mutating',
    }),
    source: {
      bundleFor: () => told.caBundle,
      refresh: async () => {
        told.caBundle = told.refreshed ?? told.caBundle;
      },
    },
    owner: async () => ({ apiVersion: 'v1', kind: 'Namespace', name: 'ringfence-system', uid: 'u1' }),
    versionAnnotation,
    log: { info: say, warn: say },
    clock,
    ...options,
  });
  return { ...made, said };
}

/** Returns a scene in which both configurations are in place, as after a start. */
export async function installed(): Promise<{ configurations: MemoryConfigurations; clock: HandClock; keeper: Kept }> {
  const [configurations, clock] = [memoryConfigurations(), handClock()];
  const kept = keeper(configurations, clock);
  await kept.check();
  clock.move(1000);
  await kept.check();
  configurations.log.length = 0;
  return { configurations, clock, keeper: kept };
}
