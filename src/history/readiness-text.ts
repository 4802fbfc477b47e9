import type { Cause } from '../audit/causes.ts';
import type { Readiness, ReadyLog, ReadyNamespace } from './readiness.ts';
import { formatCauses, sayReading } from './replay-text.ts';

/** A readiness for people. `top` causes are shown of the live state and of the log. */
export function formatReadiness(readiness: Readiness, top: number): string {
  const { namespaces, exempt, live, log, unread, isReady } = readiness;
  const notReady = namespaces.filter((one) => !one.isReady);
  const lines = [
    `live: ${live.judged} templates, Pods that nothing makes again and NetworkPolicies; enforce would refuse ${live.refused}`,
    ...live.causes.slice(0, top).flatMap(formatLiveCause),
    ...(live.causes.length > top ? [`  and ${live.causes.length - top} more causes: -o json has them`] : []),
    '',
    ...(log === undefined
      ? ['log: none was given (--log FILE), so only what lives now was looked at']
      : formatLog(log, top)),
    '',
    ...namespaces.map(formatNamespace),
    ...(exempt.length === 0 ? [] : [`not asked: ${exempt.length} are exempt`]),
    ...unread.map((sentence) => `NOT READ  ${sentence}`),
    unread.length > 0 && isReady
      ? 'not decided: not everything could be read.'
      : isReady
        ? `ready: ${namespaces.length} ${namespaces.length === 1 ? 'namespace' : 'namespaces'} may enforce.`
        : `not ready: ${notReady.length} of ${namespaces.length} namespaces.`,
  ];
  return `${lines.join('\n')}\n`;
}

function formatLog(
  { reading, dryRuns, recorded, corrected, undecided, holes }: ReadyLog,
  top: number,
): readonly string[] {
  return [
    `log: ${sayReading(reading, dryRuns)}`,
    ...formatCauses('enforce would have refused, and nothing shows that it is corrected', recorded, top),
    `corrected since: ${corrected} (what makes the object lives, and would be admitted)`,
    ...(undecided.lines === 0 ? [] : formatCauses('not decided', undecided, top)),
    ...holes.map((hole) => `NOT KNOWN  ${hole}`),
  ];
}

function formatLiveCause({ count, message, namespace, at, remedy, fix }: Cause): readonly string[] {
  const shown = at.length > 3 ? `${at.slice(0, 3).join(', ')} and ${at.length - 3} more` : at.join(', ');
  const indent = ' '.repeat(11);
  return [
    `${String(count).padStart(9)}  ${message}`,
    `${indent}in ${namespace}: ${shown}`,
    ...(remedy === '' ? [] : [`${indent}do: ${remedy}`]),
    ...fix.map((line) => `${indent}${line}`),
  ];
}

function formatNamespace({ name, mode, isReady, refused, recorded }: ReadyNamespace): string {
  const why = [...(refused > 0 ? [`${refused} live`] : []), ...(recorded > 0 ? [`${recorded} recorded`] : [])];
  return isReady ? `ready      ${name} (${mode})` : `NOT READY  ${name} (${mode}): ${why.join(', ')}`;
}
