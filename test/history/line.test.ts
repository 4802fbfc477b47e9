import { describe, expect, it } from 'vitest';
import { readLogged } from '../../src/history/line.ts';
import { pod, podLabels, request } from '../admission/scene.ts';
import { configOf, lineOf } from './admissions.ts';

const scenery = { namespace: { env: 'prod', tier: 'api', team: 'shop' } };
const written = (await lineOf(request('Pod', pod({ ...podLabels, tier: 'x' })), scenery, configOf({}))).trimEnd();
const line = JSON.parse(written) as Record<string, unknown>;
const json = (value: object) => JSON.stringify(value);
const nanoseconds = '1795945200000000000';

describe('an audit line is found', () => {
  it.each<[string, string, string | undefined]>([
    ['plain', written, undefined],
    ['behind the prefix of kubectl logs --prefix', `[pod/ringfence-7c9-x2/ringfence] ${written}`, 'ringfence-7c9-x2'],
    ['behind the time of kubectl logs --timestamps', `2026-11-29T09:00:00.000000001Z ${written}`, undefined],
    ['in CRI', `2026-11-29T09:00:00.1+01:00 stdout F ${written}`, undefined],
    ['behind the labels of logcli', `2026-11-29T09:00:00Z {app="ringfence", pod="r-1"} ${written}`, undefined],
    ['in logcli -o jsonl', json({ labels: { pod: 'r-1' }, line: written, timestamp: '2026-11-29T09:00:00Z' }), 'r-1'],
    ["in Docker's json-file", json({ log: `${written}\n`, stream: 'stdout', time: '2026-11-29T09:00:00Z' }), undefined],
  ])('%s', (_, text, pod) => {
    expect(readLogged(text)).toEqual({ audits: [line], pod });
  });

  it("in an answer of Loki's API, which has many", () => {
    const streams = [
      {
        stream: { pod: 'a' },
        values: [
          [nanoseconds, written],
          [nanoseconds, '{"msg":"serving"}'],
        ],
      },
      { stream: { pod: 'b' }, values: [[nanoseconds, written]] },
    ];
    const answer = json({ status: 'success', data: { resultType: 'streams', result: streams } });
    expect(readLogged(answer).audits).toEqual([line, line]);
  });
});

describe('another line', () => {
  it('is no audit line', () => {
    expect(readLogged('{"level":"info","msg":"draining"}')).toEqual({ audits: [], pod: undefined });
    expect(readLogged('Warning: something')).toEqual({ audits: [], pod: undefined });
    expect(readLogged('{"msg":"a talk about an admission decision"}')).toEqual({ audits: [], pod: undefined });
  });

  it('may say that a replica serves', () => {
    const text = '{"level":"info","time":"2026-11-29T09:00:00.000Z","port":8443,"msg":"serving"}';
    expect(readLogged(text)).toMatchObject({ message: 'serving', time: '2026-11-29T09:00:00.000Z' });
  });
});

describe('an audit line that cannot be used is a problem', () => {
  const { time: _, ...timeless } = line;
  it.each<[string, string, string]>([
    ['cut', written.slice(0, 20) + written.slice(-40, -1), 'is cut, or not JSON'],
    ['cut before its message', written.slice(0, 40), 'is cut, or not JSON'],
    ['without a time', json(timeless), 'is an audit line, but time is not a time in UTC'],
    ['of an unknown mode', json({ ...line, mode: 'loud' }), 'is an audit line, but mode is unknown'],
    ['of an unknown operation', json({ ...line, operation: 'create' }), 'is an audit line, but operation is unknown'],
    ['of an unknown decision', json({ ...line, decision: 'ok' }), 'is an audit line, but decision is unknown'],
    ['without a user', json({ ...line, user: null }), 'is an audit line, but user is not a text'],
    [
      'with findings that are none',
      json({ ...line, findings: [1] }),
      'is an audit line, but findings are not findings',
    ],
    [
      'with labels that are no texts',
      json({ ...line, identity: { rules: 'x', labels: { env: 1 } } }),
      'is an audit line, but identity is not an identity',
    ],
    [
      'with permissions that are none',
      json({ ...line, permissions: {} }),
      'is an audit line, but permissions are not texts',
    ],
  ])('%s', (_, text, problem) => {
    expect(readLogged(text)).toMatchObject({ audits: [], problem });
  });

  it('also in an answer of Loki', () => {
    const values = [[nanoseconds, json({ ...line, mode: 'loud' })]];
    expect(readLogged(json({ data: { result: [{ stream: {}, values }] } })).problem).toBe(
      'has an entry that is an audit line, but mode is unknown',
    );
  });
});
