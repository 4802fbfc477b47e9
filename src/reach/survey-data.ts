import { formatPorts, type PortSpan, portSpans } from '../network/port-set.ts';
import type { Desk } from './desk.ts';
import { type Group, groupNames } from './group.ts';
import type { Note } from './note.ts';
import type { Flow, Outside } from './survey.ts';

/**
 * Flows as comma-separated values (RFC 4180), line by line: `from,to,allowed,undefined,note`. Each
 * pair of names is a row of its own, because programs filter and join by single names. The last
 * lines are the notes, which have nothing in the other columns.
 */
export function* surveyCsv(flows: Iterable<Flow>, desk: Desk): Generator<string> {
  const known = new WeakMap<Group, readonly CsvName[]>();
  const namesOf = (end: Group | Outside): readonly CsvName[] => {
    if (end.kind !== 'pods') return [{ cell: quoteCell(end.name), isSingle: false }];
    const names =
      known.get(end) ??
      groupNames(end, desk).map((name) => ({ cell: quoteCell(name), isSingle: desk.podsOf(name).length < 2 }));
    known.set(end, names);
    return names;
  };
  yield 'from,to,allowed,undefined,note\n';
  for (const { from, to, reach } of flows) {
    const ports = [reach.allowed, reach.undecided].map((set) => (set.length === 0 ? '' : quoteCell(formatPorts(set))));
    // A single pod and itself is no flow.
    for (const source of namesOf(from))
      for (const destination of namesOf(to))
        if (!source.isSingle || source.cell !== destination.cell)
          yield `${source.cell},${destination.cell},${ports.join(',')},\n`;
  }
  for (const { message } of desk.notes) yield `,,,,${quoteCell(message)}\n`;
}

/**
 * Flows as one JSON document, piece by piece: `ends` (each with its number, its name and its pods
 * as `namespace/name`) and `flows`, which refer to ends by number and give `allowed` and
 * `undefined` as ranges of ports; and `notes`.
 */
export function* surveyJson(flows: Iterable<Flow>, notes: readonly Note[]): Generator<string> {
  const numbers = new Map<string, number>();
  const ends: string[] = [];
  const numberOf = (end: Group | Outside): number => {
    const key = end.kind === 'pods' ? `${end.one.index} ${end.name}` : `${end.kind} ${end.name}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const number = numbers.size;
    numbers.set(key, number);
    const pods = end.kind === 'pods' ? { pods: end.pods.map(({ namespace, name }) => `${namespace}/${name}`) } : {};
    const data: SurveyEnd = { number, kind: end.kind, name: end.name, ...pods };
    ends.push(JSON.stringify(data));
    return number;
  };
  yield '{"flows":[';
  let comma = '';
  for (const { from, to, reach } of flows) {
    const flow: SurveyFlow = {
      from: numberOf(from),
      to: numberOf(to),
      allowed: portSpans(reach.allowed),
      undefined: portSpans(reach.undecided),
    };
    yield `${comma}\n${JSON.stringify(flow)}`;
    comma = ',';
  }
  yield `\n],"ends":[\n${ends.join(',\n')}\n],"notes":${JSON.stringify(notes)}}\n`;
}

interface CsvName {
  readonly cell: string;
  readonly isSingle: boolean;
}

/** Flows as one document. */
export interface SurveyData {
  readonly ends: readonly SurveyEnd[];
  readonly flows: readonly SurveyFlow[];
  readonly notes: readonly Note[];
}

/** An end of flows: Pods that behave alike, as `namespace/name`, or addresses. */
export interface SurveyEnd {
  readonly number: number;
  readonly kind: (Group | Outside)['kind'];
  readonly name: string;
  readonly pods?: readonly string[];
}

/** The ports between two ends, which are named by their numbers. */
export interface SurveyFlow {
  readonly from: number;
  readonly to: number;
  readonly allowed: readonly PortSpan[];
  readonly undefined: readonly PortSpan[];
}

function quoteCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
