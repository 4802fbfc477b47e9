import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outsideOf } from '../../src/network/outside.ts';
import {
  allPorts,
  formatPorts,
  noPorts,
  type PortSet,
  type PortSpan,
  portRange,
  portSpans,
  unite,
} from '../../src/network/port-set.ts';
import { formatRanges } from '../../src/network/range-text.ts';
import type { World } from '../../src/network/world.ts';
import { createBatchAnswerer } from '../../src/reach/batch.ts';
import type { Desk } from '../../src/reach/desk.ts';
import { survey } from '../../src/reach/survey.ts';
import { surveyCsv, surveyJson } from '../../src/reach/survey-data.ts';
import { formatSurvey, sayReach } from '../../src/reach/survey-text.ts';
import { probes, randomWorld } from '../network/random-world.ts';
import { deskOf, worldOfCopies } from './copies.ts';
import { readTable } from './read-table.ts';

/** The fixed seed gives the same worlds on each machine. */
const settings = { numRuns: 150, seed: 20_261_129 } as const;

describe('the formats of one survey', () => {
  it('say the same of every pair of pods, and it is what the engine says', () => {
    fc.assert(
      fc.property(worldOfCopies, (world) => {
        const desk = deskOf(world);
        const expected = truth(desk);
        expect(readCsv(desk)).toEqual(expected);
        expect(readJson(desk)).toEqual(expected);
        const names = world.pods.map(({ namespace, name }) => `${namespace}/${name}`);
        expect(sorted(readTable(formatSurvey(survey({}, desk), desk), names))).toEqual(expected);
      }),
      settings,
    );
  });
});

describe('the lines of a batch', () => {
  it('say of every pair of pods and every port what the survey says', () => {
    fc.assert(
      fc.property(randomWorld, (world) => {
        const desk = deskOf(world);
        const answerer = createBatchAnswerer(desk);
        const said: string[] = [];
        for (const [from, to] of pairsOf(world)) {
          const line = answerer.answer(JSON.stringify({ from, to }));
          const answer = JSON.parse(line) as BatchAnswer;
          const parts = answer.parts ?? [{ verdict: answer.verdict, ports: portSpans(allPorts) }];
          const portsWith = (verdict: string): PortSet =>
            portsOf(parts.flatMap((part) => (part.verdict === verdict ? part.ports : [])));
          const text = sayReach({ allowed: portsWith('allowed'), undecided: portsWith('undefined') });
          if (text !== '') said.push(`${from} > ${to}: ${text}`);
        }
        expect(sorted(said)).toEqual(truth(desk).filter((line) => /^\w\/pod-\d+ > \w\/pod-/.test(line)));
      }),
      settings,
    );
  });

  it('say of a whole namespace what they say of its pods', () => {
    fc.assert(
      fc.property(randomWorld, fc.constantFrom(...probes), (world, probe) => {
        const answerer = createBatchAnswerer(deskOf(world));
        const ask = (from: string, to: string): BatchAnswer =>
          JSON.parse(answerer.answer(JSON.stringify({ from, to, ...probe }))) as BatchAnswer;
        const namespaces = [...new Set(world.pods.map(({ namespace }) => namespace))];
        for (const from of namespaces) {
          for (const to of namespaces) {
            const pairs = pairsOf(world).filter(([a, b]) => a.startsWith(`${from}/`) && b.startsWith(`${to}/`));
            const verdicts = new Set(pairs.map(([a, b]) => ask(a, b).verdict));
            if (verdicts.size === 0) continue;
            expect(ask(from, to).verdict).toBe(verdicts.size === 1 ? [...verdicts][0] : 'mixed');
          }
        }
      }),
      settings,
    );
  });
});

interface BatchAnswer {
  readonly verdict: string;
  readonly parts?: readonly { readonly verdict: string; readonly ports: readonly PortSpan[] }[];
}

function pairsOf({ pods }: World): readonly (readonly [string, string])[] {
  const names = pods.map(({ namespace, name }) => `${namespace}/${name}`);
  return names.flatMap((from) => names.flatMap((to) => (from === to ? [] : [[from, to] as const])));
}

function portsOf(spans: readonly PortSpan[]): PortSet {
  return spans.map(({ protocol, first, last }) => portRange(protocol, first, last)).reduce(unite, noPorts);
}

type Lines = readonly string[];

/** Returns `from > to: ports` for each pair, from the matrix and the openings. */
function truth(desk: Desk): Lines {
  const lines: string[] = [];
  const { pods } = desk.inventory.world;
  for (const from of pods) {
    const one = desk.evaluator.classes.of(from);
    if (one === undefined) continue;
    const name = `${from.namespace}/${from.name}`;
    for (const to of pods) {
      const other = desk.evaluator.classes.of(to);
      if (from === to || other === undefined) continue;
      const text = sayReach(desk.matrix().between(one, other));
      if (text !== '') lines.push(`${name} > ${to.namespace}/${to.name}: ${text}`);
    }
    if (from.hostNetwork) {
      const text = sayReach({ allowed: noPorts, undecided: allPorts });
      lines.push(`${name} > any address: ${text}`, `any address > ${name}: ${text}`);
      continue;
    }
    for (const { ranges, ports } of outsideOf(one, 'egress'))
      if (ports.length > 0) lines.push(`${name} > ${formatRanges(ranges)}: ${formatPorts(ports)}`);
    for (const { ranges, ports } of outsideOf(one, 'ingress'))
      if (ports.length > 0) lines.push(`${formatRanges(ranges)} > ${name}: ${formatPorts(ports)}`);
  }
  return sorted(lines);
}

function sorted(lines: Iterable<string>): Lines {
  return [...lines].sort((a, b) => (a < b ? -1 : 1));
}

function readCsv(desk: Desk): Lines {
  const rows = [...surveyCsv(survey({}, desk), desk)].slice(1).filter((row) => !row.startsWith(','));
  return sorted(
    rows.map((row) => {
      const [from = '', to = '', allowed = '', doubt = ''] = [
        ...row.trimEnd().matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g),
      ].map(([, quoted, plain]) => quoted ?? plain ?? '');
      return `${from} > ${to}: ${[allowed, doubt === '' ? '' : `undefined: ${doubt}`].filter((one) => one !== '').join('; ')}`;
    }),
  );
}

function readJson(desk: Desk): Lines {
  const { ends, flows } = JSON.parse([...surveyJson(survey({}, desk), desk.notes)].join('')) as {
    readonly ends: readonly { readonly number: number; readonly name: string; readonly pods?: readonly string[] }[];
    readonly flows: readonly Readonly<
      { from: number; to: number } & Record<'allowed' | 'undefined', readonly PortSpan[]>
    >[];
  };
  const namesOf = (number: number): readonly string[] => {
    const end = ends.find((one) => one.number === number);
    return end?.pods ?? [end?.name ?? ''];
  };
  return sorted(
    flows.flatMap((flow) => {
      const text = sayReach({ allowed: portsOf(flow.allowed), undecided: portsOf(flow.undefined) });
      return namesOf(flow.from).flatMap((from) =>
        namesOf(flow.to).flatMap((to) => (from === to ? [] : [`${from} > ${to}: ${text}`])),
      );
    }),
  );
}
