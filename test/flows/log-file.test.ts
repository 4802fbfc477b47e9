import { constants, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readObservation } from '../../src/flows/read.ts';
import { createReading } from '../../src/flows/reading.ts';
import type { Observation } from '../../src/flows/record.ts';
import { clusterLog } from './cluster-log.ts';
import { lineOf } from './hubble-lines.ts';
import { observe, textOf } from './text.ts';

const loki = (line: string) => JSON.stringify({ labels: { app: 'x' }, line, timestamp: '2026-03-01T10:00:00Z' });
const one = lineOf();
const flow = ['shop/deployment/web > shop/pod/api-7857758574-x2k4q TCP 8080 happened'];

describe('a file', () => {
  it.each<[string, string | Buffer]>([
    ['is plain', one],
    ['ends with a line feed', `${one}\n`],
    ['has lines of Windows, and a mark of its byte order', `\uFEFF${one}\r\n\r\n`],
    ['is compressed', gzipSync(one)],
    ['is compressed in several members', Buffer.concat([gzipSync(`${one}\n`), gzipSync(one)])],
    ['is indented', JSON.stringify(JSON.parse(one), undefined, 2)],
    ['has several indented objects', `${JSON.stringify(JSON.parse(one), undefined, 2)}\n`.repeat(2)],
    ['is an indented list', JSON.stringify([JSON.parse(one)], undefined, 2)],
    ['is Loki’s, by logcli', loki(one)],
    [
      'is Loki’s, as pushed',
      JSON.stringify({
        streams: [
          {
            stream: {},
            values: [
              ['1', one],
              ['2', one],
            ],
          },
        ],
      }),
    ],
    ['is Loki’s, as a stream', JSON.stringify({ stream: {}, values: [['1', one]] })],
    [
      'is Loki’s, as queried',
      JSON.stringify({
        status: 'success',
        data: { resultType: 'streams', result: [{ stream: {}, values: [['1', one]] }] },
      }),
    ],
    ['is a container’s', JSON.stringify({ log: `${one}\n`, stream: 'stdout' })],
    [
      'begins with other events',
      `${JSON.stringify({ node_status: { state_change: 'NODE_CONNECTED', node_names: ['a'] } })}\n${one}`,
    ],
  ])('%s', async (_, content) => {
    const observation = await observe(content);
    expect(textOf(observation)).toEqual(flow);
    expect(observation.malformed).toBe(0);
  });

  it('may end in the middle of its compressed content, as one that is still written', async () => {
    const lines = [...clusterLog(500)].join('\n');
    const whole = gzipSync(lines);
    const observation = await observe(whole.subarray(0, whole.length - 2000));
    expect(observation.flows.length).toBeGreaterThan(50);
    expect(observation.malformed).toBe(1);
    expect(holesIn(observation)).toContain(cut);
  });

  const two = Buffer.concat([gzipSync(`${one}\n`), gzipSync(`${one}\n`)]);
  it.each<[string, Buffer, number]>([
    ['where a line ends', gzipSync(`${one}\n`, { finishFlush: constants.Z_SYNC_FLUSH }), 1],
    ['before its checksum', two.subarray(0, two.length - 8), 2],
    ['before the last byte', two.subarray(0, two.length - 1), 2],
    ['in the head of a later member', two.subarray(0, gzipSync(`${one}\n`).length + 5), 1],
    ['after its first two bytes', Buffer.concat([gzipSync(`${one}\n`), two.subarray(0, 2)]), 1],
  ])('that ends %s is cut, which is a hole', async (_, content, sightings) => {
    const observation = await observe(content);
    expect(observation.flows.map((found) => found.sightings)).toEqual([sightings]);
    expect([observation.malformed, holesIn(observation)]).toEqual([0, [cut]]);
  });

  it.each<[string, Buffer]>([
    ['in several members', two],
    ['with a member that is empty', Buffer.concat([two, gzipSync('')])],
    ['with zeros behind it, which tapes and disks add', Buffer.concat([two, Buffer.alloc(512)])],
    ['of many chunks', gzipSync(`${one}\n`.repeat(2_000), { level: 0 })],
  ])('%s is not cut', async (_, content) => {
    expect(holesIn(await observe(content))).toEqual([]);
  });

  it.each<[string, string, number]>([
    ['no JSON', 'oops', 1],
    ['a cut line', one.slice(0, 200), 1],
    ['a list, a text, a number and null', '[1]\n"x"\n4\nnull', 4],
    ['a brace that begins nothing', '{', 1],
    ['empty lines', '\n  \n\r\n', 0],
    ['a cut line in Loki', loki(one.slice(0, 100)), 1],
    ['a cut line between two', `${one.slice(0, 90)}\n${one}`, 1],
  ])('counts as malformed: %s', async (_, text, malformed) => {
    for (const content of [`${text}\n${one}`, `${one}\n${text}`]) {
      const observation = await observe(content);
      expect(observation.malformed).toBe(malformed);
      expect(textOf(observation)).toEqual(flow);
    }
  });

  it('may be empty, which is a hole', async () => {
    const observation = await observe('');
    expect(observation).toMatchObject({ flows: [], malformed: 0, window: undefined });
    expect(holesIn(observation)).toEqual(['There is no line in log-0: what it should have recorded is missing.']);
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['empty', '', /^There is no line in log-1: what it should have recorded is missing\.$/],
    ['empty but for line feeds', '\n \r\n', /^There is no line in log-1: /],
    ['compressed and empty', gzipSync(''), /^There is no line in log-1: /],
    ['of another kind', 'kind: Pod\nspec:\n', /^No line of log-1 is one of Calico Goldmane, .*Cilium Hubble/],
    ['of objects of another kind', '{"jsonPayload":{}}', /^No line of log-1 is one of Calico Goldmane, /],
  ])('that is %s is a hole beside one that is read', async (_, content, hole) => {
    for (const isFirst of [false, true]) {
      const observation = await observe(...(isFirst ? [content, one] : [one, content]));
      expect(textOf(observation)).toEqual(flow);
      expect(holesIn(observation)).toEqual([
        expect.stringMatching(new RegExp(hole.source.replace('log-1', isFirst ? 'log-0' : 'log-1'))),
      ]);
    }
  });

  it('that is the standard input is called so', () => {
    const reading = createReading();
    const log = reading.open('-');
    log.end();
    log.sawWhole(false);
    expect(reading.conclude().holes).toEqual([
      'There is no line in the standard input: what it should have recorded is missing.',
    ]);
  });

  it('with an answer that has no flow is no hole', async () => {
    expect(holesIn(await observe(one, '{"total":{"totalPages":0},"items":[]}'))).toEqual([]);
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['that is not there', () => readObservation(['/nowhere/log']), /^\/nowhere\/log: there is no such file$/],
    ['that is a folder', () => readObservation(['src']), /^src: is a folder; name the files in it$/],
    ['of another kind', () => observe('kind: Pod'), /: no line is one of Calico Goldmane, .*Cilium Hubble/],
    ['that is damaged', () => observe(damaged()), /: cannot be decompressed: /],
  ])('%s is an error', async (_, read, message) => {
    await expect(read()).rejects.toThrow(message);
  });

  it('reports its progress, in the bytes of the file', async () => {
    const told: [number, number | undefined][] = [];
    await readObservation(['package.json', 'schemas/flow.schema.json'].slice(1), {
      progress: (bytes, total) => told.push([bytes, total]),
    }).catch(() => undefined);
    expect(told.at(-1)?.[0]).toBe(told.at(-1)?.[1]);
  });
});

const cut = 'The compressed content of log-0 ends in the middle: what came after is missing.';

/** The holes, with the files by their names only. */
function holesIn({ holes }: Observation): readonly string[] {
  return holes.map((hole) => hole.replaceAll(/\S+\/(?=log-\d)/g, ''));
}

function damaged(): Buffer {
  const content = gzipSync([...clusterLog(100)].join('\n'));
  return Buffer.concat([content.subarray(0, 300), Buffer.alloc(300, 0xff), content.subarray(600)]);
}
