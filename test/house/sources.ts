// The sources as text: what is imported where, without loading anything.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';

export interface Source {
  /** From the root of the repository. */
  readonly path: string;
  /** The folder under `src/`; empty for the files that stand in it. */
  readonly room: string;
  readonly text: string;
  /** Paths of files of ours. */
  readonly imports: readonly string[];
  /**
   * Those of `imports` that are loaded with it: neither types alone, nor what `import()` waits for.
   */
  readonly loaded: readonly string[];
  /** Names of packages, and of Node's own modules with `node:`. */
  readonly packages: readonly string[];
}

/** Every source file, by its path. */
export const sources: readonly Source[] = globSync('src/**/*.ts').sort(compare).map(read);

/** The rooms, each once. */
export const rooms: readonly string[] = [...new Set(sources.map(({ room }) => room))].filter((room) => room !== '');

function read(path: string): Source {
  const text = readFileSync(path, 'utf8');
  // `import … from 'x'`, `export … from 'x'`, `import 'x'` and `import('x')`, types included.
  const named = [
    ...text.matchAll(/^(?:import|export|\})[^'"`;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm),
  ];
  const loaded = [...text.matchAll(/^(?:import (?!type )|export (?!type )|\})[^'"`;]*?from '(\.[^']+)'/gm)];
  const names = named.map(([, from, bare, lazy]) => from ?? bare ?? lazy ?? '');
  return {
    path,
    room: path.split(sep).slice(1, -1)[0] ?? '',
    text,
    imports: names.filter((name) => name.startsWith('.')).map((name) => normalize(join(dirname(path), name))),
    loaded: loaded.map(([, from = '']) => normalize(join(dirname(path), from))),
    packages: names.filter((name) => !name.startsWith('.')).map(packageOf),
  };
}

/** `ajv/dist/2020.js` is of the package ajv; a scope belongs to the name. */
function packageOf(name: string): string {
  return name.startsWith('node:')
    ? name
    : name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
