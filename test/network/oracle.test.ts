import { describe, expect, it } from 'vitest';
import { readAddress } from '../../src/network/address.ts';
import { createEvaluator } from '../../src/network/evaluator.ts';
import { readPolicy } from '../../src/network/read.ts';
import type { Policy, Protocol } from '../../src/network/rules.ts';
import type { Verdict } from '../../src/network/side.ts';
import type { Pod } from '../../src/network/world.ts';
import { readOracle } from './oracle-file.ts';

/**
 * One step of a third party's conformance cases: a world, policies, and the reachability as rows by
 * source.
 */
interface OracleCase {
  readonly case: number;
  readonly step: number;
  readonly description: string;
  readonly namespaces: Record<string, Record<string, string>>;
  readonly pods: readonly {
    namespace: string;
    name: string;
    labels: Record<string, string>;
    ip: string;
    ports: readonly { name: string; containerPort: number; protocol: Protocol }[];
  }[];
  readonly policies: readonly { metadata: { namespace: string; name: string }; spec: unknown }[] | null;
  readonly order: readonly string[];
  readonly ingress: Record<string, readonly string[]>;
  readonly egress: Record<string, readonly string[]>;
  readonly combined: Record<string, readonly string[]>;
}

const cases = readOracle<OracleCase>('cyclonus-cases.jsonl.gz');

describe.skipIf(cases.length === 0)('the verdicts of a third party', () => {
  it('are ours, all of them', () => {
    const wrong: string[] = [];
    let compared = 0;
    for (const one of cases) {
      const pods = one.pods.map(readPod);
      const evaluator = createEvaluator({
        namespaces: new Map(
          Object.entries(one.namespaces).map(([name, labels]) => [name, new Map(Object.entries(labels))]),
        ),
        pods,
        policies: (one.policies ?? []).map(({ metadata, spec }) => read(spec, metadata)),
      });
      const byName = new Map(pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
      for (const [key, rows] of Object.entries(one.combined)) {
        const [protocol, port] = key.split('/') as [Protocol, string];
        for (const [row, from] of one.order.entries()) {
          for (const [column, to] of one.order.entries()) {
            if (row === column) continue;
            const source = byName.get(from) as Pod;
            const destination = byName.get(to) as Pod;
            const answer = evaluator.answer({
              from: { pod: source },
              to: { pod: destination },
              protocol,
              port: numberOf(port, destination),
            });
            const said = {
              combined: answer.verdict,
              ingress: answer.ingress?.verdict,
              egress: answer.egress?.verdict,
            } as const;
            for (const side of ['combined', 'ingress', 'egress'] as const) {
              const expected = side === 'combined' ? rows[row]?.[column] : one[side][key]?.[row]?.[column];
              if (expected !== '.' && expected !== 'X') continue;
              compared += 1;
              if (said[side] !== verdicts[expected])
                wrong.push(
                  `case ${one.case} step ${one.step} (${one.description}): ${from} to ${to} ${key} ${side}: ${said[side]} for ${expected}`,
                );
            }
          }
        }
      }
    }
    expect(wrong.slice(0, 20)).toEqual([]);
    console.info(`compared ${compared} verdicts of ${cases.length} worlds`);
    expect(compared).toBeGreaterThan(100_000);
  });
});

/** Some cases name a port by its name on the destination. */
function numberOf(port: string, destination: Pod): number {
  return /^\d+$/.test(port) ? Number(port) : (destination.ports.find(({ name }) => name === port)?.port ?? 0);
}

const verdicts: Readonly<Record<'.' | 'X', Verdict>> = { '.': 'allowed', X: 'denied' };

function readPod({ namespace, name, labels, ip, ports }: OracleCase['pods'][number]): Pod {
  const address = readAddress(ip);
  return {
    namespace,
    name,
    labels: new Map(Object.entries(labels)),
    addresses: address === undefined ? [] : [address],
    hostNetwork: false,
    nodeAddresses: [],
    ports: ports.map((port) => ({ name: port.name, protocol: port.protocol, port: port.containerPort })),
  };
}

function read(spec: unknown, names: { namespace: string; name: string }): Policy {
  const result = readPolicy(spec, names);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result.policy;
}
