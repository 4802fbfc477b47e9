import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { auditCommand } from '../../src/commands/audit.ts';
import { checkCommand } from '../../src/commands/check.ts';
import { writeWhole } from '../../src/commands/whole-files.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { runCommand } from './run.ts';

const root = mkdtempSync(join(tmpdir(), 'ringfence-whole-'));
afterAll(() => rmSync(root, { recursive: true }));
const folder = join(root, 'folder');
const file = join(folder, 'audit.html');
const before = join(root, 'before');

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(file, 'old');
  rmSync(before, { force: true });
  linkSync(file, before);
});

const text = (path = file): string => readFileSync(path, 'utf8');

it('puts the whole content into the place of the old one', async () => {
  chmodSync(file, 0o600);
  await writeWhole(file, ['n', 'ew']);
  expect([text(), text(before)]).toEqual(['new', 'old']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await writeWhole(join(folder, 'another'), 'text');
  expect(text(join(folder, 'another'))).toBe('text');
  expect(readdirSync(folder)).toEqual(['another', 'audit.html']);
});

it('leaves what there was if the content ends early', async () => {
  function* pieces(): Generator<string> {
    yield '<html>';
    throw new Error('no more');
  }
  await expect(writeWhole(file, pieces())).rejects.toThrow('no more');
  expect([text(), readdirSync(folder)]).toEqual(['old', ['audit.html']]);
});

it('writes through a link, and into what is no file', async () => {
  const link = join(folder, 'latest.html');
  symlinkSync('audit.html', link);
  await writeWhole(link, 'new');
  expect([text(), text(link)]).toEqual(['new', 'new']);
  await writeWhole('/dev/null', 'new');
  expect(statSync('/dev/null').isFile()).toBe(false);
  await expect(writeWhole(folder, 'new')).rejects.toThrow('EISDIR');
});

it.skipIf(process.getuid?.() === 0)('writes in place where nothing can be put beside the file', async () => {
  chmodSync(folder, 0o500);
  await writeWhole(file, ['n', 'ew']);
  expect([text(), text(before)]).toEqual(['new', 'new']);
  await expect(writeWhole(join(folder, 'another'), 'text')).rejects.toThrow('EACCES');
  chmodSync(folder, 0o700);
});

it.each([
  ['audit', '-f', 'examples/three-tiers/namespaces.yaml', '-o', 'html', file],
  ['check', 'examples/three-tiers/namespaces.yaml', '--write-known', file],
])('is how %s writes its file', async (...args) => {
  const environment = readEnvironment({});
  const commands = [auditCommand(environment, '0'), checkCommand(environment, '0', 'https://docs.example')];
  expect((await runCommand(commands, args)).code).not.toBe(2);
  expect(text(before)).toBe('old');
  expect(text()).toMatch(/<\/html>\n$|"kind": "KnownFindings"/);
});
