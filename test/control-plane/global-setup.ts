// Runs once before the end-to-end tests (vitest `globalSetup`). It is outside the time limits of
// hooks, because the first build takes minutes.
import { spawnSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';
import type { Binaries } from './binaries.ts';
import { findBinaries } from './binaries.ts';
import { compileCache } from './compile-cache.ts';

declare module 'vitest' {
  interface ProvidedContext {
    controlPlaneBinaries: Binaries;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const found = await findBinaries();
  if (!found.ok) {
    process.stderr.write(`\nno control plane for the end-to-end tests: ${found.reason}.\nRemedy: ${found.remedy}.\n\n`);
  }
  project.provide('controlPlaneBinaries', found);
  buildProgram();
}

/**
 * Builds the program, and compiles its code once for all of its starts. It ends at once, because
 * there is no cluster to serve.
 */
function buildProgram(): void {
  const built = spawnSync(process.execPath, ['scripts/build.ts'], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`the program could not be built: ${built.stderr}`);
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCache };
  const nothing = ['serve', '--kubeconfig', 'absent', '--port', '0', '--admin-port', '0'];
  spawnSync(process.execPath, ['dist/ringfence.mjs', ...nothing], { env });
}
