import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rooms, sources } from './sources.ts';

const read = (path: string): string => readFileSync(path, 'utf8');
const all = [...sources.map(({ path }) => path), ...globSync(['test/**/*.ts', 'scripts/**/*.ts'])];

describe('the files', () => {
  it('have at most 250 lines: one that has more is asking to be two', () => {
    const long = all.map((path) => [path, read(path).trimEnd().split('\n').length] as const);
    expect(long.filter(([, lines]) => lines > 250)).toEqual([]);
  });

  it('are named by nouns in kebab-case', () => {
    expect(
      all.filter((path) => !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:unit\.)?(?:test|fixture))?\.ts$/.test(basename(path))),
    ).toEqual([]);
  });

  it('call vi.waitFor in one place, because its own limit is a second', () => {
    // The tests of the control plane name their own limit.
    const waiting = all.filter((path) => !path.startsWith('test/control-plane/') && /\bvi\.waitFor\(/.test(read(path)));
    expect(waiting).toEqual(['test/waiting.ts']);
  });

  it('and rooms have names that say something', () => {
    const empty = /^(?:utils?|helpers?|common|misc|lib|shared|managers?|impl|types|constants)$/;
    const names = [...rooms, ...all.flatMap((path) => path.replace(/\.ts$/, '').split('/'))];
    expect(names.filter((name) => empty.test(name))).toEqual([]);
  });

  it('have no barrel but the index of the checks', () => {
    expect(all.filter((path) => basename(path) === 'index.ts')).toEqual(['src/policy/checks/index.ts']);
  });

  it('have comments of at most 100 columns, except for URLs', () => {
    const isLong = (line: string): boolean => line.length > 100 && /^\s*(?:\/\/|\/?\*)/.test(line);
    const commented = [...sources.map(({ path }) => path), ...globSync('{bench,scripts,test}/**/*.ts')];
    const long = commented.flatMap((path) =>
      read(path)
        .split('\n')
        .flatMap((line, index) => (isLong(line) && !/https?:\/\//.test(line) ? [`${path}:${index + 1}`] : [])),
    );
    expect(long).toEqual([]);
  });

  it('export nothing by default, and hold no enum, namespace or silenced rule', () => {
    const forbidden =
      /^export default|^(?:export )?(?:const )?enum |^(?:export )?namespace |@ts-ignore|@ts-expect-error/m;
    expect(sources.filter(({ text }) => forbidden.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

describe('ARCHITECTURE.md', () => {
  const text = read('ARCHITECTURE.md');

  it('is as long as one reads in one sitting', () => {
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(130);
  });

  it('says in a sentence what each room is for, and of no room that is gone', () => {
    const described = [...text.matchAll(/^\| `([a-z]+)\/` \| [A-Z].{20,}\. \|$/gm)].map(([, room]) => room);
    expect(new Set(described)).toEqual(new Set(rooms));
  });

  it('lists the rooms in the order of their imports: each imports only rooms above it', () => {
    const order = [...text.matchAll(/^\| `([a-z]+)\/` \|/gm)].map(([, room = '']) => room);
    const upward = sources
      .filter(({ room }) => room !== '')
      .flatMap(({ path, room, imports }) =>
        imports
          .map((imported) => imported.split('/')[1] ?? '')
          .filter((other) => order.indexOf(other) > order.indexOf(room))
          .map((other) => `${path} imports ${other}`),
      );
    expect(upward).toEqual([]);
  });

  it('names files that exist', () => {
    const paths = [...text.matchAll(/`((?:src|test|scripts|docs|manifests|schemas)\/[\w./-]+)`/g)].map(
      ([, path = '']) => path,
    );
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => globSync(path).length === 0)).toEqual([]);
  });
});
