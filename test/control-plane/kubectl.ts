import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

export interface KubectlOptions {
  /** The name of a declared user, or the path of a kubeconfig. The default is the administrator. */
  readonly as?: string;
  /** For `-f -`. */
  readonly input?: string;
  /** Milliseconds. The default is one minute. */
  readonly timeoutMs?: number;
  /** Additional variables, for example an editor for `kubectl edit`. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface KubectlResult {
  /** 124 if the command was killed after its time, as with timeout(1). */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const defaultTimeoutMs = 60_000;

/**
 * `kubectl apply` merges by what the API server's OpenAPI documents say of a kind. To read them
 * takes half of its processor time, and what kubectl itself knows of the built-in kinds says the
 * same.
 */
function withOwnMergeKeys(args: readonly string[]): readonly string[] {
  // The commands under `apply`, such as view-last-applied, do not have the flag.
  const isApply = args[0] === 'apply' && args[1]?.startsWith('-') === true;
  return isApply ? args.toSpliced(1, 0, '--openapi-patch=false') : args;
}

/**
 * Runs kubectl with the given kubeconfig. Its home and caches are in `folder`. It gets only the
 * PATH of this process, so that no proxy and no ~/.kube/config of the person can have an effect.
 * Relative paths in `args` are relative to this process.
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
  const child = spawn(program, withOwnMergeKeys(args), {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      KUBECONFIG: kubeconfig,
      KUBECACHEDIR: join(home, 'cache'),
      // It ends before it would need to free memory: a fifth of its processor time.
      GOGC: 'off',
      ...options.environment,
    },
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
    });
  }
  // kubectl may end without reading its input.
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
