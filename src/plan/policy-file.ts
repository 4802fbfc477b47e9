import { stringify } from 'yaml';
import { formatEnd } from './end.ts';
import type { WrittenPolicy } from './writer.ts';

/** Where a plan comes from, as the head of each file says it. */
export interface Origin {
  /** The command without its paths: `ringfence plan shop`. */
  readonly command: string;
  /** The files of manifests, or `the live cluster`. */
  readonly manifests: string;
  /** The files of logs; undefined without one. */
  readonly logs: string | undefined;
  /** The times of the first and the last line of the logs. */
  readonly window: { readonly first: string; readonly last: string } | undefined;
}

/** The first words of every file of a plan, by which a later plan knows its own files. */
export const fileMark = '# Written by ringfence plan.';

/** The file of a policy: a head of comments, and the object as YAML 1.1, which kubectl reads. */
export function policyFile(
  { policy, direction, flows }: WrittenPolicy,
  origin: Origin,
  team: string | undefined,
): string {
  const { command, manifests, logs, window } = origin;
  const lines = [
    `${fileMark} Its flows are in plan.json, and ringfence plan --verify holds the files to it.`,
    ...(team === undefined ? [] : [`# For the team ${team}.`]),
    `# Command: ${command}`,
    `# Manifests: ${manifests}`,
    `# Flow logs: ${logs ?? 'none'}`,
    ...(window === undefined ? [] : [`# Seen from ${window.first} to ${window.last}`]),
    '# Flows:',
    ...flows.map(({ candidate }) => {
      const { from, to, protocol, port, seen, sightings, declaredBy } = candidate;
      const how = [
        ...(seen ? [`seen ${sightings}x`] : []),
        ...(declaredBy.length === 0 ? [] : [`declared (${declaredBy.join(', ')})`]),
      ];
      const ends = direction === 'ingress' ? `from ${formatEnd(from)}` : `to ${formatEnd(to)}`;
      return `#   ${ends} ${protocol}/${port}: ${how.join(', ')}`;
    }),
  ];
  const head = lines.map((line) => line.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ')).join('\n');
  return `${head}\n${stringify(policy, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })}`;
}
