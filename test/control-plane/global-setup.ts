// Runs once before the end-to-end tests (vitest `globalSetup`). It is outside the time limits of
// hooks, because the first build takes minutes.
import type { TestProject } from 'vitest/node';
import { buildProgram } from '../e2e/program.ts';
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
  buildProgram();
}
