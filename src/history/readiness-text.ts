import { type CauseGroup, groupCauses } from '../audit/cause-groups.ts';
import { listPlaces, sayPlace, wrap } from '../audit/cause-text.ts';
import { agree, countOf, listOf } from '../wording/number.ts';
import type { Rollout } from './live.ts';
import type { Readiness, ReadyNamespace } from './readiness.ts';
import type { ReadyLog } from './readiness-log.ts';
import { formatCauses, sayReading } from './replay-text.ts';

/** A readiness for people. `top` causes are shown of the live state and of the log. */
export function formatReadiness(readiness: Readiness, top: number): string {
  const { namespaces, exempt, live, log, unread } = readiness;
  const causes = groupCauses(live.causes);
  const lines = [
    `live: ${live.judged} templates, Pods that nothing makes again and NetworkPolicies; enforce would refuse ${live.refused}`,
    ...causes.slice(0, top).flatMap(formatLiveCause),
    ...(causes.length > top ? [`  and ${countOf(causes.length - top, 'more cause')}: -o json has them`] : []),
    ...live.rollouts.slice(0, top).map(sayRollout),
    ...(live.rollouts.length > top ? [`  and ${live.rollouts.length - top} more of an earlier template`] : []),
    '',
    ...(log === undefined
      ? ['log: none was given (--log FILE), so only what lives now was looked at']
      : formatLog(log, top)),
    '',
    ...namespaces.map(formatNamespace),
    ...formatElsewhere(readiness),
    ...sayNext(namespaces),
    ...(exempt.length === 0 ? [] : [`not asked: ${exempt.length} ${agree(exempt.length, 'is', 'are')} exempt`]),
    ...unread.map((sentence) => `NOT READ  ${sentence}`),
    conclude(readiness),
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

function formatLiveCause({ count, message, remedy, fix, causes }: CauseGroup): readonly string[] {
  const [{ namespace, at }] = causes;
  const shown = at.length > 3 ? `${at.slice(0, 3).join(', ')} and ${at.length - 3} more` : at.join(', ');
  const isOne = causes.length === 1;
  const indent = ' '.repeat(11);
  return [
    `${String(count).padStart(9)}  ${isOne ? '' : `${sayPlace(causes)}: `}${message}`,
    ...(isOne ? [`in ${namespace}: ${shown}`] : wrap(listPlaces(causes))).map((line) => `${indent}${line}`),
    ...(remedy === '' ? [] : [`${indent}do: ${remedy}`]),
    ...fix.map((line) => `${indent}${line}`),
  ];
}

function sayRollout({ namespace, object, workload, remedy }: Rollout): string {
  return `  ROLLING  ${workload} in ${namespace} is corrected, and ${object} still has the earlier template: ${remedy}`;
}

function formatNamespace({ name, mode, next, isReady, refused, recorded }: ReadyNamespace): string {
  const why = [...(refused > 0 ? [`${refused} live`] : []), ...(recorded > 0 ? [`${recorded} recorded`] : [])];
  const at = mode === undefined ? 'mode not known' : next === undefined ? mode : `${mode}, next ${next}`;
  return isReady ? `ready      ${name} (${at})` : `NOT READY  ${name} (${at}): ${why.join(', ')}`;
}

/** What stands in the way of the next mode, which is little on the way to `warn`. */
function sayNext(namespaces: readonly ReadyNamespace[]): readonly string[] {
  const count = namespaces.filter(({ next }) => next === 'warn').length;
  return count === 0
    ? []
    : [
        `next: ${countOf(count, 'namespace')} may go from observe to warn now: warn refuses nothing, and kubectl then says the same as here`,
      ];
}

/** What the log has of requests that are of no namespace above. */
function formatElsewhere({ log, isLive }: Readiness): readonly string[] {
  const { namespaces, cluster } = log?.elsewhere ?? { namespaces: [], cluster: 0 };
  const recorded = namespaces.reduce((sum, one) => sum + one.recorded, 0);
  const names = listOf(namespaces.map(({ name }) => name));
  return [
    ...(recorded === 0 ? [] : [`NOT READY  ${sayGone(namespaces.length, isLive)} (${names}): ${recorded} recorded`]),
    ...(cluster === 0 ? [] : [`NOT READY  ${ofCluster}: ${cluster} recorded`]),
  ];
}

const ofCluster = 'the cluster (objects of no namespace)';

/** `3 namespaces that are gone`. */
function sayGone(count: number, isLive: boolean): string {
  return `${countOf(count, 'namespace')} that ${agree(count, 'is', 'are')} ${isLive ? 'gone' : 'not in the files'}`;
}

function conclude({ state, namespaces, exempt, log, isLive }: Readiness): string {
  if (state === 'ready') return `ready: ${countOf(namespaces.length, 'namespace')} may enforce.`;
  if (state === 'not-ready') {
    const { namespaces: gone, cluster } = log?.elsewhere ?? { namespaces: [], cluster: 0 };
    const notReady = namespaces.filter(({ isReady }) => !isReady).length;
    const parts = [
      `${notReady} of ${countOf(namespaces.length, 'namespace')}`,
      ...(gone.length === 0 ? [] : [sayGone(gone.length, isLive)]),
      ...(cluster === 0 ? [] : ['the cluster']),
    ];
    return `not ready: ${parts.join(', ')}.`;
  }
  if (namespaces.length > 0) return 'not decided: not everything could be read.';
  const why =
    exempt.length === 0
      ? ''
      : `: ${listOf(exempt)} ${agree(exempt.length, 'is', 'are')} exempt, and enforce does not judge what is in ${agree(exempt.length, 'it', 'them')}`;
  return `not decided: no namespace was asked about${why}.`;
}
