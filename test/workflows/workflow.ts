import { globSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The parts of a workflow of GitHub Actions that tests look at. */
export interface Workflow {
  readonly path: string;
  readonly text: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

export interface Job {
  readonly permissions?: unknown;
  readonly 'timeout-minutes'?: number;
  readonly needs?: readonly string[];
  /** Another workflow that the job is. */
  readonly uses?: string;
  readonly steps?: readonly Step[];
}

export interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly id?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

/** The workflows of this repository. */
export const workflows: readonly Workflow[] = globSync('.github/workflows/*.yml')
  .sort((a, b) => (a < b ? -1 : 1))
  .map((path) => {
    const text = readFileSync(path, 'utf8');
    return { ...(parse(text) as Omit<Workflow, 'path' | 'text'>), path, text };
  });

/** Every step, with the place of its job. */
export const steps: readonly (Step & { readonly at: string })[] = workflows.flatMap(({ path, jobs }) =>
  Object.entries(jobs).flatMap(([name, job]) => (job.steps ?? []).map((step) => ({ ...step, at: `${path} ${name}` }))),
);
