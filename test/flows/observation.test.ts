import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/flows/record.ts';
import { clusterLog } from './cluster-log.ts';
import { endTraps } from './hubble-end-traps.ts';
import { lineOf, podOf, tcp } from './hubble-lines.ts';
import { lineTraps } from './hubble-traps.ts';
import { observe, textOf } from './text.ts';

const one = lineOf();

describe('what a log cannot have seen', () => {
  const event = (changes: object) => JSON.stringify({ node_name: 'node-1', time: '2026-03-01T09:00:00Z', ...changes });

  it('are lost events, which are texts, and nodes that were away', async () => {
    const { lost, holes, window, nodes } = await observe(
      [
        one,
        event({ lost_events: { num_events_lost: '1000' } }),
        event({ lost_events: { num_events_lost: 49 } }),
        event({ node_status: { state_change: 'NODE_UNAVAILABLE', node_names: ['node-9'] } }),
      ].join('\n'),
    );
    expect(lost).toBe(1049);
    // Lost events have their own number.
    expect(holes).toEqual(['The node node-9 was not available to Hubble for some time.']);
    expect(window).toEqual({ first: '2026-03-01T09:00:00Z', last: '2026-03-01T10:00:00.123456789Z' });
    expect(nodes).toEqual(['node-1']);
  });

  it.each([{}, { node_names: [] }])('are nodes that were away, also without a name: %j', async (names) => {
    const { holes } = await observe(`${one}\n${event({ node_status: { state_change: 'NODE_GONE', ...names } })}`);
    expect(holes).toEqual(['A node without a name went away to Hubble for some time.']);
  });

  it('are fields that a file never has: masked labels are not seen in another file', async () => {
    const masked = lineOf({
      source: { namespace: 'shop', pod_name: 'web-0' },
      destination: { namespace: 'shop' },
      IP: undefined,
    });
    const { neverSeen, holes } = await observe(one, masked);
    expect(neverSeen).toEqual(['IP', 'labels']);
    expect(holes.join()).toMatch(/^No line of .*log-1 \(Cilium Hubble\) has labels, IP: what they would decide/);
  });

  it('is nothing where TCP says by its flags who began', async () => {
    const { neverSeen } = await observe(lineOf({ is_reply: undefined }));
    expect(neverSeen).toEqual([]);
  });
});

describe('the times', () => {
  it('are compared as times, not as texts', async () => {
    const times = ['2026-03-01T10:00:05Z', '2026-03-01T10:00:05.1Z', '2026-03-01T12:00:04+02:00'];
    const { window, flows } = await observe(times.map((time) => lineOf({ time })).join('\n'));
    expect(window).toEqual({ first: '2026-03-01T12:00:04+02:00', last: '2026-03-01T10:00:05.1Z' });
    expect(flows[0]).toMatchObject({ first: window?.first, last: window?.last, sightings: 3 });
  });
});

describe('aggregated lines', () => {
  it('say how many flows they stand for', async () => {
    const aggregate = { ingress_flow_count: 2, egress_flow_count: '40' };
    const { flows } = await observe(`${lineOf({ aggregate, Type: undefined })}\n${one}`);
    expect(flows.map(({ sightings }) => sightings)).toEqual([43]);
  });
});

describe('the join of both nodes', () => {
  it('does not guess between two workloads with the same labels, unless a name tells', async () => {
    const labels = ['k8s:app=web', 'k8s:io.kubernetes.pod.namespace=shop'];
    const local = (name: string) =>
      lineOf({ source: { ...podOf(name, { labels }), workloads: [{ kind: 'Deployment', name }] }, l4: tcp(1) });
    const remote = (name: string) => lineOf({ source: podOf(name, { labels, isLocal: false }), l4: tcp(2) });
    const texts = textOf(await observe([local('red'), local('blue'), remote('red'), remote('other')].join('\n')));
    expect(texts.filter((text) => text.includes('TCP 2')).map((text) => text.split(' ')[0])).toEqual([
      'shop/deployment/red',
      'shop/pod/other-7857758574-x2k4q',
    ]);
  });

  it('knows a Deployment behind its ReplicaSets, which older agents name', async () => {
    const local = (hash: string) =>
      lineOf({ source: podOf('web', { workload: { kind: 'ReplicaSet', name: `web-${hash}` } }) });
    const remote = lineOf({ source: podOf('web', { isLocal: false }), l4: tcp(2) });
    const texts = textOf(await observe([local('7857758574'), local('6d4b9c7f5d'), remote].join('\n')));
    expect(texts.at(-1)).toBe('shop/replicaset/web-7857758574 > shop/pod/api-7857758574-x2k4q TCP 8080 happened');
    expect(texts.join()).toContain('shop/replicaset/web-6d4b9c7f5d > shop/pod/api-7857758574-x2k4q TCP 2');
  });

  it('gives the labels of a workload to a file that has none', async () => {
    const masked = { namespace: 'shop', workloads: [{ kind: 'Deployment', name: 'web' }] };
    const { flows } = await observe(one, lineOf({ source: masked }));
    expect(flows.map(({ sightings }) => sightings)).toEqual([2]);
  });
});

describe('the order of lines, the number of files and their compression', () => {
  const lines = [...clusterLog(400), ...[...lineTraps, ...endTraps].flatMap((trap) => trap.lines)];
  const withoutFiles = ({ holes, neverSeen: _, ...rest }: Observation) => ({
    ...rest,
    holes: holes.filter((hole) => !hole.startsWith('No line of')),
  });

  it('change nothing', async () => {
    const expected = withoutFiles(await observe(lines.join('\n')));
    expect(expected.flows.length).toBeGreaterThan(100);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(lines, { minLength: lines.length }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        async (shuffled, count, isCompressed) => {
          const files = Array.from({ length: count }, (_, index) =>
            shuffled.filter((_line, at) => at % count === index).join('\n'),
          );
          const observation = await observe(...files.map((file) => (isCompressed ? gzipSync(file) : file)));
          expect(withoutFiles(observation)).toEqual(expected);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('the lines of a container', () => {
  const time = '2026-03-01T10:00:00.1Z';

  it('are malformed where they are no JSON, or where the end of their pieces is missing', async () => {
    const flow =
      '{"from_namespace":"shop","from_pod":"web","to_namespace":"shop","to_pod":"api","protocol":"TCP","port":1}';
    const lines = [`${time} stdout F ${flow}`, `${time} stdout F starting`, `${time} stdout P {"from_namespace"`];
    const { flows, malformed } = await observe(lines.join('\n'));
    expect([flows.length, malformed]).toEqual([1, 2]);
  });
});
