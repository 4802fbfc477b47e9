// A folder with the files that the documentation's commands name, in which bash runs them as they
// are written.
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseAllDocuments } from 'yaml';
import { compileCache } from '../control-plane/compile-cache.ts';
import type { Documented } from './documented.ts';
import { root } from './page.ts';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandScene {
  readonly folder: string;
  /** Runs a statement with its pipes and redirections. Every program of a pipe must succeed. */
  run(statement: Documented, input?: string): Promise<Ended>;
  end(): void;
}

/** What bash says of a missing program or folder, and Node of an error that nobody caught. */
export const unstarted = /^bash: |: command not found|^\s+at .*:\d+:\d+\)?$/m;

/** The pages whose folder is that of an application; elsewhere `manifests/` are Ringfence's. */
const applicationPages = new Set(['docs/check.md', 'docs/reach.md']);

/**
 * Makes the scene. `ringfence` is the program that is started for it, and `kubectl` the real one;
 * without it, no statement can use kubectl.
 */
export function openCommandScene(options: {
  readonly ringfence: string;
  readonly kubectl?: string;
  readonly kubeconfig?: string;
}): CommandScene {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-documented-'));
  const put = (path: string, content: string): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const program = (name: string, ...words: readonly string[]): void => {
    put(`bin/${name}`, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  };
  program('ringfence', process.execPath, options.ringfence);
  program('kubectl-ringfence', process.execPath, options.ringfence);
  if (options.kubectl !== undefined) program('kubectl', options.kubectl);

  const example = join(root, 'examples/three-tiers');
  const read = (file: string): string => readFileSync(join(example, file), 'utf8');
  const objects = ['namespaces.yaml', 'workloads.yaml', 'network-policies.yaml'].flatMap((file) =>
    parseAllDocuments(read(file)).map((document): unknown => document.toJS()),
  );
  const list = `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })}\n`;
  for (const name of [
    'application/manifests',
    'application/manifests-before',
    'application/manifests-after',
    'before',
    'after',
  ])
    cpSync(example, join(folder, name), { recursive: true });
  for (const name of ['application/k8s/shop.yaml', 'k8s/shop.yaml'])
    put(name, readFileSync(join(root, 'test/judgement/exposed/good.yaml'), 'utf8'));
  put('application/expectations.yaml', read('expectations.yaml'));
  put('application/cluster.json', list);
  put('application/questions.jsonl', `${JSON.stringify({ from: 'frontend', to: 'database', port: '5432/TCP' })}\n`);
  for (const name of ['application/cluster.yaml', 'cluster.yaml']) put(name, list);
  for (const name of ['ringfence.yaml', 'config.yaml', 'new.yaml'])
    put(name, 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\nmode: observe\n');
  put('audit.log', `${JSON.stringify({ auditID: '1', annotations: { 'a.ringfence.dev/uid': 'UID' } })}\n`);
  for (const name of ['manifests', 'examples']) cpSync(join(root, name), join(folder, name), { recursive: true });

  return {
    folder,
    async run(statement, input = '') {
      const line = statement.text.replaceAll(/npm run -s ringfence --|npx ringfence/g, 'ringfence');
      const cwd = applicationPages.has(statement.page) ? join(folder, 'application') : folder;
      const child = spawn('bash', ['-o', 'pipefail', '-c', line.replaceAll(/\bNAMESPACE\b/g, 'shop')], {
        cwd,
        env: {
          PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter),
          HOME: folder,
          NODE_COMPILE_CACHE: compileCache,
          GOGC: 'off',
          ...(options.kubeconfig === undefined ? {} : { KUBECONFIG: options.kubeconfig }),
        },
      });
      child.stdin.on('error', () => undefined).end(input);
      const ended = new Promise<number>((settle) => void child.once('close', (code) => settle(code ?? -1)));
      const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
      return { code, stdout, stderr };
    },
    end: () => rmSync(folder, { recursive: true }),
  };
}
