// Runs once before the tests of the alert rules. It is outside the time limits of hooks, because
// the first build takes minutes.
import type { TestProject } from 'vitest/node';
import { findPromtool, type Promtool } from './promtool.ts';

declare module 'vitest' {
  interface ProvidedContext {
    promtool: Promtool;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const found = await findPromtool();
  if (!found.ok)
    process.stderr.write(
      `\nno promtool for the tests of the alert rules: ${found.reason}.\nRemedy: ${found.remedy}.\n\n`,
    );
  project.provide('promtool', found);
}
