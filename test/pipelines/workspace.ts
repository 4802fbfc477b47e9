// A folder in which a pipeline runs: the manifests of an example, and Ringfence as its pinned
// version, which npx takes from node_modules instead of the registry.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { compileCache } from '../control-plane/compile-cache.ts';

const root = join(import.meta.dirname, '../..');
export const pipelines = join(root, 'examples/pipelines');

/** The version that the package has, and that examples pin. */
export const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string };

/** Reads a YAML file of the repository. */
export function readYaml<T>(path: string): T {
  return parse(readFileSync(join(root, path), 'utf8')) as T;
}

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Workspace {
  readonly folder: string;
  /** Runs a program in the folder, or in one below it. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Runs a script by bash, as runners do: the first error ends it. */
  bash(script: string, options?: RunOptions): Promise<Ran>;
}

interface RunOptions {
  readonly variables?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Programs come from these folders first. */
  readonly path?: readonly string[];
  readonly below?: string;
}

/** Makes a folder with a copy of an example of `examples/pipelines`. It goes after the test. */
export function makeWorkspace(example = 'k8s', name = example): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-pipeline-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(pipelines, example), join(folder, name), { recursive: true });
  const bin = join(folder, 'node_modules/.bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(root, join(folder, 'node_modules/ringfence'));
  symlinkSync('../ringfence/bin/ringfence.mjs', join(bin, 'ringfence'));
  const run: Workspace['run'] = async (program, args, { variables = {}, input = '', path = [], below = '' } = {}) => {
    const own = [...path, join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
    const child = spawn(program, args, {
      cwd: join(folder, below),
      env: { ...process.env, PATH: own, npm_config_offline: 'true', NODE_COMPILE_CACHE: compileCache, ...variables },
      stdio: 'pipe',
    });
    child.stdin.on('error', () => undefined).end(input);
    const ended = new Promise<number | null>((settle, fail) => child.once('close', settle).once('error', fail));
    const [status, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { status, stdout, stderr };
  };
  return {
    folder,
    run,
    bash: (script, options) => run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], options),
  };
}

/** A policy that opens the Pods of shop to every namespace, which the rules forbid. */
export const forbiddenPolicy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: open, namespace: shop, labels: {env: prod, tier: api, team: shop}}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {}}]}]}
`;
