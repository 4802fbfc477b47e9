import { describe, expect, it } from 'vitest';
import { readAddress } from '../../src/network/address.ts';
import { createEvaluator, type Endpoint, type Evaluator, type Flow } from '../../src/network/evaluator.ts';
import { createInventory, type Inventory } from '../../src/network/inventory.ts';
import { readOracle } from './oracle-file.ts';

/** A world, and what a reader of the types of policy.networking.k8s.io says of its flows. */
interface OracleWorld {
  readonly id: string;
  readonly namespaces: Record<string, Record<string, string>>;
  readonly pods: readonly {
    namespace: string;
    name: string;
    labels: Record<string, string>;
    ip: string;
    ports: readonly object[];
    hostNetwork?: boolean;
  }[];
  readonly nodes?: readonly { name: string; labels: Record<string, string>; addresses: readonly string[] }[];
  readonly policies: readonly object[];
  readonly queries: readonly [from: string, to: string, protocol: Flow['protocol'], port: number, Expected][];
}

/** `undefined` is left open by the types. `rejected` is of an object that an API server refuses. */
type Expected = boolean | 'undefined' | 'rejected';

const worlds = readOracle<OracleWorld>('cluster-policy-conformance.jsonl.gz');

describe.skipIf(worlds.length === 0)('the verdicts of the conformance suite of tiers and of its edge cases', () => {
  it('are ours, all of them', () => {
    const counts = { right: 0, undefined: 0, rejected: 0 };
    const wrong: string[] = [];
    for (const world of worlds) {
      const { inventory, isRefused } = readWorld(world);
      const evaluator = createEvaluator(inventory.world);
      for (const [from, to, protocol, port, expected] of world.queries) {
        const flow = { from: endOf(inventory, evaluator, from), to: endOf(inventory, evaluator, to), protocol, port };
        const said = isRefused ? 'rejected' : evaluator.answer(flow).verdict;
        if (said !== wordFor(expected))
          wrong.push(`${world.id}: ${from} to ${to} ${protocol}/${port}: ${said} for ${expected}`);
        else counts[typeof expected === 'boolean' ? 'right' : expected] += 1;
      }
    }
    expect(wrong.slice(0, 20)).toEqual([]);
    console.info(`compared ${worlds.length} worlds: ${JSON.stringify(counts)}`);
    expect(counts.right).toBeGreaterThan(2000);
    expect(Math.min(counts.undefined, counts.rejected)).toBeGreaterThan(40);
  });
});

function wordFor(expected: Expected): string {
  return typeof expected === 'string' ? expected : expected ? 'allowed' : 'denied';
}

/** Reads a world as the commands do, and whether an object of it was refused. */
function readWorld(world: OracleWorld): { readonly inventory: Inventory; readonly isRefused: boolean } {
  const objects = [
    ...Object.entries(world.namespaces).map(([name, labels]) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels },
    })),
    ...world.pods.map(({ namespace, name, labels, ip, ports, hostNetwork }) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name, labels },
      spec: { containers: [{ name: 'c', ports }], hostNetwork },
      status: { phase: 'Running', podIP: ip },
    })),
    ...(world.nodes ?? []).map(({ name, labels, addresses }) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels },
      status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
    })),
    ...world.policies,
  ];
  const taker = createInventory();
  const problems = objects.flatMap((object, index) => taker.add(object, `${world.id}:${index}`));
  return { inventory: taker.take(), isRefused: problems.length > 0 };
}

function endOf({ podsByName }: Inventory, evaluator: Evaluator, text: string): Endpoint {
  const pod = podsByName.get(text);
  if (pod !== undefined) return { pod };
  const address = readAddress(text);
  if (address === undefined) throw new Error(`${text} is neither a pod nor an address`);
  return evaluator.endpointOf(address);
}
