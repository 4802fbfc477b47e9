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
 * with 2, as src/main.ts does. Throws if the command printed before it set its exit code, because
 * it ends there if nobody reads any more. Until the result is known, the code may be 2.
 */
export async function runCommand(commands: readonly Command[], args: readonly string[]): Promise<Run> {
  const printed = { stdout: '', stderr: '' };
  const codes = new Set<string | number>();
  const spies = [
    captureStdout((text) => {
      printed.stdout += text;
      codes.add(process.exitCode ?? 0);
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
    const code = process.exitCode ?? 0;
    if (codes.difference(new Set([2, code])).size > 0)
      throw new Unset(`it printed with the exit code ${[...codes].join(' and ')}, and ended with ${code}`);
    return { ...printed, code };
  } catch (error) {
    if (error instanceof Unset) throw error;
    return { ...printed, stderr: `${printed.stderr}${(error as Error).message}\n`, code: 2 };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}

/** A command printed before it set its exit code. */
class Unset extends Error {}

/** Hands what is written to standard output to `take`, and writes nothing. */
export function captureStdout(take: (text: string) => void): { mockRestore(): void } {
  return vi.spyOn(process.stdout, 'write').mockImplementation((chunk, ...others: readonly unknown[]) => {
    take(String(chunk));
    const written = others.find((one) => typeof one === 'function');
    written?.();
    return true;
  });
}

/** Runs `reach`, `assert` or `diff`. */
export function runDesk(args: readonly string[]): Promise<Run> {
  const environment = readEnvironment({});
  return runCommand([reachCommand(environment), assertCommand(environment), diffCommand(environment)], args);
}
