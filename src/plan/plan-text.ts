import { count } from '../documents/count.ts';
import type { Observation } from '../flows/record.ts';
import { countOf } from '../wording/number.ts';
import { formatEnd } from './end.ts';
import { notesOfLog } from './log-notes.ts';
import type { Plan } from './plan.ts';
import { nameIn } from './plan-data.ts';
import type { Difference, Proof } from './proof.ts';
import type { Proven } from './pull-request.ts';
import type { JudgedFlow } from './writer.ts';

/** The fates in the order of the text: what needs a person comes first. */
const headings = [
  ['cut', 'The fence cuts'],
  ['forbidden', 'The rules forbid, so nothing is written for'],
  ['undecided', 'Not decided'],
  ['denied-already', 'Denied already, by the policies of today'],
  ['kept', 'The fence keeps'],
] as const;

/** More flows of one fate are counted. `-o json` has them all. */
const shownLimit = 40;

/** Under a week, a flow that was not seen says nothing about whether it is needed. */
const weekMs = 7 * 24 * 3600 * 1000;

/** A plan for people. */
export function formatPlan(
  plan: Plan,
  observation: Observation | undefined,
  leftOut: ReadonlyMap<string, number>,
): string {
  const { namespace, flows, policies, unseen } = plan;
  const counts = new Map<string, number>();
  for (const { fate } of flows) count(counts, fate.fate);
  const summary = headings.flatMap(([fate]) => (counts.has(fate) ? [`${counts.get(fate)} ${fate}`] : []));
  const lines = [
    `namespace ${namespace}: ${flows.length === 0 ? 'no flow is known' : `${countOf(flows.length, 'flow')}: ${summary.join(', ')}`}`,
    ...observedLines(observation, leftOut),
  ];
  for (const [fate, heading] of headings) {
    const found = flows.filter((flow) => flow.fate.fate === fate);
    if (found.length === 0) continue;
    lines.push('', `${heading}:`);
    for (const flow of found.slice(0, shownLimit)) lines.push(...flowLines(flow, plan));
    if (found.length > shownLimit) lines.push(`  and ${found.length - shownLimit} more (-o json lists them)`);
  }
  if (unseen.length > 0) {
    lines.push(
      '',
      `Declared and not seen${isShort(observation) ? ' (the log is too short to say that they are not needed)' : ''}:`,
    );
    for (const one of unseen.slice(0, shownLimit))
      lines.push(`  ${formatEnd(one.from)} -> ${formatEnd(one.to)} ${portText(one)}: ${one.declaredBy.join(', ')}`);
    if (unseen.length > shownLimit) lines.push(`  and ${unseen.length - shownLimit} more (-o json lists them)`);
  }
  if (policies.length > 0) {
    lines.push(
      '',
      `${policies.length === 1 ? 'One policy keeps' : `${policies.length} policies keep`} what is lawful (ringfence plan --write DIR writes them):`,
    );
    for (const one of policies) lines.push(`  ${nameIn(one, namespace)}`);
  } else if (flows.length > 0 && !counts.has('cut')) lines.push('', 'No policy is needed beside the baseline.');
  return `${lines.join('\n')}\n`;
}

/** A flow in one line: its ends, where it is cut, what keeps it, and how it is known. */
export function formatFlow({ candidate, fate }: JudgedFlow): string {
  const { from, to, seen, declaredBy, sightings } = candidate;
  const known = [
    ...(seen ? [`seen ${countOf(sightings, 'time')}`] : []),
    ...(declaredBy.length > 0 ? [`declared: ${declaredBy.join(', ')}`] : []),
  ];
  const side = fate.side === undefined ? '' : ` at ${fate.side === 'both' ? 'both ends' : fate.side}`;
  const by = fate.by.length === 0 ? '' : ` by ${fate.by.join(', ')}`;
  return `${formatEnd(from)} -> ${formatEnd(to)} ${portText(candidate)}${side}${by} (${known.join('; ')})`;
}

function flowLines(flow: JudgedFlow, plan: Plan): readonly string[] {
  const { fate } = flow;
  const unwritten = plan.unwritten.get(flow);
  return [
    `  ${formatFlow(flow)}`,
    ...(fate.reason === '' ? [] : [`    ${fate.reason}`]),
    ...(fate.isCut === undefined
      ? []
      : [`    ${fate.isCut ? 'the fence cuts it' : 'a policy allows it, so the fence does not cut it'}`]),
    ...(unwritten === undefined ? [] : [`    not written: ${unwritten}`]),
  ];
}

/** The port of a flow: `TCP/8080`. */
export function portText({ protocol, port }: { readonly protocol: string; readonly port: number }): string {
  return protocol === 'ICMP' ? protocol : `${protocol}/${port}`;
}

function isShort(observation: Observation | undefined): boolean {
  const { window } = observation ?? {};
  return window === undefined || Date.parse(window.last) - Date.parse(window.first) < weekMs;
}

/** What a reader must know about the log, or that there is none. */
export function observedLines(
  observation: Observation | undefined,
  leftOut: ReadonlyMap<string, number>,
): readonly string[] {
  if (observation === undefined) return ['from what is declared alone; --observed FILE reads flow logs too'];
  return notesOfLog(observation, leftOut).map(({ message }) => message);
}

/** What the engine says about the files, with the flows that change. */
export function formatProof({ opened, closed, beyond }: Proof): string {
  const lines = [
    `Proof: what is kept or written is open behind the baseline${beyond.length === 0 ? ', and nothing else is opened.' : '.'}`,
    ...openedLines({ opened, beyond }),
  ];
  if (closed.length > 0)
    lines.push(
      `The fence closes ${closed.length} kinds of flows that are open today and are not kept (-o json lists them).`,
    );
  return `${lines.join('\n')}\n`;
}

/** The proofs of several plans. Only the namespaces in which something is opened are named. */
export function formatProofs(proven: readonly Proven[]): string {
  const isExact = proven.every(({ proof }) => proof.beyond.length === 0);
  const named = proven.filter(({ proof }) => proof.opened.length > 0 || proof.beyond.length > 0);
  const lines = [
    `Proof: what is kept or written is open behind the baselines${isExact ? ', and nothing else is opened.' : '.'}`,
    ...named.flatMap(({ plan, proof }) => [
      `Namespace ${plan.namespace}:`,
      ...openedLines(proof).map((line) => `  ${line}`),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function openedLines({ opened, beyond }: Pick<Proof, 'opened' | 'beyond'>): readonly string[] {
  return [
    ...differenceLines('Open then, and not today', opened),
    ...differenceLines('Also opened, because labels do not tell these workloads apart', beyond),
  ];
}

function differenceLines(title: string, differences: readonly Difference[]): readonly string[] {
  if (differences.length === 0) return [];
  const rest = differences.length - shownLimit;
  return [
    `${title}:`,
    ...differences.slice(0, shownLimit).map(({ from, to, ports }) => `  ${from} -> ${to} ${ports}`),
    ...(rest > 0 ? [`  and ${rest} more (-o json lists them)`] : []),
  ];
}
