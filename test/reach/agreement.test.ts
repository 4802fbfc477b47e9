import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outsideOf } from '../../src/network/outside.ts';
import { allPorts, formatPorts, noPorts, type PortSpan, portRange, unite } from '../../src/network/port-set.ts';
import { formatRanges } from '../../src/network/range-text.ts';
import type { Desk } from '../../src/reach/desk.ts';
import { survey } from '../../src/reach/survey.ts';
import { surveyCsv, surveyJson } from '../../src/reach/survey-data.ts';
import { formatSurvey, sayReach } from '../../src/reach/survey-text.ts';
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
  const portsOf = (spans: readonly PortSpan[]) =>
    spans.map(({ protocol, first, last }) => portRange(protocol, first, last)).reduce(unite, noPorts);
  return sorted(
    flows.flatMap((flow) => {
      const text = sayReach({ allowed: portsOf(flow.allowed), undecided: portsOf(flow.undefined) });
      return namesOf(flow.from).flatMap((from) =>
        namesOf(flow.to).flatMap((to) => (from === to ? [] : [`${from} > ${to}: ${text}`])),
      );
    }),
  );
}
