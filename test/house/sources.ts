// The sources as text, with their imports, without loading anything.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';

export interface Source {
  /** The path from the root of the repository. */
  readonly path: string;
  /** The folder in `src/`; empty for files directly in `src/`. */
  readonly room: string;
  readonly text: string;
  /** Paths of imported files of this repository. */
  readonly imports: readonly string[];
  /**
   * The imports that are loaded with the file: neither types, nor files that `import()` loads
   * later.
   */
  readonly loaded: readonly string[];
  /** Names of packages, and of Node's modules with `node:`. */
  readonly packages: readonly string[];
}

/** Every source file, by its path. */
export const sources: readonly Source[] = globSync('src/**/*.ts').sort(compare).map(read);

/** The rooms, each once. */
export const rooms: readonly string[] = [...new Set(sources.map(({ room }) => room))].filter((room) => room !== '');

/** Returns a file with all files that are loaded with it. */
export function loadedBy(path: string, seen: Set<string> = new Set()): readonly Source[] {
  const source = sources.find((one) => one.path === path);
  if (source === undefined || seen.has(path)) return [];
  seen.add(path);
  return [source, ...source.loaded.flatMap((next) => loadedBy(next, seen))];
}

/** Returns a text without the lines that are comments. */
export function codeOf(text: string): string {
  return text.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '');
}

/**
 * Returns the first circle of imports, types included. A circle of types means that a file should
 * be two.
 */
export function findCircle(): readonly string[] {
  const importsOf = new Map(sources.map(({ path, imports }) => [path, imports]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const next of importsOf.get(path) ?? []) {
      const circle = visit(next, [...trail, path]);
      if (circle.length > 0) return circle;
    }
    done.add(path);
    return [];
  };
  return sources.map(({ path }) => visit(path, [])).find((circle) => circle.length > 0) ?? [];
}

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

/**
 * Returns the package of a module: `ajv/dist/2020.js` belongs to ajv. A scope is part of the name.
 */
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
