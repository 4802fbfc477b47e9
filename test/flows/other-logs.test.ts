import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/flows/record.ts';
import { calicoTraps } from './calico-traps.ts';
import { otherTraps } from './other-traps.ts';
import { observe, textOf } from './text.ts';

describe('each trap of the other logs', () => {
  it.each([...calicoTraps, ...otherTraps])('$trap', async ({ lines, flows, leftOut }) => {
    const observation = await observe(lines.join('\n'));
    expect(textOf(observation)).toEqual(flows);
    expect(observation.malformed).toBe(0);
    if (leftOut !== undefined) expect(Object.fromEntries(observation.leftOut)).toEqual(leftOut);
  });
});

describe('an object of no known kind', () => {
  it.each([
    '{"jsonPayload":{"disposition":"deny"},"policies":[]}',
    '{"kind":"Pod","spec":{"containers":[]}}',
    '{"tags":[],"items":{}}',
    '{"line":7,"labels":[]}',
  ])('is counted, also with an empty list in it: %s', async (line) => {
    const { leftOut, malformed } = await observe(`${generic}\n${line}`);
    expect([Object.fromEntries(leftOut), malformed]).toEqual([{ 'lines of no known kind': 1 }, 0]);
  });

  it.each([
    '{"total":{"totalPages":0},"items":[]}',
    '{"status":"success","data":{"resultType":"streams","result":[]}}',
    '{"stream":{"app":"x"},"values":[]}',
    '{"streams":[]}',
    '{"hits":{"total":{"value":0},"hits":[]}}',
    '{"events":[],"searchedLogStreams":[]}',
  ])('is none if it is an answer without a flow: %s', async (line) => {
    const { leftOut, malformed, flows } = await observe(`${generic}\n${line}`);
    expect([leftOut.size, malformed, flows.length]).toEqual([0, 0, 1]);
  });
});

const generic = JSON.stringify({ from_namespace: 'a', to_namespace: 'b', protocol: 'TCP', port: 1 });

const hits = (...actions: readonly (readonly [number, string | number])[]) =>
  actions.map(([index, action]) => ({ policy_index: index, action, name: 'p' }));

describe('the pending policies of Calico', () => {
  const key = {
    source_name: 'a',
    source_namespace: 'a',
    source_type: 1,
    dest_name: 'b',
    dest_namespace: 'b',
    dest_type: 1,
  };
  it.each<[string, unknown, boolean | undefined]>([
    ['are not there', undefined, undefined],
    ['end with Deny, whatever the order of the list', { pending_policies: hits([1, 2], [0, 3]) }, true],
    ['end with Allow', { pending_policies: hits([0, 'Deny'], [1, 'Allow']) }, false],
  ])('%s', async (_, policies, expected) => {
    const flow = { Key: { ...key, dest_port: 80, proto: 'tcp', action: 1, policies } };
    expect((await observe(JSON.stringify(flow))).flows[0]?.pendingDeny).toBe(expected);
  });

  it('are texts in Enterprise', async () => {
    const line = {
      source_type: 'wep',
      source_namespace: 'a',
      dest_type: 'wep',
      dest_namespace: 'b',
      proto: 'tcp',
      dest_port: 80,
      policies: { pending_policies: ['1|default|a/staged:default.x|deny|-1', '0|tier|tier.y|pass|0'] },
    };
    expect((await observe(JSON.stringify(line))).flows[0]?.pendingDeny).toBe(true);
  });
});

describe('the labels of Calico', () => {
  it('are those that all Pods of a name have, also across lines', async () => {
    const line = (labels: string) =>
      JSON.stringify({
        ...{ source_name: 'web-*', source_namespace: 'shop', source_labels: labels, dest_name: 'PUBLIC NETWORK' },
        ...{ dest_namespace: '-', protocol: 'tcp', dest_port: 443, action: 'Allow', reporter: 'Src' },
      });
    const observation = await observe([line('app=web | v=1'), line('app=web | v=2'), line('')].join('\n'));
    expect(labelsIn(observation)).toEqual([new Map([['app', 'web']])]);
  });
});

function labelsIn({ flows }: Observation): readonly unknown[] {
  return flows.map(({ from }) => (from.kind === 'pod' ? from.labels : undefined));
}

describe('the schema of generic lines', () => {
  const schema = JSON.parse(readFileSync('schemas/flow.schema.json', 'utf8')) as {
    readonly examples: readonly object[];
  };
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true, formats: { 'date-time': true } }).compile(schema);

  it.each(schema.examples)('accepts and reads its example %#', async (example) => {
    expect(validate(example)).toBe(true);
    const { flows, malformed, leftOut } = await observe(JSON.stringify(example));
    expect([flows.length, malformed, leftOut.size]).toEqual([1, 0, 0]);
  });

  it('refuses what the reader leaves out', () => {
    expect(validate({ from_namespace: 'a', to_namespace: 'b', protocol: 'TCP', port: 70_000 })).toBe(false);
    expect(validate({ from_namespace: 'a', to_namespace: 'b', protocol: 'TCP', port: 1, verdict: 'perhaps' })).toBe(
      false,
    );
  });
});
