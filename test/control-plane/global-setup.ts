// Runs once before the end-to-end tests (vitest `globalSetup`). It is outside the time limits of
// hooks, because the first build takes minutes.
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
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
  fillCompileCache();
}

/** Compiles the code that every replica of a test needs, once. */
function fillCompileCache(): void {
  const program = `await import(${JSON.stringify(pathToFileURL('src/process/serve.ts').href)})`;
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCache };
  spawnSync(process.execPath, ['--input-type=module', '--eval', program], { env });
}
