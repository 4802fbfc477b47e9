import { countLines, type Line } from './line.ts';

/** Lines for programs, as `schemas/doctor.schema.json` defines them. */
export function linesJson(lines: readonly Line[]): string {
  return `${JSON.stringify({ counts: countLines(lines), lines }, undefined, 2)}\n`;
}
