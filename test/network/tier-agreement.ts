import type { PodClass } from '../../src/network/classes.ts';
import type { Evaluator } from '../../src/network/evaluator.ts';
import type { Pod } from '../../src/network/world.ts';
import { everywhere } from './any-world.ts';
import type { Engine } from './engine.ts';
import { build, type WorldSketch } from './worlds.ts';

/** Throws where the matrix, or the openings to addresses, and the evaluator part. */
export function assertAgreement(engine: Engine, world: WorldSketch): void {
  const { evaluator, pods } = build(engine, world);
  const matrix = engine.createMatrix(evaluator.classes);
  for (const from of pods.values()) {
    const one = classOf(evaluator, from);
    const row = matrix.row(one);
    for (const to of pods.values()) {
      if (from === to) continue;
      const two = classOf(evaluator, to);
      const answered = probe(
        (protocol, port) => evaluator.answer({ from: { pod: from }, to: { pod: to }, protocol, port }).verdict,
      );
      for (const { allowed, undecided } of [matrix.between(one, two), matrix.reachOf(row[two.index] ?? 0)]) {
        const said = probe((protocol, port) => verdictOf(engine, allowed, undecided, protocol, port));
        expectSame(`${from.name} to ${to.name}`, said, answered);
      }
    }
    for (const text of [...everywhere, '192.168.0.1', '203.0.113.7', '9.0.0.99'])
      for (const direction of ['ingress', 'egress'] as const) assertOutside(engine, evaluator, from, text, direction);
  }
}

/** Throws an Error that says what is different. */
export function expectSame(about: string, one: unknown, two: unknown): void {
  if (one !== two) throw new Error(`${about}: ${String(one)} and ${String(two)}`);
}

function assertOutside(
  engine: Engine,
  evaluator: Evaluator,
  pod: Pod,
  text: string,
  direction: 'ingress' | 'egress',
): void {
  const address = engine.readAddress(text);
  if (address === undefined) throw new Error(text);
  const one = classOf(evaluator, pod);
  const isNode = pod.nodeAddresses.some(({ value, family }) => value === address.value && family === address.family);
  const answered = probe((protocol, port) => {
    const ends = direction === 'ingress' ? { from: { address }, to: { pod } } : { from: { pod }, to: { address } };
    return evaluator.answer({ ...ends, protocol, port }).verdict;
  });
  const reach = engine.addressReach(one, direction, address, isNode);
  const asked = probe((protocol, port) => verdictOf(engine, reach.allowed, reach.undecided, protocol, port));
  expectSame(`${pod.name} ${direction} ${text}`, asked, answered);
  const opening = engine
    .outsideOf(one, direction)
    .filter(({ ranges }) => ranges.some((range) => engine.isInRange(range, address)));
  if (isNode) return;
  const found = probe((protocol, port) =>
    verdictOf(engine, opening[0]?.ports ?? [], opening[0]?.undecided ?? [], protocol, port),
  );
  expectSame(`${pod.name} ${direction} ${text}, of ${opening.length}`, found, answered);
}

const ports = [80, 81, 82, 83, 65_535];
function probe(ask: (protocol: 'TCP' | 'UDP' | 'SCTP', port: number) => string): string {
  return (['TCP', 'UDP', 'SCTP'] as const)
    .flatMap((protocol) => ports.map((port) => `${protocol}/${port} ${ask(protocol, port)}`))
    .join(', ');
}

function verdictOf(
  engine: Engine,
  allowed: readonly number[],
  undecided: readonly number[],
  protocol: 'TCP' | 'UDP' | 'SCTP',
  port: number,
): string {
  if (engine.hasPort(allowed, protocol, port)) return 'allowed';
  return engine.hasPort(undecided, protocol, port) ? 'undefined' : 'denied';
}

function classOf(evaluator: Evaluator, pod: Pod): PodClass {
  const one = evaluator.classes.of(pod);
  if (one === undefined) throw new Error('a pod is in no class');
  return one;
}
