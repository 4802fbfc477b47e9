import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { NetworkPolicyPeer, NetworkPolicyPort } from '../../src/kubernetes/network-policy.ts';
import { anyPolicy, anyWorld, everywhere, questionsOf } from './any-world.ts';
import type { Engine } from './engine.ts';
import { answerNaively } from './naive.ts';
import { answerAll, build, type PolicySketch, type Question, type WorldSketch } from './worlds.ts';

/**
 * The properties that hold in every world. Each throws the counterexample of fast-check, with its
 * seed.
 */
export interface Property {
  readonly law: string;
  readonly assertOn: (engine: Engine) => void;
}

// A fixed seed gives the same worlds in every run, so a failure comes from a change of the code.
// Other seeds can be tried by hand.
const settings = { seed: 20_260_101, numRuns: 30 } as const;

export const properties: readonly Property[] = [
  {
    law: 'the engine says what a plain reading of the documentation says',
    assertOn: (engine) =>
      holds(anyWorld, (world) => {
        const answers = verdicts(engine, world);
        for (const question of questionsOf(world)) {
          const expected = answerNaively(world, question, everywhere);
          if (answers[question] !== expected)
            throw new Error(`${question}: ${answers[question]}, and ${expected} by the documentation`);
        }
      }),
  },
  {
    law: 'adding a policy closes nothing between ends that it does not newly isolate',
    assertOn: (engine) =>
      holds(fc.tuple(anyWorld, anyPolicy), ([world, policy]) => {
        const wider = { ...world, policies: [...world.policies, policy] };
        const [before, after] = [verdicts(engine, world), verdicts(engine, wider)];
        const newly = newlyIsolated(engine, world, wider);
        for (const question of questionsOf(world)) {
          const [from = '', , to = ''] = question.split(' ');
          if (newly.egress.has(from) || newly.ingress.has(to)) continue;
          if (before[question] === 'allowed' && after[question] !== 'allowed')
            throw new Error(`${question}: allowed, and ${after[question]} with the policy`);
        }
      }),
  },
  {
    law: 'a policy without rules opens nothing',
    assertOn: (engine) =>
      holds(fc.tuple(anyWorld, anyPolicy), ([world, { ingress: _, egress: __, ...policy }]) => {
        const [before, after] = [
          verdicts(engine, world),
          verdicts(engine, { ...world, policies: [...world.policies, policy] }),
        ];
        for (const question of questionsOf(world))
          if (before[question] === 'denied' && after[question] !== 'denied')
            throw new Error(`${question}: denied, and ${after[question]} with the policy`);
      }),
  },
  {
    law: 'the order of policies, rules, peers, ports and pods does not matter',
    assertOn: (engine) =>
      holds(fc.tuple(anyWorld, fc.nat()), ([world, number]) => same(engine, world, reorder(world, number))),
  },
  {
    law: 'it does not matter how a policy is written',
    assertOn: (engine) =>
      holds(anyWorld, (world) => same(engine, world, { ...world, policies: world.policies.map(rewrite) })),
  },
  {
    law: 'a policy that stands there twice says nothing more',
    assertOn: (engine) =>
      holds(anyWorld, (world) => same(engine, world, { ...world, policies: [...world.policies, ...world.policies] })),
  },
  {
    law: 'pods of one class are answered alike, and the answer of two classes is that of their pods',
    assertOn: (engine) => holds(anyWorld, (world) => assertClasses(engine, world)),
  },
];

function holds<T>(worlds: fc.Arbitrary<T>, predicate: (value: T) => void): void {
  fc.assert(fc.property(worlds, predicate), settings);
}

function verdicts(engine: Engine, world: WorldSketch): Record<Question, string> {
  return answerAll(engine, world, questionsOf(world), ({ verdict }) => verdict);
}

function same(engine: Engine, one: WorldSketch, two: WorldSketch): void {
  const answers = { one: verdicts(engine, one), two: verdicts(engine, two) };
  for (const question of questionsOf(one))
    if (answers.one[question] !== answers.two[question])
      throw new Error(`${question}: ${answers.one[question]} and ${answers.two[question]}`);
}

/** Returns the Pods, and their addresses, that one world isolates and another does not. */
function newlyIsolated(
  engine: Engine,
  before: WorldSketch,
  after: WorldSketch,
): Record<'ingress' | 'egress', ReadonlySet<string>> {
  const isolated = (world: WorldSketch, direction: 'ingress' | 'egress'): readonly string[] => {
    const { evaluator, pods } = build(engine, world);
    return [...pods].flatMap(([name, pod]) =>
      (evaluator.classes.of(pod)?.isolatedBy[direction] ?? []).length > 0
        ? [name, ...(world.pods[name]?.ips ?? [])]
        : [],
    );
  };
  const newly = (direction: 'ingress' | 'egress'): ReadonlySet<string> => {
    const already = new Set(isolated(before, direction));
    return new Set(isolated(after, direction).filter((name) => !already.has(name)));
  };
  return { ingress: newly('ingress'), egress: newly('egress') };
}

function assertClasses(engine: Engine, world: WorldSketch): void {
  const { evaluator, pods } = build(engine, world);
  const match = engine.createMatcher(evaluator.classes);
  for (const from of pods.values()) {
    for (const to of pods.values()) {
      if (from === to || from.hostNetwork || to.hostNetwork) continue;
      const [one, two] = [evaluator.classes.of(from), evaluator.classes.of(to)];
      if (one === undefined || two === undefined) throw new Error('a pod is in no class');
      for (const protocol of ['TCP', 'UDP', 'SCTP'] as const) {
        for (const port of [80, 81, 82, 83]) {
          const answer = evaluator.answer({ from: { pod: from }, to: { pod: to }, protocol, port });
          const asked = { destination: two.pod, protocol, port };
          const sides = [
            engine.judgeSide(match, { direction: 'egress', own: one, other: two, ...asked }).verdict,
            engine.judgeSide(match, { direction: 'ingress', own: two, other: one, ...asked }).verdict,
          ];
          if (!isDeepStrictEqual(sides, [answer.egress?.verdict, answer.ingress?.verdict]))
            throw new Error(`${from.name} to ${to.name} ${port}/${protocol}: classes say ${sides.join(' and ')}`);
        }
      }
    }
  }
}

function reorder(world: WorldSketch, number: number): WorldSketch {
  const turn = <T>(list: readonly T[]): readonly T[] => {
    const at = list.length === 0 ? 0 : number % list.length;
    return [...list.slice(at), ...list.slice(0, at)].reverse();
  };
  return {
    ...world,
    pods: Object.fromEntries(turn(Object.entries(world.pods))),
    policies: turn(world.policies).map(({ ingress, egress, ...policy }) => ({
      ...policy,
      ...(ingress && {
        ingress: turn(ingress).map(({ from, ports }) => ({
          ...(from && { from: turn(from) }),
          ...(ports && { ports: turn(ports) }),
        })),
      }),
      ...(egress && {
        egress: turn(egress).map(({ to, ports }) => ({
          ...(to && { to: turn(to) }),
          ...(ports && { ports: turn(ports) }),
        })),
      }),
    })),
  };
}

/**
 * Returns the same policy in another form: defaults written out, blocks as halves, labels as
 * expressions, a rule for each port.
 */
function rewrite({ ingress, egress, policyTypes, podSelector, ...policy }: PolicySketch): PolicySketch {
  const types = policyTypes?.length
    ? policyTypes
    : egress?.length
      ? (['Ingress', 'Egress'] as const)
      : (['Ingress'] as const);
  return {
    ...policy,
    podSelector: asExpressions(podSelector ?? {}),
    policyTypes: types,
    ingress: (ingress ?? []).flatMap(({ from = [], ports = [] }) =>
      apart(ports).map((one) => ({ from: from.flatMap(otherwise), ports: one })),
    ),
    egress: (egress ?? []).flatMap(({ to = [], ports = [] }) =>
      apart(ports).map((one) => ({ to: to.flatMap(otherwise), ports: one })),
    ),
  };
}

function apart(ports: readonly NetworkPolicyPort[]): readonly (readonly NetworkPolicyPort[])[] {
  return ports.length === 0 ? [[]] : ports.map((port) => [{ protocol: 'TCP', ...port }]);
}

function otherwise({ ipBlock, podSelector, namespaceSelector }: NetworkPolicyPeer): readonly NetworkPolicyPeer[] {
  if (ipBlock?.cidr === '0.0.0.0/0' && ipBlock.except === undefined)
    return [{ ipBlock: { cidr: '0.0.0.0/1' } }, { ipBlock: { cidr: '128.0.0.0/1' } }];
  if (ipBlock !== undefined) return [{ ipBlock: { except: [], ...ipBlock } }];
  return [
    {
      ...(podSelector && { podSelector: asExpressions(podSelector) }),
      ...(namespaceSelector && { namespaceSelector: asExpressions(namespaceSelector) }),
    },
  ];
}

function asExpressions({ matchLabels = {}, matchExpressions = [] }: NonNullable<NetworkPolicyPeer['podSelector']>) {
  const labels = Object.entries(matchLabels).map(([key, value]) => ({ key, operator: 'In' as const, values: [value] }));
  return { matchExpressions: [...matchExpressions, ...labels] };
}
