import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { shellScripts, shells } from '../../src/commands/shell-scripts.ts';

const main = fileURLToPath(new URL('../../bin/ringfence.mjs', import.meta.url));
const kubectl = fileURLToPath(new URL('../../bin/kubectl_complete-ringfence.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ringfence-completion-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'ringfence'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
chmodSync(join(folder, 'ringfence'), 0o755);
for (const shell of shells) writeFileSync(join(folder, `script.${shell}`), shellScripts[shell]);
writeFileSync(join(folder, 'plan b.yaml'), '');

function run(program: string, ...args: readonly string[]): string {
  const env = {
    PATH: `${folder}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    TERM: 'dumb',
    NODE_DISABLE_COMPILE_CACHE: '1',
  };
  const { stdout, stderr, error } = spawnSync(program, args, { cwd: folder, env, encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (stderr !== '') throw new Error(stderr);
  return stdout;
}

function hasShell(shell: string): boolean {
  const isThere = spawnSync(shell, ['--version']).error === undefined;
  if (!isThere) process.stderr.write(`skipped: completion in ${shell}, which is not installed\n`);
  return isThere;
}

/** What each shell offers for a line whose cursor is at the end. */
const ask: Readonly<Record<(typeof shells)[number], (line: string) => readonly string[]>> = {
  bash: (line) => {
    // As readline takes a line apart: also at "=".
    const words = line.split(' ').flatMap((word) => word.split(/(?==)|(?<==)/));
    const array = words.map((word) => `'${word}'`).join(' ');
    const program = `source script.bash; complete -p ringfence >/dev/null; COMP_WORDS=(${array}); COMP_CWORD=${words.length - 1}; _ringfence; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return run('bash', '--norc', '-c', program).split('\n').filter(Boolean);
  },
  fish: (line) =>
    run('fish', '--no-config', '-c', `source script.fish; complete -C '${line}'`)
      .split('\n')
      .filter(Boolean)
      .map((one) => one.split('\t')[0] ?? ''),
  zsh: (line) => {
    // The functions that show candidates are replaced, because there is no terminal.
    const program = `
      compdef() { : }
      _describe() { local name=$argv[-1]; print -rl -- "\${(@)\${(P)name}}" }
      _files() { print -r -- "files$1" }
      source script.zsh
      words=("\${(@s: :)1}"); CURRENT=$#words
      _ringfence`;
    return run('zsh', '-f', '-c', program, 'zsh', line)
      .split('\n')
      .filter(Boolean)
      .map((one) => one.split(':')[0] ?? '');
  },
};

describe.each(shells)('completion in %s', (shell) => {
  const test = it.skipIf(!hasShell(shell));

  test('offers commands', () => {
    const found = ask[shell]('ringfence ');
    expect(found).toEqual(expect.arrayContaining(['check', 'reach', 'plan', 'fence', 'completion', 'help']));
  });

  test('offers the formats of an option', () => {
    const found = ask[shell]('ringfence check -o ');
    expect(found).toEqual(expect.arrayContaining(['text', 'json', 'sarif', 'junit', 'github']));
    expect(found).not.toContain('check');
  });

  test('offers checks', () => {
    expect(ask[shell]('ringfence check --only ')).toEqual(expect.arrayContaining(['label-values', 'required-labels']));
  });

  test('offers files', () => {
    const found = ask[shell]('ringfence check --config ');
    expect(found.join()).toContain(shell === 'zsh' ? 'files' : 'plan b.yaml');
  });
});

describe('completion in bash', () => {
  it.skipIf(!hasShell('bash'))('completes what has begun, also after "="', () => {
    expect(ask.bash('ringfence unf')).toEqual(['unfence']);
    expect(ask.bash('ringfence check --out')).toEqual(['--output']);
    expect(ask.bash('ringfence check --output=js')).toEqual(['json']);
    expect(ask.bash('ringfence check --output=')).toContain('sarif');
    expect(ask.bash('ringfence check --config plan')).toEqual(['plan b.yaml']);
  });
});

describe('completion by kubectl', () => {
  it('is answered in the form of cobra', () => {
    const lines = run(process.execPath, kubectl, 'check', '-o', '').trimEnd().split('\n');
    expect(lines).toContain('json');
    expect(lines.at(-1)).toBe(':4');
    expect(run(process.execPath, kubectl, 'check', '--config', '')).toBe(':0\n');
    expect(run(process.execPath, kubectl, 'plan', '--write', '')).toBe(':16\n');
    expect(run(process.execPath, kubectl, '')).toMatch(/^check\tjudge manifests offline/m);
  });
});

it('the script of a shell that is not known is refused', () => {
  const { status, stderr } = spawnSync(process.execPath, [main, 'completion', 'tcsh'], { encoding: 'utf8' });
  expect({ status, stderr }).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('Allowed choices are bash, zsh, fish'),
  });
});
