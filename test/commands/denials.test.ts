import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { followDenials } from '../../src/commands/denials.ts';
import { type OpenedPlanner, openPlanner } from '../../src/commands/plan-source.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { readObservation } from '../../src/flows/read.ts';
import { deniedLine, hubbleLine } from './hubble-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-denials-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'hubble.jsonl');

/** Lines are of 10:00:00 (hubble-line.ts). */
const fencedAt = Date.parse('2026-11-01T10:00:00Z');
const denied = (from: string, to: string, port: number, more: object = {}) => `${deniedLine(from, to, port, more)}\n`;

let opened: OpenedPlanner;
beforeAll(async () => {
  const filename = ['namespaces.yaml', 'workloads.yaml'].map((name) => join('examples', 'three-tiers', name));
  opened = await openPlanner({ filename, peers: 'name' }, readEnvironment({}));
});
beforeEach(() => writeFileSync(file, ''));

const follow = (more: Partial<Parameters<typeof followDenials>[0]> = {}) =>
  followDenials({ files: [file], namespace: 'backend', since: fencedAt, opened, ...more });

describe('denied packets of a trial', () => {
  it('are flows of the plan, with what it had called them, and those that it did not know', async () => {
    const log = await follow();
    appendFileSync(
      file,
      [
        denied('frontend/web-1/web', 'backend/api-1/api', 8080),
        denied('frontend/web-2/web', 'backend/api-1/api', 8080),
        denied('frontend/web-1/web', 'database/store-0/store', 5432),
        denied('backend/api-1/api', 'frontend/web-1/web', 9999),
        // What happens, what is older, and what another namespace denies does not count.
        `${hubbleLine('backend/api-1/api', 'database/store-0/store', 5432)}\n`,
        denied('backend/api-1/api', 'database/store-0/store', 5432, { time: '2026-11-01T09:57:59.9Z' }),
        'no JSON\n',
      ].join(''),
    );
    expect(await log.stop()).toEqual({
      flows: [
        {
          flow: 'backend/deployment/api -> frontend/deployment/web TCP/9999',
          times: 1,
          fate: 'forbidden',
          isPlanned: false,
        },
        { flow: 'frontend/deployment/web -> backend/deployment/api TCP/8080', times: 2, fate: 'cut', isPlanned: true },
      ],
      lines: 7,
      malformed: 1,
      lost: 0,
      beyond: 0,
      leftOut: {},
      older: 1,
      holes: [],
      troubles: [],
    });
  });

  it('have the names of the log where there is no plan', async () => {
    const log = await follow({ opened: undefined });
    appendFileSync(file, denied('frontend/web-1/web', 'backend/api-1/api', 8080));
    expect((await log.stop()).flows).toEqual([
      { flow: 'frontend/web-1 -> backend/api-1 TCP/8080', times: 1, fate: 'unknown', isPlanned: false },
    ]);
  });

  it('are counted where they make no flow: packets of a connection that the fence has cut begin none', async () => {
    const cut = { l4: { TCP: { source_port: 40_000, destination_port: 8080, flags: { ACK: true } } } };
    const log = await follow();
    const lines = [
      denied('frontend/web-1/web', 'backend/api-1/api', 8080, cut),
      denied('frontend/web-1/web', 'backend/api-1/api', 8080, { l4: { VRRP: {} } }),
      // Neither of the namespace, nor about a policy, nor denied, nor of this time.
      denied('frontend/web-1/web', 'database/store-0/store', 8080, cut),
      denied('frontend/web-1/web', 'backend/api-1/api', 8080, { ...cut, drop_reason_desc: 'STALE_OR_UNROUTABLE_IP' }),
      `${hubbleLine('frontend/web-1/web', 'backend/api-1/api', 8080, { ...cut, is_reply: undefined })}\n`,
      denied('frontend/web-1/web', 'backend/api-1/api', 8080, { ...cut, time: '2026-11-01T09:00:00Z' }),
      `${JSON.stringify({ agent_event: { type: 'ENDPOINT_CREATED' } })}\n`,
    ];
    appendFileSync(file, lines.join(''));
    expect(await log.stop()).toMatchObject({
      flows: [],
      leftOut: {
        'TCP packets that begin no connection, of unknown direction': 1,
        'lines of protocols other than TCP, UDP, SCTP and ICMP': 1,
      },
      older: 1,
    });
  });

  it.each([
    [
      'Calico',
      (action: string) => ({
        Key: {
          source_name: 'web-1',
          source_namespace: 'frontend',
          source_type: 1,
          dest_name: 'api-1',
          dest_namespace: 'backend',
          dest_type: 1,
          proto: 'tcp',
          action,
        },
      }),
      ['Deny', 'Allow'],
    ],
    [
      'a log in the generic form',
      (verdict: string) => ({ protocol: 'TCP', from_namespace: 'frontend', to_namespace: 'backend', verdict }),
      ['denied', 'happened'],
    ],
  ] as const)('are counted where %s has no port', async (_, line, verdicts) => {
    const log = await follow();
    for (const verdict of verdicts) appendFileSync(file, `${JSON.stringify(line(verdict))}\n`);
    expect(await log.stop()).toMatchObject({ lines: 2, flows: [], leftOut: { 'lines without a destination port': 1 } });
  });

  it('are counted where nobody knows who began', async () => {
    const log = await follow();
    const udp = { l4: { UDP: { source_port: 40_000, destination_port: 8080 } }, traffic_direction: undefined };
    appendFileSync(file, denied('frontend/web-1/web', 'backend/api-1/api', 8080, udp));
    expect(await log.stop()).toMatchObject({ flows: [], leftOut: { 'UDP without a direction': 1 } });
  });

  it('are listed where nobody knows whose an address is: a Pod may have come since the plan was made', async () => {
    const agent = (from: string, to: string, protocol = 'TCP') =>
      `Node: one;SIP: ${from};SPORT: 40000;DIP: ${to};DPORT: 8080;PROTOCOL: ${protocol};PolicyVerdict: DENY\n`;
    const lines = [
      agent('10.9.0.1', '203.0.113.9'),
      agent('203.0.113.8', '203.0.113.9'),
      agent('10.9.0.1', '203.0.113.9', 'IGMP'),
    ];
    const log = await follow();
    appendFileSync(file, lines.join(''));
    const flow = {
      flow: '10.9.0.1 -> 203.0.113.9 TCP/8080',
      times: 1,
      fate: 'unknown',
      isPlanned: false,
      why: 'an end may be a Pod of the namespace that the plan does not know',
    };
    expect(await log.stop()).toMatchObject({
      flows: [flow],
      leftOut: { 'lines of protocols other than TCP, UDP, SCTP and ICMP': 1 },
      // The agent does not write what it accepts, which says nothing about what is denied.
      holes: [],
    });
  });

  it('have the names of the log where an end is a Pod that nobody knows, or is not resolved', async () => {
    const log = await follow();
    const lines = [
      denied('a/a/a', 'database/store-0/store', 5432, { source: { identity: 5 } }),
      denied('a/a/a', 'backend/api-1/api', 8080, { source: { identity: 3 } }),
      denied('a/a/a', 'database/store-0/store', 5432, { source: { identity: 4 } }),
    ];
    appendFileSync(file, lines.join(''));
    expect((await log.stop()).flows).toEqual([
      {
        flow: 'a Pod that Cilium does not manage -> backend/deployment/api TCP/8080',
        times: 1,
        fate: 'undecided',
        isPlanned: false,
      },
      {
        flow: 'a Pod whose labels Cilium did not know yet -> database/statefulset/store TCP/5432',
        times: 1,
        fate: 'unknown',
        isPlanned: false,
        why: 'an end may be a Pod of the namespace that the plan does not know',
      },
    ]);
  });

  it('are missing where a log has holes, which are told', async () => {
    const log = await follow();
    const status = { node_status: { state_change: 'NODE_GONE', node_names: ['two'] } };
    const lost = { lost_events: { source: 'PERF_EVENT_RING_BUFFER', num_events_lost: '3' } };
    appendFileSync(file, `${JSON.stringify(status)}\n${JSON.stringify(lost)}\n`);
    expect(await log.stop()).toMatchObject({ lost: 3, holes: ['The node two went away to Hubble for some time.'] });
  });

  it('may be among lines that nobody can read, so these are told', async () => {
    const other = join(folder, 'other.jsonl');
    const [from, to] = [{ from_namespace: 'frontend' }, { to_namespace: 'backend' }];
    writeFileSync(other, '');
    const log = await follow({ files: [file, other] });
    const generic = { ...from, ...to, protocol: 'TCP', port: 8080 };
    const unnamed = { ...generic, verdict: 'DENY' };
    const stranger = { jsonPayload: { disposition: 'deny' } };
    appendFileSync(other, [generic, unnamed, stranger].map((line) => `${JSON.stringify(line)}\n`).join(''));
    expect(await log.stop()).toMatchObject({
      leftOut: {},
      holes: expect.arrayContaining([
        '1 lines of no known kind may be denials.',
        '1 lines with a verdict other than happened, denied, would-be-denied, unknown may be denials.',
      ]),
    });
  });

  it('count where the clock of a node is up to two minutes late', async () => {
    const log = await follow();
    for (const time of ['2026-11-01T09:58:00Z', '2026-11-01T09:57:59Z'])
      appendFileSync(file, denied('frontend/web-1/web', 'backend/api-1/api', 8080, { time }));
    expect(await log.stop()).toMatchObject({ flows: [{ times: 1 }], older: 1 });
  });

  it('had been called something by a plan with a log, too, where only the cluster declares them', async () => {
    const before = { ...opened, observation: await emptyObservation() };
    const log = await follow({ opened: before });
    appendFileSync(file, denied('frontend/web-1/web', 'backend/api-1/api', 8080));
    expect((await log.stop()).flows).toMatchObject([{ fate: 'cut', isPlanned: true }]);
  });
});

/** What a log says that has no line. */
async function emptyObservation() {
  const log = join(folder, 'empty.jsonl');
  writeFileSync(log, '');
  return readObservation([log]);
}
