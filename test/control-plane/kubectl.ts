import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

export interface KubectlOptions {
  /**
   * A declared user's name, or the path of a kubeconfig; the administrator unless told otherwise.
   */
  readonly as?: string;
  /** For `-f -`. */
  readonly input?: string;
  /** Milliseconds; one minute unless told otherwise. */
  readonly timeoutMs?: number;
  /** Beside what every kubectl here is given: an editor for `kubectl edit`. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface KubectlResult {
  /** 124 when killed for its time, as timeout(1) has it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const defaultTimeoutMs = 60_000;

/**
 * Runs kubectl with the given kubeconfig. Its home and caches are in `folder`; of our environment
 * it sees only the PATH, so neither a proxy nor the person's own ~/.kube has a say. Relative paths
 * in `args` are the caller's.
 */
export async function runKubectl(
  program: string,
  folder: string,
  kubeconfig: string,
  args: readonly string[],
  options: KubectlOptions,
): Promise<KubectlResult> {
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      KUBECONFIG: kubeconfig,
      KUBECACHEDIR: join(home, 'cache'),
      ...options.environment,
    },
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
    });
  }
  // It may end without reading what it is given.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');

  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const { promise, resolve, reject } = Promise.withResolvers<KubectlResult>();
  const timer = setTimeout(() => {
    output.stderr += `\nkubectl was killed after ${timeoutMs} ms\n`;
    child.kill('SIGKILL');
  }, timeoutMs);
  child.once('error', reject);
  child.once('close', (code) => resolve({ exitCode: code ?? 124, ...output }));
  return promise.finally(() => clearTimeout(timer));
}
