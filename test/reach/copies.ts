import fc from 'fast-check';
import { metadataNameLabel } from '../../src/kubernetes/namespaces.ts';
import { readPolicy } from '../../src/network/read.ts';
import type { Policy } from '../../src/network/rules.ts';
import type { World } from '../../src/network/world.ts';
import { deskOf as deskOfOwned } from '../../src/plan/desk.ts';
import type { Desk } from '../../src/reach/desk.ts';
import { randomWorld } from '../network/random-world.ts';

/** Returns a desk for a world whose Pods have no workloads. */
export function deskOf(world: World): Desk {
  return deskOfOwned(world, () => undefined);
}

/**
 * Returns the world with copies of its namespace `x`, which differ from it only by name. A copy may
 * still be unlike the others, because a policy may name one namespace.
 */
function copyNamespace(world: World, copies: readonly string[]): World {
  const labels = [...(world.namespaces.get('x') ?? [])];
  return {
    ...world,
    namespaces: new Map([
      ...world.namespaces,
      ...copies.map((name) => [name, new Map([...labels, [metadataNameLabel, name]])] as const),
    ]),
    pods: [
      ...world.pods,
      ...copies.flatMap((namespace) =>
        world.pods.filter((pod) => pod.namespace === 'x').map((pod) => ({ ...pod, namespace })),
      ),
    ],
    policies: [
      ...world.policies,
      ...copies.flatMap((namespace) =>
        world.policies.filter((policy) => policy.namespace === 'x').map((policy) => ({ ...policy, namespace })),
      ),
    ],
  };
}

/** What makes one copy unlike the others. */
type Tweak = (world: World, namespace: string) => World;

const tweaks: readonly Tweak[] = [
  (world, namespace) => ({
    ...world,
    pods: world.pods.filter((pod) => pod !== world.pods.find((one) => one.namespace === namespace)),
  }),
  (world, namespace) => ({
    ...world,
    policies: world.policies.filter((policy) => policy !== world.policies.find((one) => one.namespace === namespace)),
  }),
  ...(['x2', 'x3'] as const).map(
    (name): Tweak =>
      (world, namespace) => ({ ...world, policies: [...world.policies, fromOnly(name, namespace)] }),
  ),
];

function fromOnly(name: string, namespace: string): Policy {
  const matchLabels = { [metadataNameLabel]: name };
  const spec = { podSelector: {}, ingress: [{ from: [{ namespaceSelector: { matchLabels } }] }] };
  const read = readPolicy(spec, { namespace, name: `from-${name}` });
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.policy;
}

const copies = ['x1', 'x2', 'x3', 'x4', 'x5', 'x6'] as const;

/** Random worlds, most with six or seven namespaces of which some differ only by name. */
export const worldOfCopies: fc.Arbitrary<World> = fc
  .tuple(
    randomWorld,
    fc.constantFrom([], copies, copies),
    fc.array(fc.tuple(fc.constantFrom(...tweaks), fc.constantFrom(...copies)), { maxLength: 3 }),
  )
  .map(([world, names, changes]) =>
    changes.reduce((changed, [tweak, name]) => tweak(changed, name), copyNamespace(world, names)),
  );
