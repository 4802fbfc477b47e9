// A command in this process, as a person runs it.
import process from 'node:process';
import { Command } from 'commander';
import { vi } from 'vitest';
import { assertCommand } from '../../src/commands/assert.ts';
import { diffCommand } from '../../src/commands/diff.ts';
import { reachCommand } from '../../src/commands/reach.ts';
import { readEnvironment } from '../../src/config/environment.ts';

/** What a command printed, and its exit code. */
export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: string | number;
}

/**
 * Runs one of the commands, and captures its output and exit code. An error is printed and ends it
 * with 2, as src/main.ts does.
 */
export async function runCommand(commands: readonly Command[], args: readonly string[]): Promise<Run> {
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
  process.exitCode = undefined;
  const program = new Command('ringfence').exitOverride();
  for (const command of commands)
    program.addCommand(command.exitOverride().configureOutput({ writeErr: () => undefined }));
  try {
    await program.parseAsync(args, { from: 'user' });
    return { ...printed, code: process.exitCode ?? 0 };
  } catch (error) {
    return { ...printed, stderr: `${printed.stderr}${(error as Error).message}\n`, code: 2 };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}

/** Runs `reach`, `assert` or `diff`. */
export function runDesk(args: readonly string[]): Promise<Run> {
  const environment = readEnvironment({});
  return runCommand([reachCommand(environment), assertCommand(environment), diffCommand(environment)], args);
}
