import { describe, expect, it, onTestFinished } from 'vitest';
import type { Cluster } from '../../src/cluster/connection.ts';
import { openConnections } from '../../src/process/connections.ts';
import { serveFaults } from '../cluster/fault-server.ts';

/** The connections to a server that answers when the test says so, and the port of each request. */
async function setUp() {
  const held: (() => void)[] = [];
  const portsOf = new Map<string, Set<number>>();
  const server = await serveFaults(({ url = '', socket }, response) => {
    const [, kind = ''] = url.split('/');
    portsOf.set(kind, (portsOf.get(kind) ?? new Set()).add(socket.remotePort ?? 0));
    held.push(() => response.end('{"items":[]}'));
  });
  const called: string[] = [];
  const connections = openConnections({ kubeconfig: server.kubeconfig }, { called: (verb) => void called.push(verb) });
  onTestFinished(() => connections.close());
  const answerAll = () => {
    for (const answer of held.splice(0)) answer();
  };
  /** Makes calls of one kind in parallel and returns the outcome of each. */
  const call = (cluster: Cluster, kind: string, count: number) =>
    Promise.allSettled(Array.from({ length: count }, (_, index) => cluster.request('GET', `/${kind}/${index}`)));
  return { connections, server, portsOf, answerAll, call, called, held };
}

describe('the connections of the process', () => {
  it('carry two lists at a time, keep 34 more waiting, and turn away the others', async () => {
    const { connections, portsOf, answerAll, call, held } = await setUp();
    const all = call(connections.lists, 'lists', 100);
    await expect.poll(() => held.length).toBe(2);
    const clock = setInterval(answerAll, 5);
    onTestFinished(() => clearInterval(clock));
    const outcomes = await all;
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(36);
    const busy = outcomes.filter(
      (one) => one.status === 'rejected' && (one.reason as { reason: string }).reason === 'Busy',
    );
    expect(busy).toHaveLength(64);
    expect(portsOf.get('lists')?.size).toBe(2);
  });

  it('let the gate through while everything else waits, on connections that nobody else has', async () => {
    const { connections, portsOf, answerAll, call, held } = await setUp();
    const waiting = [
      call(connections.lists, 'lists', 36),
      call(connections.reviews, 'reviews', 512),
      call(connections.cluster, 'cluster', 200),
    ];
    await expect.poll(() => held.length).toBe(2 + 32 + 64);
    const gate = connections.gate.request('GET', '/gate/0');
    await expect.poll(() => portsOf.get('gate')?.size).toBe(1);
    const clock = setInterval(answerAll, 5);
    onTestFinished(() => clearInterval(clock));
    await gate;
    await Promise.all(waiting);
    const others = [...portsOf].flatMap(([kind, ports]) => (kind === 'gate' ? [] : [...ports]));
    expect([...(portsOf.get('gate') ?? [])].filter((port) => others.includes(port))).toEqual([]);
  });

  it('count the calls of each, but none that was turned away', async () => {
    const { connections, answerAll, called, held } = await setUp();
    const { cluster, gate, reviews, lists } = connections;
    const calls = [cluster, gate, reviews, lists].map((one) => one.request('GET', '/one'));
    await expect.poll(() => held.length).toBe(4);
    answerAll();
    await Promise.all(calls);
    expect(called).toEqual(['GET', 'GET', 'GET', 'GET']);
  });

  it('end together', async () => {
    const { connections, call, held } = await setUp();
    const { cluster, gate, reviews, lists } = connections;
    const calls = Promise.all([cluster, gate, reviews, lists].map((one) => call(one, 'one', 1)));
    await expect.poll(() => held.length).toBe(4);
    await connections.close();
    expect((await calls).flat().map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
  });
});
