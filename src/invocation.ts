// How the person started Ringfence, which usage and hints repeat: as `ringfence`, or as kubectl's
// plugin. kubectl runs `kubectl-ringfence` for `kubectl ringfence`.
import { basename } from 'node:path';
import process from 'node:process';

/** The names of the commands. The table in main.ts has an entry for each. */
export const commandNames = [
  'check',
  'reach',
  'assert',
  'diff',
  'doctor',
  'audit',
  'view',
  'readiness',
  'replay',
  'plan',
  'fence',
  'unfence',
  'baseline',
  'serve',
  'manifests',
  'uninstall',
  'completion',
] as const;

export type CommandName = (typeof commandNames)[number];

/** A hint names a command of Ringfence: `ringfence fence shop`. Paths and other words are none. */
const hint = new RegExp(`(?<![\\w./-]|kubectl )ringfence(?= (?:${commandNames.join('|')})\\b)`, 'gu');

/** Returns the command line that starts Ringfence, by the path of the program that was started. */
export function callOf(path: string | undefined): 'ringfence' | 'kubectl ringfence' {
  return basename(path ?? '').startsWith('kubectl-ringfence') ? 'kubectl ringfence' : 'ringfence';
}

/** The command line that started this process. */
export const call = callOf(process.argv[1]);

/** Returns a text for a person, with its hints as this person types them. */
export function asCalled(text: string, by: string = call): string {
  return by === 'ringfence' ? text : text.replaceAll(hint, by);
}
