import type { Labels } from '../kubernetes/labels.ts';
import { formatEnd } from './end.ts';
import type { Plan } from './plan.ts';
import type { Proof } from './proof.ts';
import { pathOf } from './record.ts';
import type { JudgedFlow, WrittenPolicy } from './writer.ts';

/** A plan with its proof. */
export interface Proven {
  readonly plan: Plan;
  readonly proof: Proof;
}

/** The team of a namespace; undefined if it does not say. */
export function teamOf(labels: Labels | undefined): string | undefined {
  return labels?.get('team');
}

/**
 * The texts of pull requests, one for each team that owns a namespace in which something is
 * written or decided, by the name of the team.
 */
export function pullRequests(
  proven: readonly Proven[],
  namespaces: ReadonlyMap<string, Labels>,
): ReadonlyMap<string, string> {
  const byTeam = new Map<string, string[]>();
  const add = (namespace: string, lines: readonly string[]): void => {
    const team = teamOf(namespaces.get(namespace)) ?? 'no-team';
    const known = byTeam.get(team) ?? [];
    known.push(...lines);
    byTeam.set(team, known);
  };
  for (const { plan, proof } of proven) {
    add(plan.namespace, ownLines(plan, proof));
    const foreign = plan.policies.filter(({ policy }) => policy.metadata.namespace !== plan.namespace);
    for (const [namespace, policies] of Map.groupBy(foreign, ({ policy }) => policy.metadata.namespace ?? ''))
      add(namespace, [`## Namespace ${namespace}, for ${plan.namespace}`, '', ...policyLines(policies), '']);
  }
  return new Map(
    [...byTeam].map(([team, lines]) => [
      team,
      `${[`# NetworkPolicies for team ${team}`, '', ...lines].join('\n').trimEnd()}\n`,
    ]),
  );
}

function ownLines(plan: Plan, proof: Proof): readonly string[] {
  const { namespace, policies, flows, unwritten } = plan;
  const own = policies.filter(({ policy }) => policy.metadata.namespace === namespace);
  const forbidden = flows.filter(({ fate }) => fate.fate === 'forbidden');
  const left = flows.filter((flow) => unwritten.has(flow));
  return [
    `## Namespace ${namespace}`,
    '',
    own.length === 0
      ? 'A fence on this namespace needs no policy beside the baseline.'
      : 'These policies keep the flows below when the namespace is fenced. They open nothing else but what the baseline opens to every Pod, such as DNS, so they may be applied before the fence.',
    '',
    ...policyLines(own),
    ...section('The rules forbid these flows, so no policy here keeps them', forbidden, ({ fate }) => fate.reason),
    ...section('The fence cuts these flows, and no policy here keeps them', left, (flow) => unwritten.get(flow) ?? ''),
    ...(proof.beyond.length === 0
      ? []
      : [
          '',
          'Labels do not tell these workloads apart, so the policies also open:',
          ...proof.beyond.map(({ from, to, ports }) => `- ${from} -> ${to} ${ports}`),
        ]),
    '',
  ];
}

function policyLines(policies: readonly WrittenPolicy[]): readonly string[] {
  return policies.flatMap(({ policy, flows, direction }) => [
    `- \`${pathOf(policy)}\``,
    ...flows.map(({ candidate: { from, to, protocol, port } }) => {
      const end = direction === 'ingress' ? `from ${formatEnd(from)}` : `to ${formatEnd(to)}`;
      return `  - ${end} ${protocol}/${port}`;
    }),
  ]);
}

function section(title: string, flows: readonly JudgedFlow[], why: (flow: JudgedFlow) => string): readonly string[] {
  if (flows.length === 0) return [];
  return [
    '',
    `${title}:`,
    '',
    ...flows.map((flow) => {
      const { from, to, protocol, port } = flow.candidate;
      return `- ${formatEnd(from)} -> ${formatEnd(to)} ${protocol}/${port}: ${why(flow)}`;
    }),
  ];
}
