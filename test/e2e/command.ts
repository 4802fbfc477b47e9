// The command line as a person runs it on a live cluster: a separate process with only that
// person's kubeconfig.
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { compileCache } from '../control-plane/compile-cache.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { programOf } from './program.ts';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs `ringfence COMMAND` (split at spaces) as a declared user, without a terminal. `talk` gets
 * each piece of the standard error, and may write to the standard input, which then stays open.
 */
export async function runCommand(
  controlPlane: ControlPlane,
  user: string,
  command: string,
  talk?: (piece: string, input: Writable) => void,
): Promise<CommandResult> {
  const child = spawn(process.execPath, [programOf(), ...command.split(' ')], {
    env: {
      PATH: process.env['PATH'],
      HOME: controlPlane.folder,
      NODE_COMPILE_CACHE: compileCache,
      KUBECONFIG: controlPlane.kubeconfigFor(user),
    },
    stdio: [talk === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  const { stdin, stdout: out, stderr: err } = child;
  if (out === null || err === null) throw new Error('both are pipes');
  err.setEncoding('utf8').on('data', (piece: string) => stdin !== null && talk?.(piece, stdin));
  const ended = new Promise<number>((settle) => void child.once('close', (code) => settle(code ?? -1)));
  const [code, stdout, stderr] = await Promise.all([ended, text(out), text(err)]);
  return { code, stdout, stderr };
}
