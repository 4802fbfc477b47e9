// Writes the types of the library into dist/library/types: the declarations of its entry, and of
// every file that these name. `npm pack` runs it after the build.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'dist/library/types');
const entry = 'library/library.d.ts';

rmSync(folder, { recursive: true, force: true });
// Within dist/, because a declaration finds the packages that it names above its folder.
const all = mkdtempSync(join(root, 'dist/types-'));
try {
  const project = join(all, 'tsconfig.json');
  const compilerOptions = { noEmit: false, emitDeclarationOnly: true, declaration: true, rootDir: join(root, 'src') };
  const extended = { extends: join(root, 'tsconfig.json'), files: [join(root, 'src/library/library.ts')], include: [] };
  writeFileSync(project, JSON.stringify({ ...extended, compilerOptions: { ...compilerOptions, outDir: all } }));
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project], { stdio: 'inherit' });
  for (const file of reachable(entry)) cpSync(join(all, file), join(folder, file));
} finally {
  rmSync(all, { recursive: true, force: true });
}

/** Returns a declaration and all that it names. Throws if it names a package. */
function reachable(file: string, found: Set<string> = new Set()): ReadonlySet<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(join(all, file), 'utf8');
  for (const [, from, lazy] of text.matchAll(/\bfrom ['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)/g)) {
    const name = from ?? lazy ?? '';
    // A package would have to be a dependency of everybody who uses the library.
    if (!name.startsWith('.')) throw new Error(`${file} names the package ${name}`);
    reachable(normalize(relative(all, join(all, dirname(file), name.replace(/\.ts$/, '.d.ts')))), found);
  }
  return found;
}
