import fc from 'fast-check';
import type { TieredSide } from '../../src/network/tiered-side.ts';
import { anyClusterPolicy, anyClusterWorld, anyTieredWorld } from './any-tiers.ts';
import { anyPolicy, everywhere, questionsOf } from './any-world.ts';
import type { Engine } from './engine.ts';
import { answerTiersNaively } from './naive-tiers.ts';
import type { Property } from './properties.ts';
import { assertAgreement, expectSame } from './tier-agreement.ts';
import { answerAll, type Question, type TieredSketch, type WorldSketch } from './worlds.ts';

// A fixed seed gives the same worlds in every run.
const settings = { seed: 20_260_102, numRuns: 25 } as const;

const clusterType = 'policy.networking.k8s.io/v1beta1 ClusterNetworkPolicy';

/** A rule of these peers holds every flow. */
const everyone = { from: [{ namespaces: {} }], to: [{ networks: ['0.0.0.0/0', '::/0'] }, { namespaces: {} }] };

/** A policy that stands before those of random worlds, and does the same with all traffic. */
function first(action: string, name = 'first'): TieredSketch {
  const spec = {
    tier: 'Admin',
    priority: 0,
    subject: { namespaces: {} },
    ingress: [{ action, from: everyone.from }],
    egress: [{ action, to: everyone.to }],
  };
  return { type: clusterType, name, spec };
}

/** The properties of tiers that hold in every world. */
export const tierProperties: readonly Property[] = [
  {
    law: 'the tiers say what a plain reading of their types says, in every order that is possible',
    assertOn: (engine) =>
      holds(anyTieredWorld, (world) => {
        const answers = answerAll(engine, world, questionsOf(world), ({ verdict }) => verdict);
        for (const question of questionsOf(world)) {
          const expected = answerTiersNaively(world, question, everywhere);
          if (expected !== undefined && answers[question] !== expected)
            throw new Error(`${question}: ${answers[question]}, and ${expected} by the types`);
        }
      }),
  },
  {
    law: 'a rule of a lower priority never overrides one of a higher priority',
    assertOn: (engine) =>
      holds(fc.tuple(anyClusterWorld, anyClusterPolicy), ([world, { type, spec }]) => {
        const last = { type, name: 'last', spec: { ...spec, tier: 'Admin', priority: 1000 } };
        const [before, after] = [sides(engine, world), sides(engine, { ...world, tiered: [...world.tiered, last] })];
        for (const [name, side] of before)
          if (!side.admin.mayFall) expectSame(name, side.verdict, after.get(name)?.verdict);
      }),
  },
  {
    law: 'Pass equals the absence of the later rules of its tier',
    assertOn: (engine) =>
      holds(anyClusterWorld, (world) => {
        const pass = first('Pass');
        const passed = sides(engine, { ...world, tiered: [...world.tiered, pass] });
        const rest = world.tiered.filter(({ spec }) => spec['tier'] !== 'Admin');
        const absent = sides(engine, {
          ...world,
          tiered: [...rest, { ...pass, spec: { ...pass.spec, ingress: [], egress: [] } }],
        });
        for (const [name, side] of passed) {
          const other = absent.get(name);
          if (isFirst(side) && other !== undefined) expectSame(name, side.verdict, other.verdict);
        }
      }),
  },
  {
    law: 'an Admin Deny beats every NetworkPolicy, and an Admin Accept does too',
    assertOn: (engine) =>
      holds(fc.tuple(anyClusterWorld, fc.array(anyPolicy, { maxLength: 3 })), ([world, policies]) => {
        for (const [action, verdict] of [
          ['Deny', 'denied'],
          ['Accept', 'allowed'],
        ] as const) {
          const wider = {
            ...world,
            policies: [...world.policies, ...policies],
            tiered: [...world.tiered, first(action)],
          };
          for (const [name, side] of sides(engine, wider))
            if (isFirst(side) && !side.isBelow) expectSame(name, side.verdict, verdict);
        }
      }),
  },
  {
    law: 'the order of objects does not matter, nor that of peers and ports',
    assertOn: (engine) =>
      holds(fc.tuple(anyTieredWorld, fc.nat()), ([world, number]) => {
        const questions = questionsOf(world);
        const show = ({ verdict }: { readonly verdict: string }): string => verdict;
        const before = answerAll(engine, world, questions, show);
        const after = answerAll(engine, reorder(world, number), questions, show);
        for (const question of questions) expectSame(question, before[question], after[question]);
      }),
  },
  {
    law: 'a world whose tiered policies select nobody is a world without them',
    assertOn: (engine) =>
      holds(anyTieredWorld, (world) => {
        const nobody = { namespaces: { matchLabels: { nobody: 'here' } } };
        const tiered = world.tiered.map((policy) => ({ ...policy, spec: { ...policy.spec, subject: nobody } }));
        const { tiered: _, ...without } = world;
        const questions = questionsOf(world).filter((question) => !namesHost(world, question));
        const [idle, plain] = [{ ...world, tiered }, without].map((one) =>
          answerAll(engine, one, questions, ({ verdict, because }) => `${verdict} ${because ?? ''}`),
        );
        for (const question of questions) expectSame(question, idle?.[question], plain?.[question]);
      }),
  },
  {
    law: 'the matrix and the openings to addresses say what the evaluator says',
    assertOn: (engine) => holds(anyTieredWorld, (world) => assertAgreement(engine, world)),
  },
];

/** The sides that tiers judged, by question and direction. */
function sides(engine: Engine, world: WorldSketch): ReadonlyMap<string, TieredSide> {
  const found = new Map<string, TieredSide>();
  const questions = questionsOf(world).filter((question) => !namesHost(world, question) && !question.endsWith('ICMP'));
  let at = 0;
  answerAll(engine, world, questions, (answer) => {
    for (const direction of ['egress', 'ingress'] as const) {
      const side = answer[direction];
      if (side !== undefined && 'admin' in side) found.set(`${direction} of ${questions[at]}`, side);
    }
    at += 1;
    return answer.verdict;
  });
  return found;
}

/** Whether the policy that stands first holds the flow. */
function isFirst({ admin: { rulings } }: TieredSide): boolean {
  return rulings[0]?.policy.name === 'first' && rulings[0].isSure;
}

function namesHost(world: WorldSketch, question: Question): boolean {
  return question.split(' ').some((end) => world.pods[end]?.hostNetwork === true);
}

function holds<T>(worlds: fc.Arbitrary<T>, predicate: (value: T) => void): void {
  fc.assert(fc.property(worlds, predicate), settings);
}

/** The same objects in another order, and peers and ports of each rule. */
function reorder(world: WorldSketch, number: number): WorldSketch {
  const turn = <T>(list: readonly T[]): readonly T[] => {
    const at = list.length === 0 ? 0 : number % list.length;
    return [...list.slice(at), ...list.slice(0, at)].reverse();
  };
  const turnRule = (rule: Readonly<Record<string, unknown>>): unknown =>
    Object.fromEntries(
      Object.entries(rule).map(([field, value]) => [field, Array.isArray(value) ? turn(value as unknown[]) : value]),
    );
  const turnRules = (rules: unknown): unknown => (rules as Readonly<Record<string, unknown>>[]).map(turnRule);
  return {
    ...world,
    pods: Object.fromEntries(turn(Object.entries(world.pods))),
    policies: turn(world.policies),
    nodes: turn(world.nodes ?? []),
    tiered: turn(world.tiered ?? []).map((policy) => ({
      ...policy,
      spec: { ...policy.spec, ingress: turnRules(policy.spec['ingress']), egress: turnRules(policy.spec['egress']) },
    })),
  };
}
