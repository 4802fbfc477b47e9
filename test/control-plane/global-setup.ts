// Runs once before the end-to-end tests (vitest `globalSetup`), outside any hook's time limit: the first build takes minutes.
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

/** The program, and its code compiled once for all of its starts. Nothing is there to serve, so it ends at once. */
function buildProgram(): void {
  const built = spawnSync(process.execPath, ['scripts/build.ts'], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`the program could not be built: ${built.stderr}`);
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCache };
  const nothing = ['serve', '--kubeconfig', 'absent', '--port', '0', '--admin-port', '0'];
  spawnSync(process.execPath, ['dist/ringfence.mjs', ...nothing], { env });
}
