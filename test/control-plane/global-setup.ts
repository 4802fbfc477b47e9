// Runs once before the end-to-end tests (vitest `globalSetup`), outside any hook's time limit: the first build takes minutes.
import type { TestProject } from 'vitest/node';
import type { Binaries } from './binaries.ts';
import { findBinaries } from './binaries.ts';

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
}
