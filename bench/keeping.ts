// The file of figures: the last measurement of each part, and the machine.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import process from 'node:process';
import type { Figure } from './figures.ts';

/** One run of a part. */
export interface PartRun {
  /** `2026-11-25`. */
  readonly date: string;
  /** `Node 24.21.0, 2 processors`. */
  readonly machine: string;
  readonly figures: readonly Figure[];
}

/** By the names of the parts. */
export type Runs = Readonly<Record<string, PartRun>>;

export function describeMachine(): string {
  const [processor] = cpus();
  return `Node ${process.versions.node}, ${cpus().length} processors (${processor?.model ?? 'unknown'})`;
}

export function readRuns(file: string): Runs {
  return JSON.parse(readFileSync(file, 'utf8')) as Runs;
}

/**
 * Puts the parts of `runs` into the file and keeps its other parts. Returns the whole new content.
 */
export function keepRuns(file: string, runs: Runs): Runs {
  const kept = { ...(existsSync(file) ? readRuns(file) : {}), ...runs };
  writeFileSync(file, `${JSON.stringify(kept, undefined, 2)}\n`);
  return kept;
}
