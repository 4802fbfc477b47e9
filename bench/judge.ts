// Measures the judgement of one NetworkPolicy at admission: the policies of the examples, and the
// worst ones that the API server stores. Called by `npm run bench`.
import { type Caches, surroundingsOf } from '../src/admission/facts.ts';
import { systemFiles } from '../src/commands/files.ts';
import { defaultConfig } from '../src/config/load.ts';
import { loadDocuments } from '../src/documents/load.ts';
import type { Labels } from '../src/kubernetes/labels.ts';
import type { NetworkPolicy, NetworkPolicySpec } from '../src/kubernetes/network-policy.ts';
import { createBudget, reviewLimits } from '../src/network/budget.ts';
import { checks } from '../src/policy/checks/index.ts';
import { evaluate } from '../src/policy/evaluate.ts';
import { explainDenial, explainWarnings } from '../src/policy/explain.ts';
import { isSubject, readSubject } from '../src/policy/subject.ts';
import type { Figure } from './figures.ts';

/**
 * The figures of judgement at admission, from the parsed object to the text of the answer, with
 * every check.
 */
export async function benchJudgement(): Promise<readonly Figure[]> {
  const { policies, namespaces } = await loadExamples();
  const judged = policies.map((policy) => () => judge(policy, policies, namespaces));
  const times = timesOf(judged, rounds).sort((a, b) => a - b);
  const shapes = Object.entries(worstShapes);
  const worst = shapes.map(([label, specification]): Figure => {
    const policy = policyOf(specification());
    const [time = 0] = timesOf([() => judge(policy, [policy], new Map())], 3).sort((a, b) => a - b);
    return {
      label: `worst policy, ${megabytes(policy)} MB: ${label}`,
      value: time / 1000,
      unit: 'ms',
    };
  });
  return [
    { label: 'real policies (examples/)', value: policies.length, unit: 'policies' },
    { label: 'judging a real policy, median', value: quantile(times, 0.5), unit: 'µs', target: 200 },
    { label: 'judging a real policy, p99', value: quantile(times, 0.99), unit: 'µs' },
    ...worst,
  ];
}

/**
 * How often each policy is judged: some thousands of judgements in all, which take about a second.
 */
const rounds = 100;

const config = defaultConfig({ ownNamespace: 'ringfence-system', version: '0' });

interface Examples {
  readonly policies: readonly NetworkPolicy[];
  readonly namespaces: ReadonlyMap<string, Labels>;
}

async function loadExamples(): Promise<Examples> {
  const { documents, problems } = await loadDocuments(['examples'], systemFiles);
  if (problems.length > 0) throw new Error(problems[0]?.message);
  // The examples are well-formed objects, as their own tests check.
  const objects = documents.map(({ object }) => object as NetworkPolicy);
  const namespaces = objects.filter(({ kind }: { kind: string }) => kind === 'Namespace');
  return {
    policies: objects.filter(({ kind }) => kind === 'NetworkPolicy'),
    namespaces: new Map(
      namespaces.map(({ metadata }) => [metadata.name ?? '', new Map(Object.entries(metadata.labels ?? {}))]),
    ),
  };
}

function judge(
  policy: NetworkPolicy,
  policies: readonly NetworkPolicy[],
  namespaces: ReadonlyMap<string, Labels>,
): void {
  const { namespace = '', name = '' } = policy.metadata;
  const labels = namespaces.get(namespace) ?? new Map<string, string>();
  const subject = readSubject('NetworkPolicy', policy, {
    operation: 'CREATE',
    namespace,
    facts: { known: true, labels, fenced: false },
    surroundings: surroundingsOf(namespace, name, cachesOf(policies, namespaces), createBudget(reviewLimits)),
  });
  if (!isSubject(subject)) throw new Error(`${subject.field}: ${subject.found}`);
  const { outcome, findings } = evaluate(checks, subject, undefined, { mode: 'enforce', source: 'cluster' }, config);
  if (outcome === 'denied') explainDenial(subject, findings, config);
  explainWarnings(subject, findings);
}

function cachesOf(policies: readonly NetworkPolicy[], namespaces: ReadonlyMap<string, Labels>): Caches {
  return {
    namespace: (name) => {
      const labels = namespaces.get(name);
      return labels === undefined ? undefined : { labels, fenced: false, terminating: false };
    },
    networkPolicies: (namespace) => policies.filter((policy) => policy.metadata.namespace === namespace),
    policiesNaming: () => [],
    isWalled: () => true,
  };
}

/** Microseconds of each judgement, after a warm-up of a tenth as many. */
function timesOf(judgements: readonly (() => void)[], count: number): number[] {
  const times: number[] = [];
  const warmUp = Math.floor(count / 10);
  for (let round = -warmUp; round < count; round += 1) {
    for (const judgement of judgements) {
      const start = performance.now();
      judgement();
      if (round >= 0) times.push((performance.now() - start) * 1000);
    }
  }
  return times;
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

/**
 * The most expensive policies: those over the limit, for which only counting costs, and those just
 * below it, which are judged in full.
 */
const worstShapes: Readonly<Record<string, () => NetworkPolicySpec>> = {
  'peers beyond the budget': () => ({ ingress: [{ from: list(48_000, () => ({ podSelector: {} })) }] }),
  'labels beyond the budget': () => ({
    podSelector: { matchLabels: Object.fromEntries(list(80_000, (at) => [`k${at}`, 'v'])) },
  }),
  'exceptions beyond the budget': () => ({
    ingress: [
      { from: [{ ipBlock: { cidr: '10.0.0.0/8', except: list(60_000, (at) => `10.${at >> 8}.${at & 255}.0/25`) } }] },
    ],
  }),
  'NotIn on one key, within the budget': () => ({
    podSelector: { matchExpressions: list(19_000, (at) => ({ key: 'team', operator: 'NotIn', values: [`t${at}`] })) },
    ingress: [{}],
  }),
  'values that no vocabulary has, within the budget': () => ({
    ingress: [
      {
        from: [
          {
            namespaceSelector: {
              matchExpressions: [{ key: 'tier', operator: 'NotIn', values: list(39_000, (at) => `t${at}`) }],
            },
          },
        ],
      },
    ],
  }),
  'everyone let in again and again, within the budget': () => ({ ingress: list(1_900, () => ({})) }),
};

function list<T>(length: number, make: (at: number) => T): T[] {
  return Array.from({ length }, (_, at) => make(at));
}

function policyOf(spec: NetworkPolicySpec): NetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'worst', namespace: 'shop' },
    spec,
  };
}

function megabytes(policy: NetworkPolicy): string {
  return (JSON.stringify(policy).length / 1e6).toFixed(1);
}
