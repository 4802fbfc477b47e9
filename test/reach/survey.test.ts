import { describe, expect, it } from 'vitest';
import { portRange } from '../../src/network/port-set.ts';
import type { Desk } from '../../src/reach/desk.ts';
import { isResolved } from '../../src/reach/end.ts';
import { resolveEnd } from '../../src/reach/endpoint.ts';
import { formatGrid } from '../../src/reach/grid.ts';
import { type Group, groupEnds } from '../../src/reach/group.ts';
import { survey } from '../../src/reach/survey.ts';
import { surveyCsv, surveyJson } from '../../src/reach/survey-data.ts';
import { formatSurvey } from '../../src/reach/survey-text.ts';
import { shop } from './shop.ts';

const desk = shop();

function group(text: string, where: Desk = desk): readonly Group[] {
  const end = resolveEnd(text, where);
  if (!isResolved(end)) throw new Error(end.error);
  return groupEnds(end, undefined, undefined, where).from ?? [];
}

/** Returns the rows of a table without the padding of its columns. */
function rows(text: string): readonly string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().replace(/ {2,}/g, ' | '));
}

describe('everything that is reached', () => {
  it('is a table of pods and addresses with their ports', () => {
    expect(rows(formatSurvey(survey({ from: group('front/web-1') }, desk), desk))).toEqual([
      'FROM | TO | PORTS',
      'front/web-1 | all of namespace back | TCP/8080',
      'front/web-1 | infra/agent | undefined: all ports',
      'front/web-1 | 0.0.0.0-9.255.255.255, 11.0.0.0-255.255.255.255 | TCP/443',
    ]);
  });

  it('is the other way round for what reaches', () => {
    expect(rows(formatSurvey(survey({ to: group('back/api') }, desk), desk))).toEqual([
      'FROM | TO | PORTS',
      'front/statefulset/web | back/api | TCP/8080',
      'infra/agent | back/api | undefined: all ports',
    ]);
  });

  it('may be of one port', () => {
    const ports = portRange('TCP', 443, 443);
    expect(rows(formatSurvey(survey({ from: group('front/batch'), ports }, desk), desk))).toEqual([
      'FROM | TO | PORTS',
      'front/batch | infra/agent | undefined: TCP/443',
    ]);
  });

  it('says every pod, and all of a namespace, where that is so', () => {
    const open = shop({ 'front/wall': { podSelector: {} } });
    expect(rows(formatSurvey(survey({ from: group('back/api', open) }, open), open))).toEqual([
      'FROM | TO | PORTS',
      'back/api | any address | all ports',
      'back/api | back/unborn | all ports',
      'back/api | infra/agent | undefined: all ports',
    ]);
    const own = shop({ 'front/wall': { podSelector: {}, egress: [{ to: [{ podSelector: {} }] }] } });
    expect(rows(formatSurvey(survey({ from: group('front/batch', own) }, own), own))[1]).toMatch(/front/);
  });

  it('is said in words where it is nothing', () => {
    const [batch, api] = [group('front/batch'), group('back/api')];
    expect(formatSurvey(survey({ from: batch, to: api }, desk), desk)).toBe('nothing: every port is denied\n');
  });

  it('may be what an address reaches, and what reaches it', () => {
    const open = shop({ 'front/wall': walls });
    expect(
      rows(formatSurvey(survey({ from: group('192.0.2.1', open), to: group('front', open) }, open), open)),
    ).toEqual(['FROM | TO | PORTS', '192.0.2.1 | front/statefulset/web, front/batch | TCP/443']);
    expect(rows(formatSurvey(survey({ from: group('front'), to: group('192.0.2.1') }, desk), desk))).toEqual([
      'FROM | TO | PORTS',
      'front/statefulset/web | 192.0.2.1 | TCP/443',
    ]);
  });

  const walls = {
    podSelector: {},
    ingress: [{ from: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ port: 443 }] }],
  };
});

describe('the matrix', () => {
  it('is a grid where it fits', () => {
    expect(rows(formatGrid(desk) ?? '')).toEqual([
      'FROM \\ TO | 1 | 2 | 3 | 4 | 5',
      '1 | front/statefulset/web | - | - | 8080 | 8080 | ?',
      '2 | front/batch | - | - | - | ?',
      '3 | back/api | - | - | - | ?',
      '4 | back/unborn | - | - | - | ?',
      '5 | infra/agent | ? | ? | ? | ?',
    ]);
  });

  it('is comma-separated values for programs', () => {
    const lines = [...surveyCsv(survey({}, desk), desk)].map((line) => line.trimEnd());
    expect(lines[0]).toBe('from,to,allowed,undefined,note');
    expect(lines).toContain('front/statefulset/web,back/api,TCP/8080,,');
    expect(lines).toContain('infra/agent,back/api,,all ports,');
    expect(lines).toContain('front/statefulset/web,"0.0.0.0-9.255.255.255, 11.0.0.0-255.255.255.255",TCP/443,,');
  });

  it('has a row for each pair of names, also for two pods of one workload', () => {
    const open = shop(
      {},
      { 'front/one': { app: 'batch' }, 'front/two': { app: 'batch' }, 'front/three': { app: 'x' } },
    );
    const lines = [...surveyCsv(survey({ from: group('front', open), to: group('front', open) }, open), open)];
    const names = ['front/statefulset/web', 'front/batch', 'front/one', 'front/two', 'front/three'];
    const pairs = names.flatMap((from) => names.map((to) => [from, to]));
    expect(new Set(lines.filter((line) => line.startsWith('front')))).toEqual(
      new Set(
        pairs.filter(([from, to]) => from !== to || from === names[0]).map((pair) => `${pair.join()},all ports,,\n`),
      ),
    );
  });

  it('names every source of one line, below it where they are many', () => {
    const open = shop(
      {},
      { 'front/one': { app: 'batch' }, 'front/two': { app: 'batch' }, 'front/three': { app: 'x' } },
    );
    const text = formatSurvey(survey({ from: group('front', open), to: group('back/api', open) }, open), open);
    expect(rows(text)).toEqual([
      'FROM | TO | PORTS',
      'front/statefulset/web, front/batch, front/one and 2 more [1] | back/api | all ports',
      '',
      '[1]: front/statefulset/web, front/batch, front/one, front/two, front/three',
    ]);
  });

  it('is one JSON document with ends and flows', () => {
    const { ends, flows } = JSON.parse([...surveyJson(survey({}, desk), [])].join('')) as {
      ends: readonly { number: number; name: string; pods?: readonly string[] }[];
      flows: readonly { from: number; to: number; allowed: readonly object[]; undefined: readonly object[] }[];
    };
    const number = (name: string) => ends.find((end) => end.name === name)?.number;
    expect(ends.find(({ name }) => name === 'front/statefulset/web')?.pods).toEqual(['front/web-1', 'front/web-2']);
    expect(flows).toContainEqual({
      from: number('front/statefulset/web'),
      to: number('back/api'),
      allowed: [{ protocol: 'TCP', first: 8080, last: 8080 }],
      undefined: [],
    });
  });
});
