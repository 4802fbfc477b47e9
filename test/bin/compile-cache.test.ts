import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const command = fileURLToPath(new URL('../../bin/ringfence.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ringfence-cache-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Twenty times the duration of the slowest test. */
const timeout = 20_000;

/** Runs `ringfence --version`, which must work in every state of the cache. */
function run(environment: Readonly<Record<string, string>>): void {
  const env = { PATH: process.env['PATH'], ...environment };
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, '--version'], {
    env,
    encoding: 'utf8',
    timeout,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
}

/** Creates a folder for use as a home. */
function makeHome(name: string, mode = 0o755): string {
  const home = join(folder, name);
  mkdirSync(home);
  chmodSync(home, mode);
  return home;
}

describe('the compile cache', { timeout }, () => {
  it('stands in a folder of the user that nobody else can write', () => {
    const home = makeHome('home');
    run({ HOME: home });
    const cache = join(home, '.cache', 'ringfence', 'compiled');
    expect(statSync(cache).mode & 0o777).toBe(0o700);
    expect(readdirSync(cache)).toHaveLength(1);
  });

  it('stands where XDG_CACHE_HOME says, unless that is no absolute path', () => {
    const home = makeHome('xdg');
    run({ HOME: home, XDG_CACHE_HOME: join(home, 'caches') });
    expect(existsSync(join(home, 'caches', 'ringfence', 'compiled'))).toBe(true);
    run({ HOME: home, XDG_CACHE_HOME: 'caches' });
    expect(existsSync(join(home, '.cache', 'ringfence', 'compiled'))).toBe(true);
  });

  it.each([
    ['everyone', 0o777],
    ['a group', 0o775],
    ['everyone, sticky', 0o1777],
  ])('is not made in a home that %s can write', (name, mode) => {
    const home = makeHome(name, mode);
    run({ HOME: home });
    expect(existsSync(join(home, '.cache'))).toBe(false);
  });

  it('is not made where a link leads to what others can write', () => {
    const home = makeHome('linked');
    symlinkSync(makeHome('open', 0o777), join(home, '.cache'));
    run({ HOME: home });
    expect(existsSync(join(folder, 'open', 'ringfence'))).toBe(false);
  });

  it.each([
    ['is no folder', '/dev/null'],
    ['takes no folder', '/proc'],
  ])('is no condition: a home that %s', (_, home) => {
    run({ HOME: home });
  });

  it('makes no home', () => {
    run({ HOME: join(folder, 'absent', 'home') });
    expect(existsSync(join(folder, 'absent'))).toBe(false);
    run({ HOME: join(folder, 'absent') });
    expect(existsSync(join(folder, 'absent'))).toBe(false);
  });

  it.each([
    ['NODE_DISABLE_COMPILE_CACHE', '1'],
    ['NODE_COMPILE_CACHE', join(folder, 'given')],
  ])('is left to Node where %s is set', (name, value) => {
    const home = makeHome(name);
    run({ HOME: home, [name]: value });
    expect(existsSync(join(home, '.cache'))).toBe(false);
  });
});
