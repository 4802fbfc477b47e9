// A cluster in memory with Ringfence in it, and the commands that a person runs there.
import type { Command } from 'commander';
import { assertCommand } from '../../src/commands/assert.ts';
import { baselineCommand } from '../../src/commands/baseline.ts';
import { diffCommand } from '../../src/commands/diff.ts';
import { doctorCommand } from '../../src/commands/doctor.ts';
import { fenceCommand } from '../../src/commands/fence.ts';
import type { Person } from '../../src/commands/person.ts';
import { planCommand } from '../../src/commands/plan.ts';
import { reachCommand } from '../../src/commands/reach.ts';
import { unfenceCommand } from '../../src/commands/unfence.ts';
import { uninstallCommand } from '../../src/commands/uninstall.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { paths } from '../api-server/address.ts';
import { createMemoryApi, type MemoryApi } from '../api-server/memory-api.ts';
import { installRingfence, labels, makeBaseline, marked } from '../fencing/scene.ts';
import { serveMemoryApi } from './api-server.ts';
import { type Run, runCommand } from './run.ts';

/** A script without a terminal. */
const nobody: Person = { hasTerminal: () => false, ask: () => Promise.reject(new Error('there is nobody')) };

export interface Stage {
  readonly api: MemoryApi;
  run(args: readonly string[], person?: Person): Promise<Run>;
}

/** Namespace shop is fenced, bank is not. */
export async function openStage(): Promise<Stage> {
  const api = createMemoryApi();
  installRingfence(api);
  api.put(paths.namespace('shop'), { metadata: { labels: marked } });
  api.put(paths.namespace('bank'), { metadata: { labels } });
  makeBaseline(api, 'shop');
  const kubeconfig = await serveMemoryApi(api);
  return {
    api,
    run: (args, person) =>
      runCommand(commands(person), args.includes('--labels') ? args : [...args, '--kubeconfig', kubeconfig]),
  };
}

/** The commands of this scene. */
function commands(person: Person = nobody): readonly Command[] {
  const environment = readEnvironment({});
  return [
    doctorCommand(environment, '0.1.0', person),
    fenceCommand(environment, person),
    unfenceCommand(environment, person),
    baselineCommand(environment),
    planCommand(environment),
    ...[reachCommand(environment), assertCommand(environment), diffCommand(environment)],
    uninstallCommand(environment, person),
  ];
}
