import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { compileCache } from '../control-plane/compile-cache.ts';

const bundle = 'dist/ringfence.mjs';

/**
 * Returns the program that end-to-end tests and the demo run: the bundle, as it is shipped. It
 * starts in a third of the processor time that the sources need. Of the checkout of another
 * release, it is the sources.
 */
export function programOf(checkout?: string): string {
  return checkout === undefined ? resolve(bundle) : resolve(checkout, 'src/main.ts');
}

/**
 * Builds the program unless it is newer than its sources, and compiles its code once for all of its
 * starts. It then ends at once, because there is no cluster to serve.
 */
export function buildProgram(): void {
  if (!isBuilt()) {
    const built = spawnSync(process.execPath, ['scripts/build.ts'], { encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`the program could not be built: ${built.stderr}`);
  }
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCache };
  const nothing = ['serve', '--kubeconfig', 'absent', '--port', '0', '--admin-port', '0'];
  spawnSync(process.execPath, [bundle, ...nothing], { env });
}

function isBuilt(): boolean {
  const builtAt = statSync(bundle, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = globSync(['src/**/*', 'schemas/*', 'scripts/build.ts', 'package-lock.json']);
  return sources.every((file) => statSync(file).mtimeMs < builtAt);
}
