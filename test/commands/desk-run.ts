import process from 'node:process';
import { Command } from 'commander';
import { vi } from 'vitest';
import { assertCommand } from '../../src/commands/assert.ts';
import { diffCommand } from '../../src/commands/diff.ts';
import { reachCommand } from '../../src/commands/reach.ts';
import { readEnvironment } from '../../src/config/environment.ts';

/** Runs a command in this process and captures its output and exit code. */
export async function run(args: readonly string[]) {
  const printed = { stdout: '', stderr: '' };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      printed.stdout += String(chunk);
      return true;
    }),
    vi.spyOn(console, 'error').mockImplementation((line) => {
      printed.stderr += `${String(line)}\n`;
    }),
  ];
  const before = process.exitCode;
  const environment = readEnvironment({});
  const program = new Command('ringfence').exitOverride();
  for (const command of [reachCommand, assertCommand, diffCommand]) program.addCommand(command(environment));
  try {
    await program.parseAsync(args, { from: 'user' });
    return { ...printed, code: process.exitCode ?? 0 };
  } catch (error) {
    return { stdout: printed.stdout, stderr: `${printed.stderr}${(error as Error).message}\n`, code: 2 };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}
