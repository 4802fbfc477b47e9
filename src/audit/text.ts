import { formatLines } from '../doctor/text.ts';
import { formatOutside } from '../reach/outside-text.ts';
import { formatTable, shorten } from '../reach/table.ts';
import type { Severity } from '../report/report.ts';
import { agree, countOf } from '../wording/number.ts';
import type { ApiServerCalls, CallFate } from './api-server.ts';
import { groupCauses } from './cause-groups.ts';
import { sayCauses } from './cause-text.ts';
import type { AuditedNamespace } from './namespaces.ts';
import { sayUnread } from './overlooked.ts';
import { type AuditReport, summarize } from './report.ts';

/**
 * An audit for people: a table of teams and one of namespaces, worst first; what has to be
 * corrected, worst first; then what no object shows by itself. The last line is the summary.
 */
export function auditText(report: AuditReport): string {
  const sections = [
    section('Teams', teamTable(report)),
    section('Namespaces', namespaceTable(report)),
    section('What to correct', groupCauses(report.causes).map(sayCauses).join('')),
    section('Fences', fenceLines(report).join('\n')),
    section('Calls of the API server into namespaces', report.apiServerCalls.map(sayCalls).join('\n')),
    section('Exposed to the outside', exposureText(report)),
    section('Exceptions', exceptionLines(report).join('\n')),
    section('Doctor', report.doctor === undefined ? '' : formatLines(report.doctor)),
    section('Good to know', noteLines(report).join('\n')),
  ];
  return `${[...sections.filter((text) => text !== ''), `${summarize(report)}.`].join('\n')}\n`;
}

function section(title: string, text: string): string {
  const lines = text.trimEnd();
  return lines === '' ? '' : `${title}\n${lines.replaceAll(/^(?=.)/gm, '  ')}\n`;
}

function teamTable({ teams }: AuditReport): string {
  return formatTable([
    ['TEAM', 'NAMESPACES', 'FENCED', 'PODS', ...countHeads],
    ...teams.map(({ name, namespaces, fenced, pods, findings }) => [
      name === '' ? '(none)' : name,
      String(namespaces),
      String(fenced),
      String(pods),
      ...countCells(findings),
    ]),
  ]);
}

const countHeads = ['FINDINGS', 'WARNINGS', 'NOT DECIDED'] as const;

function countCells({ error, warning, undecided }: Readonly<Record<Severity, number>>): readonly string[] {
  return [error, warning, undecided].map(String);
}

/** A row for each namespace. What several are not fenced for is said once, below. */
function namespaceTable({ namespaces }: AuditReport): string {
  const reasons = Map.groupBy(namespaces, reasonOf);
  const isShared = (one: AuditedNamespace): boolean => one.why !== '' && (reasons.get(reasonOf(one))?.length ?? 0) > 1;
  const table = formatTable([
    ['NAMESPACE', 'TEAM', 'MODE', 'FENCE', 'PODS', ...countHeads, ''],
    ...namespaces.map((one) => [
      one.name,
      one.team === '' ? '-' : one.team,
      one.isExempt ? 'exempt' : one.mode,
      one.fence,
      String(one.pods.all),
      ...countCells(one.findings),
      remarksOn(isShared(one) ? { ...one, why: '', trialUntil: '' } : one).join('; '),
    ]),
  ]);
  const shared = [...reasons].filter(([, [first]]) => first !== undefined && isShared(first));
  return table + shared.map(([why, own]) => `not-fenced, ${sayNamespaces(own)}: ${why}\n`).join('');
}

/** Why a namespace is not fenced, in words that others may share. */
function reasonOf({ name, why }: AuditedNamespace): string {
  return why.replace(` ${name}`, ' NAMESPACE');
}

function sayNamespaces(namespaces: readonly AuditedNamespace[]): string {
  const names = namespaces.map(({ name }) => name);
  return names.length > 5 ? `${names.length} namespaces` : names.join(', ');
}

/** What a row of the table adds to its numbers. */
export function remarksOn({ why, pods, refused, trialUntil }: AuditedNamespace): readonly string[] {
  const parts: readonly (readonly [count: number, one: string, many: string])[] = [
    [refused.templates, 'template would be refused', 'templates would be refused'],
    [pods.disagreeing, 'Pod disagrees with the namespace', 'Pods disagree with the namespace'],
    [pods.unfilled, 'Pod lacks a label until it is made again', 'Pods lack a label until they are made again'],
    [pods.hostNetwork, 'Pod in the network of its node', 'Pods in the network of their node'],
    [pods.hostPort, 'Pod with a hostPort', 'Pods with a hostPort'],
  ];
  const counted = parts.filter(([count]) => count > 0);
  const trial = trialUntil === '' || why !== '' ? [] : [`on trial until ${trialUntil}`];
  return [
    ...(why === '' ? [] : [why]),
    ...trial,
    ...counted.map(([count, one, many]) => `${count} ${agree(count, one, many)}`),
  ];
}

/** How the baselines are, and what opens them again. */
function fenceLines({ namespaces, doctor }: AuditReport): readonly string[] {
  const marked = namespaces.filter(({ fence }) => fence !== 'not-fenced');
  if (marked.length === 0) return ['no namespace is fenced'];
  const broken = marked.filter(({ fence }) => fence === 'broken');
  const voided = marked.flatMap(({ name, voided: policies }) => policies.map((one) => ({ namespace: name, ...one })));
  const guards = doctor?.filter(({ examination }) => ['webhook-reach', 'webhook-entries'].includes(examination));
  const isGuarded = guards?.every(({ status }) => status === 'clean' || status === 'note');
  return [
    broken.length === 0
      ? `${countOf(marked.length, 'namespace')} fenced, each with its baseline`
      : `${broken.length} of ${countOf(marked.length, 'fenced namespace')} without the right baseline: ${shorten(broken.map(({ name }) => name))}`,
    ...(isGuarded === undefined
      ? []
      : [
          isGuarded
            ? 'the API server asks Ringfence before it changes a baseline'
            : 'baselines are not protected: see webhook-reach and webhook-entries under Doctor',
        ]),
    ...voided.map(
      ({ namespace, name, field, direction, peers, pods, of }) =>
        `${namespace}/${name} (${field}) allows all ${direction} ${direction === 'ingress' ? 'from' : 'to'} ${peers}: ${pods} of ${countOf(of, 'Pod')}`,
    ),
  ];
}

const fates: Readonly<Record<CallFate, string>> = {
  cut: 'cut',
  'would-be-cut': 'a fence would cut them',
  open: 'open',
  undecided: 'not decided',
};

function sayCalls({ namespace, service, port, callers, fate, reason }: ApiServerCalls): string {
  const names = shorten(callers.map(({ kind, name }) => `${kind} ${name}`));
  return `${fates[fate]}: ${namespace}/${service} on port ${port}: ${reason} (${names})`;
}

/** The ways without the reasons: many lead to the same Pods from the same sources. */
function exposureText({ exposure, unreached }: AuditReport): string {
  const { flows, deadEnds } = exposure;
  const ways = flows.map((flow) => ({ ...flow, sources: [] }));
  return [
    flows.length + deadEnds.length === 0
      ? 'nothing leads the outside to a Pod\n'
      : formatOutside({ flows: ways, deadEnds }),
    unreached.length === 0 ? '' : `expose="true", although nothing leads to them: ${unreached.join(', ')}\n`,
    flows.length === 0 ? '' : 'ringfence reach --from outside says from where, and why\n',
  ].join('');
}

function exceptionLines({ exceptions }: AuditReport): readonly string[] {
  const words = { holds: 'ends', ending: 'ends within a week, on', ended: 'ended' } as const;
  return exceptions.map(
    ({ name, namespace, checks, until, state, reason }) =>
      `${name}: ${words[state]} ${state === 'ending' ? until : `on ${until}`}: ${checks.join(', ')} in ${namespace} (${reason})`,
  );
}

/** What a reader should know about the reading, each on a line. */
export function noteLines({ notes, leftOut, judgement, requests }: AuditReport): readonly string[] {
  const counted = [...leftOut].map(([what, count]) => `${count} ${what}`);
  return [
    ...new Set(notes.map(({ message, overlooked }) => (overlooked ? `overlooked: ${message}` : message))),
    ...sayUnread(judgement).map((message) => `overlooked: ${message}`),
    ...(counted.length === 0 ? [] : [`left out: ${counted.join(', ')}`]),
    ...(requests === undefined ? [] : [`read with ${countOf(requests, 'request')}`]),
  ];
}
