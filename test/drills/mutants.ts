// Runs the drills on broken code: each mutation in a copy of the checkout, with the drill that must
// notice it.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mutate } from '../mutations/edit.ts';
import type { DrillMutation } from './mutation.ts';
import type { MutationOutcome } from './report.ts';

const root = join(import.meta.dirname, '..', '..');
const parts = ['src', 'test', 'manifests', 'schemas', 'bin', 'scripts', 'LICENSE', 'package.json', 'vitest.config.ts'];

export async function playMutant(mutation: DrillMutation): Promise<MutationOutcome> {
  const { name, edits, file, only } = mutation;
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-drills-'));
  try {
    for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const [path, text] of mutate(root, mutation)) writeFileSync(join(folder, path), text);
    const code = await runDrill(folder, file, only);
    const failure = firstFailure(folder);
    if (code !== 0 && failure === undefined) throw new Error(`"${name}": the drill ${file} could not run`);
    return { name, files: [...new Set(edits.map((edit) => edit.file))], drill: file, failure };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runDrill(folder: string, file: string, only: string | undefined): Promise<number | null> {
  const vitest = join(folder, 'node_modules', 'vitest', 'vitest.mjs');
  const which = ['--project', 'drills', join('test', 'drills', file), ...(only === undefined ? [] : ['-t', only])];
  const child = spawn(process.execPath, [vitest, 'run', ...which, '--bail=1'], {
    cwd: folder,
    stdio: 'ignore',
    env: { ...process.env, RINGFENCE_DRILLS: '', RINGFENCE_FULL: '' },
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
}

interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly failureMessages: readonly string[] }[];
  }[];
}

/** Returns the first line of the failure, without the place in the file. */
function firstFailure(folder: string): string | undefined {
  // vitest.config.ts sets this path.
  const { testResults } = JSON.parse(readFileSync(join(folder, '.test-report', 'vitest.json'), 'utf8')) as Report;
  const messages = testResults.flatMap(({ assertionResults }) =>
    assertionResults.flatMap(({ status, failureMessages: [message] }) => (status === 'failed' ? [message ?? ''] : [])),
  );
  const suites = testResults.flatMap(({ status, message }) => (status === 'failed' && message !== '' ? [message] : []));
  return [...messages, ...suites].map((message) => message.split('\n')[0] ?? '').at(0);
}
