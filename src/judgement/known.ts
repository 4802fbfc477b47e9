import { isObject } from '../kubernetes/raw-object.ts';
import type { JudgedObject, LocatedFinding } from './judgement.ts';

// Findings that stood before, in a file: a run counts only those that are new. They have no lines,
// so they stay the same when a file changes above them or is moved.

/** What is the same about a finding while its object changes elsewhere. */
interface KnownFinding {
  /** Empty for an object without a namespace. */
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly check: string;
  /** The path without its indexes: `spec.ingress[].from[]`. */
  readonly field: string;
  /** The value that was found; absent if there was none. */
  readonly value?: string;
  /** Whether it was not decided. A finding that is decided now is new. */
  readonly undecided?: true;
}

/** How often each finding stood before, by its line in the file. */
export type KnownFindings = ReadonlyMap<string, number>;

/** The result of comparing a run with the findings that stood before. */
export interface Compared {
  /** The objects with their new findings; those that stood before are apart, as `known`. */
  readonly objects: readonly JudgedObject[];
  /** How many findings stood before. */
  readonly known: number;
  /** How many findings of the file were not found. */
  readonly gone: number;
}

const type = { apiVersion: 'ringfence.dev/v1alpha1', kind: 'KnownFindings' } as const;

/**
 * Writes the findings of a run, except those that are only recorded: JSON with one finding on each
 * line, sorted, so that versions of the file can be compared line by line.
 */
export function writeKnown(objects: readonly JudgedObject[]): string {
  const lines = objects.flatMap((object) =>
    object.findings.filter(counts).map((finding) => identityOf(object, finding)),
  );
  const head = JSON.stringify(type, undefined, 2).replace(/\n}$/, '');
  return `${head},\n  "findings": [${lines.length === 0 ? '' : `\n    ${lines.sort().join(',\n    ')}\n  `}]\n}\n`;
}

/**
 * Reads what {@link writeKnown} has written. Throws an error that names the file and the first
 * field that is wrong.
 */
export function readKnown(text: string, file: string): KnownFindings {
  const wrong = (what: string): Error => new Error(`${file}: ${what}; ringfence check --write-known FILE writes it`);
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    throw wrong(`is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (!isObject(read) || read['kind'] !== type.kind) throw wrong(`is not a file of known findings (kind ${type.kind})`);
  if (read['apiVersion'] !== type.apiVersion)
    throw wrong(`apiVersion is ${JSON.stringify(read['apiVersion'])}, and must be ${type.apiVersion}`);
  const { findings } = read;
  if (!Array.isArray(findings)) throw wrong('findings must be a list');
  const known = new Map<string, number>();
  for (const [index, finding] of findings.entries()) {
    const problem = wrongIn(finding);
    if (problem !== undefined) throw wrong(`findings[${index}]${problem}`);
    const line = JSON.stringify(ordered(finding as KnownFinding));
    known.set(line, (known.get(line) ?? 0) + 1);
  }
  return known;
}

/**
 * Separates the findings of a run that stood before from the new ones. If one occurs more often
 * than before, the others are new. `isJudged` says whether a check was run, because the findings of
 * another one are not gone.
 */
export function compareKnown(
  objects: readonly JudgedObject[],
  known: KnownFindings,
  isJudged: (check: string) => boolean,
): Compared {
  const left = new Map(known);
  let count = 0;
  const compared = objects.map((object): JudgedObject => {
    const before = object.findings.filter((finding) => {
      const line = counts(finding) ? identityOf(object, finding) : '';
      const rest = left.get(line) ?? 0;
      if (rest > 0) left.set(line, rest - 1);
      return rest > 0;
    });
    count += before.length;
    if (before.length === 0) return object;
    return { ...object, findings: object.findings.filter((finding) => !before.includes(finding)), known: before };
  });
  let gone = 0;
  for (const [line, rest] of left) if (isJudged((JSON.parse(line) as KnownFinding).check)) gone += rest;
  return { objects: compared, known: count, gone };
}

/** Recorded findings fail no run. */
function counts({ action }: LocatedFinding): boolean {
  return action !== 'record';
}

/**
 * What is the same about a finding while its object changes elsewhere, moves within its file or to
 * another one: a line of the file of known findings.
 */
export function identityOf({ subject }: JudgedObject, { check, field, found, undecided }: LocatedFinding): string {
  return JSON.stringify(
    ordered({
      namespace: subject.namespace ?? '',
      kind: subject.kind,
      name: subject.name,
      check,
      field: field.replaceAll(/\[\d+\]/g, '[]'),
      ...(found === undefined ? {} : { value: found }),
      ...(undecided ? { undecided } : {}),
    }),
  );
}

/** The fields in the order of the file, which is also the order in which findings are sorted. */
function ordered({ namespace, kind, name, check, field, value, undecided }: KnownFinding): object {
  return { namespace, kind, name, check, field, value, undecided };
}

function wrongIn(finding: unknown): string | undefined {
  if (!isObject(finding)) return ' must be an object';
  for (const field of ['namespace', 'kind', 'name', 'check', 'field']) {
    if (typeof finding[field] !== 'string') return `.${field} must be a text`;
  }
  if (finding['value'] !== undefined && typeof finding['value'] !== 'string') return '.value must be a text';
  if (finding['undecided'] !== undefined && finding['undecided'] !== true) return '.undecided must be true';
  return undefined;
}
