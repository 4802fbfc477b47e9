// A cluster in memory with Ringfence in it, and the commands that a person runs there.
import process from 'node:process';
import { Command } from 'commander';
import { vi } from 'vitest';
import { baselineCommand } from '../../src/commands/baseline.ts';
import { doctorCommand } from '../../src/commands/doctor.ts';
import { fenceCommand } from '../../src/commands/fence.ts';
import type { Person } from '../../src/commands/person.ts';
import { unfenceCommand } from '../../src/commands/unfence.ts';
import { uninstallCommand } from '../../src/commands/uninstall.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { paths } from '../api-server/address.ts';
import { createMemoryApi, type MemoryApi } from '../api-server/memory-api.ts';
import { installRingfence, labels, makeBaseline, marked } from '../fencing/scene.ts';
import { serveMemoryApi } from './api-server.ts';

/** A script without a terminal. */
const nobody: Person = { hasTerminal: () => false, ask: () => Promise.reject(new Error('there is nobody')) };

export interface Stage {
  readonly api: MemoryApi;
  run(args: readonly string[], person?: Person): ReturnType<typeof runCommand>;
}

/** Namespace shop is fenced, bank is not. */
export async function openStage(): Promise<Stage> {
  const api = createMemoryApi();
  installRingfence(api);
  api.put(paths.namespace('shop'), { metadata: { labels: marked } });
  api.put(paths.namespace('bank'), { metadata: { labels } });
  makeBaseline(api, 'shop');
  const kubeconfig = await serveMemoryApi(api);
  return { api, run: (args, person) => runCommand([...args, '--kubeconfig', kubeconfig], person) };
}

/** Runs a command in this process and captures its output and exit code. */
async function runCommand(args: readonly string[], person: Person = nobody) {
  const printed = { stdout: '', stderr: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed.stdout += String(chunk);
    return true;
  });
  vi.spyOn(console, 'error').mockImplementation((line) => {
    printed.stderr += `${String(line)}\n`;
  });
  const before = process.exitCode;
  process.exitCode = undefined;
  const environment = readEnvironment({});
  const program = new Command('ringfence').exitOverride();
  program
    .addCommand(doctorCommand(environment, '0.1.0', person))
    .addCommand(fenceCommand(environment, person))
    .addCommand(unfenceCommand(environment, person))
    .addCommand(baselineCommand(environment))
    .addCommand(uninstallCommand(environment, person));
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined });
  try {
    await program.parseAsync(args, { from: 'user' });
    return { ...printed, code: process.exitCode ?? 0 };
  } catch (error) {
    return { stdout: printed.stdout, stderr: `${printed.stderr}${(error as Error).message}\n`, code: 2 };
  } finally {
    process.exitCode = before;
  }
}
