// How the files of a plan reach their folder: also if the command is interrupted, or fails.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
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
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exampleManifests, runPlan, writeExample } from './plan-scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));
const [whole, out, small] = [join(folder, 'whole'), join(folder, 'out'), join(folder, 'small')];

beforeAll(async () => {
  await writeExample(whole);
  // Without its last object, no flow comes in from the ingress controllers.
  mkdirSync(small);
  for (const name of ['namespaces.yaml', 'workloads.yaml'])
    cpSync(join('examples', 'three-tiers', name), join(small, name));
  const workloads = readFileSync(join(small, 'workloads.yaml'), 'utf8');
  writeFileSync(join(small, 'workloads.yaml'), workloads.slice(0, workloads.lastIndexOf('---')));
});

beforeEach(() => {
  rmSync(out, { recursive: true, force: true });
  cpSync(whole, out, { recursive: true });
});

const writeLess = () => runPlan('frontend', '-f', small, '--write', out);
const writeMore = () => runPlan('frontend', ...exampleManifests, '--write', out);
const verify = () => runPlan('--verify', out);
const ingress = join(out, 'frontend', 'allow-web-ingress.yaml');
const drafts = () => readdirSync(out, { recursive: true }).filter((name) => String(name).endsWith('.tmp'));

/** Every file, by its path, with its text. */
const files = () =>
  readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path, readFileSync(path, 'utf8')]);

describe('the files of a plan', () => {
  it('are never written in place, so that nobody reads a part of one', async () => {
    const names = ['plan.json', 'frontend/allow-web-egress.yaml', 'pull-request-frontend-platform.md'];
    const before = names.map((name, index) => {
      linkSync(join(out, name), join(folder, `before-${index}`));
      return readFileSync(join(out, name), 'utf8');
    });
    expect((await writeLess()).code).toBe(0);
    for (const [index, name] of names.entries()) {
      expect(readFileSync(join(folder, `before-${index}`), 'utf8')).toBe(before[index]);
      expect(readFileSync(join(out, name), 'utf8')).not.toBe(before[index]);
    }
    expect(drafts()).toEqual([]);
    expect((await verify()).code).toBe(0);
  });

  it('keep their rights, and the link that leads to one', async () => {
    const file = join(out, 'frontend', 'allow-web-egress.yaml');
    const target = join(folder, 'target.yaml');
    cpSync(file, target);
    chmodSync(target, 0o640);
    rmSync(file);
    symlinkSync(target, file);
    expect((await writeLess()).code).toBe(0);
    expect(readFileSync(target, 'utf8')).toContain(`# Manifests: ${small}\n`);
    expect(statSync(target).mode & 0o777).toBe(0o640);
    expect((await verify()).code).toBe(0);
  });

  it.each<[string, () => void, string]>([
    [
      'a folder that cannot be made',
      () => {
        rmSync(join(out, 'frontend'), { recursive: true });
        writeFileSync(join(out, 'frontend'), '');
      },
      'EEXIST',
    ],
    [
      'a file that cannot be written',
      () => {
        rmSync(ingress);
        symlinkSync('allow-web-ingress.yaml', ingress);
      },
      'ELOOP',
    ],
  ])('all stay as they were before %s', async (_, spoil, code) => {
    spoil();
    const before = files();
    const { stderr, code: exit } = await runPlan('--all', ...exampleManifests, '--ephemeral', '--write', out);
    expect(stderr).toContain(code);
    expect(exit).toBe(2);
    expect(files()).toEqual(before);
  });

  describe('if their writing is interrupted', () => {
    const text = join(out, 'pull-request-frontend-platform.md');
    /** A folder in the place of the last text stops it after the policies. */
    const interrupted = async (write: typeof writeLess): Promise<void> => {
      rmSync(text);
      mkdirSync(text);
      expect(await write()).toMatchObject({ code: 2, stderr: expect.stringContaining('EISDIR') });
      rmSync(text, { recursive: true });
      expect(drafts()).toEqual([]);
    };

    it('are not those of the record while old ones remain, which the next run removes', async () => {
      await interrupted(writeLess);
      expect(existsSync(ingress)).toBe(true);
      expect(await verify()).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('NetworkPolicy frontend/allow-web-ingress is not in the plan'),
      });
      expect((await writeLess()).code).toBe(0);
      expect(existsSync(ingress)).toBe(false);
      expect((await verify()).code).toBe(0);
    });

    it('are in the record, also those that no run needs any more', async () => {
      await writeLess();
      expect(existsSync(ingress)).toBe(false);
      await interrupted(writeMore);
      expect(existsSync(ingress)).toBe(true);
      expect((await writeLess()).code).toBe(0);
      expect(existsSync(ingress)).toBe(false);
    });

    it('leave no draft for long: the next run removes those of processes that have ended', async () => {
      const { pid } = spawnSync(process.execPath, ['--version']);
      const [ended, running] = [pid, process.ppid].map((id) => `.ringfence-${id}-0123456789ab.tmp`);
      for (const path of [out, join(out, 'frontend')])
        for (const name of [ended, running]) writeFileSync(join(path, name ?? ''), 'kind: NetworkPolicy\n');
      expect((await writeMore()).code).toBe(0);
      expect(drafts()).toEqual([running, join('frontend', running ?? '')]);
    });
  });

  it('are removed from the folder alone, whatever the record says', async () => {
    const outside = join(folder, 'outside.yaml');
    cpSync(ingress, outside);
    const record = join(out, 'plan.json');
    writeFileSync(
      record,
      readFileSync(record, 'utf8').replace('"frontend/allow-web-ingress.yaml"', '"../outside.yaml"'),
    );
    expect((await writeLess()).code).toBe(0);
    expect(existsSync(outside)).toBe(true);
  });

  it('are not written beside a record that is torn, and the error says what to do', async () => {
    const record = join(out, 'plan.json');
    writeFileSync(record, readFileSync(record, 'utf8').slice(0, 100));
    const { stderr, code } = await writeLess();
    expect(stderr).toContain('restore it, or remove it and run ringfence plan --write for each namespace again');
    expect(code).toBe(2);
    rmSync(record);
    expect((await writeLess()).code).toBe(0);
  });
});
