import type { NetworkPolicySpec } from '../../src/kubernetes/network-policy.ts';
import type { Address } from '../../src/network/address.ts';
import type { Answer, Evaluator, Flow } from '../../src/network/evaluator.ts';
import type { Policy, Protocol } from '../../src/network/rules.ts';
import type { TieredPolicy } from '../../src/network/tiered-policy.ts';
import type { Pod } from '../../src/network/world.ts';
import type { Engine, Law } from './engine.ts';

/** A Pod in the form of tests. Ports are `name:number/protocol`. */
export interface PodSketch {
  readonly labels?: Readonly<Record<string, string>>;
  readonly ips?: readonly string[];
  readonly ports?: readonly string[];
  readonly hostNetwork?: boolean;
  readonly nodes?: readonly string[];
}

/** A policy in the form of tests: its namespace (`x` by default) beside its specification. */
export interface PolicySketch extends NetworkPolicySpec {
  readonly namespace?: string;
}

/** A world in the form of tests, with Pods by `namespace/name`. */
export interface WorldSketch {
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly pods: Readonly<Record<string, PodSketch>>;
  readonly policies: readonly PolicySketch[];
  readonly tiered?: readonly TieredSketch[];
  readonly nodes?: readonly NodeSketch[];
}

/** A policy of policy.networking.k8s.io in the form of tests: what is in its object. */
export interface TieredSketch {
  /** The version and the kind, as in the table of dialects. */
  readonly type: string;
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** A Node in the form of tests. */
export interface NodeSketch {
  readonly labels: Readonly<Record<string, string>>;
  readonly ips: readonly string[];
}

/** Two namespaces with two Pods each, and no policies. */
export const stage: WorldSketch = {
  namespaces: { x: { ns: 'x', env: 'prod' }, y: { ns: 'y', empty: '' } },
  pods: {
    'x/a': { labels: { pod: 'a' }, ips: ['10.0.0.1'], ports: ['http:8080/TCP', 'dns:53/UDP'] },
    'x/b': { labels: { pod: 'b', empty: '' }, ips: ['10.0.0.2'], ports: ['http:9090/TCP'] },
    'y/a': { labels: { pod: 'a' }, ips: ['10.0.1.1'], ports: ['http:8080/TCP'] },
    'y/b': { labels: { pod: 'b' }, ips: ['10.0.1.2'] },
  },
  policies: [],
};

/** A question in the form of tests: `y/a > x/a 8080/TCP`. The ends are Pods or addresses. */
export type Question = `${string} > ${string} ${number}/${Protocol | 'ICMP'}`;

/**
 * Returns a law about flows: the answers of policies, added to the stage, to each question. An
 * answer is a verdict, with `!` if no policy was evaluated.
 */
export function flowLaw(
  law: string,
  policies: readonly PolicySketch[],
  expected: Readonly<Record<Question, string>>,
  change: Partial<Omit<WorldSketch, 'policies'>> = {},
): Law {
  const sketch: WorldSketch = {
    namespaces: { ...stage.namespaces, ...change.namespaces },
    pods: { ...stage.pods, ...change.pods },
    policies,
    ...(change.tiered && { tiered: change.tiered }),
    ...(change.nodes && { nodes: change.nodes }),
  };
  const questions = Object.keys(expected) as Question[];
  return {
    law,
    expected,
    actual: (engine) =>
      answerAll(engine, sketch, questions, ({ verdict, because }) => (because === undefined ? verdict : `${verdict}!`)),
  };
}

/** Returns the answers of an engine to questions about a world, formatted by the caller. */
export function answerAll(
  engine: Engine,
  sketch: WorldSketch,
  questions: readonly Question[],
  show: (answer: Answer) => string,
): Record<Question, string> {
  const { evaluator, pods } = build(engine, sketch);
  const answers: Record<Question, string> = {};
  for (const question of questions)
    answers[question] = show(evaluator.answer(readQuestion(engine, evaluator, pods, question)));
  return answers;
}

/** Converts a sketch to the form of the engine. */
export function build(
  engine: Engine,
  sketch: WorldSketch,
): { readonly evaluator: Evaluator; readonly pods: ReadonlyMap<string, Pod> } {
  const pods = new Map(Object.entries(sketch.pods).map(([name, pod]) => [name, buildPod(engine, name, pod)]));
  const evaluator = engine.createEvaluator({
    namespaces: new Map(Object.entries(sketch.namespaces).map(([name, labels]) => [name, mapOf(labels)])),
    pods: [...pods.values()],
    policies: sketch.policies.map((policy, index) => buildPolicy(engine, policy, `policy-${index}`)),
    tiered: engine.resolveNodes(
      (sketch.tiered ?? []).map((policy) => buildTiered(engine, policy)),
      (sketch.nodes ?? []).map(({ labels, ips }) => ({
        labels: mapOf(labels),
        addresses: ips.map((ip) => addressOf(engine, ip)),
      })),
    ),
  });
  return { evaluator, pods };
}

function readQuestion(engine: Engine, evaluator: Evaluator, pods: ReadonlyMap<string, Pod>, question: Question): Flow {
  const [from = '', , to = '', target = ''] = question.split(' ');
  const [port, protocol] = target.split('/') as [string, Flow['protocol']];
  const end = (name: string): Flow['from'] => {
    const pod = pods.get(name);
    return pod === undefined ? evaluator.endpointOf(addressOf(engine, name)) : { pod };
  };
  return { from: end(from), to: end(to), protocol, port: Number(port) };
}

function buildPolicy(engine: Engine, { namespace = 'x', ...spec }: PolicySketch, name: string): Policy {
  const read = engine.readPolicy(spec, { namespace, name });
  if ('problems' in read) throw new Error(`not a policy: ${JSON.stringify(read.problems)}`);
  return read.policy;
}

function buildTiered(engine: Engine, { type, name, spec }: TieredSketch): TieredPolicy {
  const dialect = engine.dialects.get(type);
  const read = dialect && engine.readTieredPolicy(spec, name, dialect);
  if (read === undefined || 'problems' in read) throw new Error(`not a policy: ${JSON.stringify(read ?? type)}`);
  return read.policy;
}

function buildPod(engine: Engine, path: string, sketch: PodSketch): Pod {
  const [namespace = '', name = ''] = path.split('/');
  return {
    namespace,
    name,
    labels: mapOf(sketch.labels ?? {}),
    addresses: (sketch.ips ?? []).map((ip) => addressOf(engine, ip)),
    hostNetwork: sketch.hostNetwork ?? false,
    nodeAddresses: (sketch.nodes ?? []).map((ip) => addressOf(engine, ip)),
    ports: (sketch.ports ?? []).map(readPort),
  };
}

function readPort(text: string): Pod['ports'][number] {
  const [, name = '', port, protocol] = /^(.+):(\d+)\/(.+)$/.exec(text) ?? [];
  return { name, port: Number(port), protocol: protocol as Protocol };
}

function addressOf(engine: Engine, text: string): Address {
  const address = engine.readAddress(text);
  if (address === undefined) throw new Error(`${text} is neither a pod of this world nor an address`);
  return address;
}

function mapOf(labels: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(labels));
}
