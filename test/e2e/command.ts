// The command line as a person runs it on a live cluster: a separate process with only that
// person's kubeconfig.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { compileCache } from '../control-plane/compile-cache.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { programOf } from './program.ts';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ringfence COMMAND` (split at spaces) as a declared user, without a terminal. */
export async function runCommand(controlPlane: ControlPlane, user: string, command: string): Promise<CommandResult> {
  const child = spawn(process.execPath, [programOf(), ...command.split(' ')], {
    env: {
      PATH: process.env['PATH'],
      HOME: controlPlane.folder,
      NODE_COMPILE_CACHE: compileCache,
      KUBECONFIG: controlPlane.kubeconfigFor(user),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number>((settle) => void child.once('close', (code) => settle(code ?? -1)));
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}
