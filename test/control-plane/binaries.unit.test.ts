import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Source } from './binaries.ts';
import { findBinaries, searchInOrder } from './binaries.ts';
import type { ProgramName } from './cache.ts';
import { builtName, cacheRoot, findCached, moduleVersion, neededPrograms, releaseName } from './cache.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-binaries-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const all = neededPrograms(true);
const withoutControllers = neededPrograms(false);

describe('the search', () => {
  const asked: string[] = [];
  const source = (name: Source['name'], answer: string | Error): Source => ({
    name,
    find: async () => {
      asked.push(name);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });

  it('ends at the first source that has the programs', async () => {
    asked.length = 0;
    const sources = [
      source('KUBEBUILDER_ASSETS', new Error('not set')),
      source('cache', '/c'),
      source('Go build', '/b'),
    ];
    expect(await searchInOrder(sources, all)).toEqual({ ok: true, folder: '/c', source: 'cache' });
    expect(asked).toEqual(['KUBEBUILDER_ASSETS', 'cache']);
  });

  it('gives every reason and one remedy when none has', async () => {
    const sources = [source('envtest archive', new Error('no network')), source('Go build', new Error('no Go'))];
    expect(await searchInOrder(sources, all)).toEqual({
      ok: false,
      reason: 'envtest archive: no network; Go build: no Go',
      remedy:
        'install Go 1.26 or later (https://go.dev/dl), or set KUBEBUILDER_ASSETS to a folder that holds ' +
        'etcd, kube-apiserver, kube-controller-manager, kubectl',
    });
  });

  it('takes KUBEBUILDER_ASSETS before the cache', async () => {
    const environment = { KUBEBUILDER_ASSETS: join(folder, 'assets'), XDG_CACHE_HOME: folder };
    install(environment.KUBEBUILDER_ASSETS, all);
    install(join(cacheRoot(environment), builtName()), all);
    expect(await findBinaries({ environment })).toMatchObject({ ok: true, source: 'KUBEBUILDER_ASSETS' });
  });

  it('passes by KUBEBUILDER_ASSETS without the controllers only when they are needed', async () => {
    const environment = { KUBEBUILDER_ASSETS: join(folder, 'assets'), XDG_CACHE_HOME: folder };
    install(environment.KUBEBUILDER_ASSETS, withoutControllers);
    install(join(cacheRoot(environment), builtName()), all);
    expect(await findBinaries({ environment })).toMatchObject({ source: 'cache' });
    expect(await findBinaries({ environment, controllers: false })).toMatchObject({ source: 'KUBEBUILDER_ASSETS' });
  });
});

describe('the cache', () => {
  it('is under XDG_CACHE_HOME, or ~/.cache when that is unset or relative', () => {
    const root = 'ringfence/control-plane';
    expect(cacheRoot({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe(`/x/${root}`);
    expect(cacheRoot({ HOME: '/h' })).toBe(`/h/.cache/${root}`);
    expect(cacheRoot({ XDG_CACHE_HOME: 'x', HOME: '/h' })).toBe(`/h/.cache/${root}`);
  });

  it('names a build by version and source', () => {
    expect(builtName()).toMatch(/^v1\.\d+\.\d+-[0-9a-f]{12}$/);
    expect(builtName().startsWith(`${moduleVersion()}-`)).toBe(true);
  });

  it('reads the version from go.mod', () => {
    expect(moduleVersion('require (\n\tk8s.io/kubernetes v1.99.3\n)\n')).toBe('v1.99.3');
    expect(() => moduleVersion('module x\n')).toThrow('requires no released version');
  });

  it.each<[string, string, readonly ProgramName[], readonly ProgramName[], boolean]>([
    ['a build', builtName(), all, all, true],
    ['a release of the same minor version', releaseName(`${minor()}.1`), all, all, true],
    [
      'a release without the controllers, when not needed',
      releaseName(`${minor()}.1`),
      withoutControllers,
      withoutControllers,
      true,
    ],
    ['no release without the controllers, when needed', releaseName(`${minor()}.1`), withoutControllers, all, false],
    ['no release of another minor version', releaseName('v1.2.3'), all, all, false],
    ['no build of another source', `${moduleVersion()}-0123456789ab`, all, all, false],
  ])('finds %s', (_title, name, there, needed, found) => {
    const environment = { XDG_CACHE_HOME: folder };
    const place = join(cacheRoot(environment), name);
    install(place, there);
    expect(findCached(environment, needed)).toBe(found ? place : undefined);
  });

  it('passes by a program that cannot be run', () => {
    const environment = { XDG_CACHE_HOME: folder };
    const place = join(cacheRoot(environment), builtName());
    install(place, all);
    chmodSync(join(place, 'etcd'), 0o644);
    expect(findCached(environment, all)).toBeUndefined();
  });
});

function minor(): string {
  return moduleVersion().split('.').slice(0, 2).join('.');
}

function install(place: string, programs: readonly ProgramName[]): void {
  mkdirSync(place, { recursive: true });
  for (const program of programs) writeFileSync(join(place, program), '', { mode: 0o755 });
}
