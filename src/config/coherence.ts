import type { Path } from '../documents/document.ts';
import { type Problem, quote } from '../documents/problem.ts';
import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import { isObject, recordOf } from '../kubernetes/raw-object.ts';
import { judgeBaseline } from './baseline-coherence.ts';
import type { ConfigDocument } from './document.ts';
import { judgeExceptions } from './exception-coherence.ts';
import type { Incoherence } from './incoherence.ts';
import { judgeNetwork } from './network-coherence.ts';
import { compilePattern } from './pattern.ts';
import { suggestKnown } from './problem.ts';
import type { TaxonomyKeyEntry } from './schema.ts';
import { defaultTaxonomy, mergeEntry } from './taxonomy.ts';
import { judgeWorkloads, listedKinds } from './workload-coherence.ts';

/**
 * Finds the problems of a configuration that a schema cannot express. It reads unvalidated data and
 * ignores parts of the wrong shape, so that these problems are reported together with those of the
 * schema. `now` is in milliseconds since 1970.
 */
export function findIncoherence(
  document: ConfigDocument,
  file: string,
  checkIds: readonly string[],
  now: number,
): readonly Problem[] {
  const root = recordOf(document.value);
  const taxonomy = recordOf(root['taxonomy']);
  return [
    ...judgeTaxonomy(taxonomy),
    ...judgeRequired(recordOf(root['required']), taxonomy),
    ...judgeChecks(recordOf(root['checks']), checkIds),
    ...judgeWorkloads(root['workloads']),
    ...judgeExceptions(root['exceptions'], listedKinds(root['workloads']), now),
    ...judgeNetwork(root),
    ...judgeBaseline(root),
  ].map(({ path, message, part = 'value' }) => ({ file, position: document.positionOf(path, part), path, message }));
}

/** Labels that Kubernetes or Ringfence sets itself. They cannot carry identity. */
const reservedKeys: ReadonlyMap<string, string> = new Map([
  [metadataNameLabel, 'the API server sets it on every namespace'],
  ['app.kubernetes.io/managed-by', 'the baseline carries it with the value ringfence'],
]);

function judgeTaxonomy(taxonomy: Readonly<Record<string, unknown>>): Incoherence[] {
  return Object.entries(taxonomy).flatMap(([key, entry]) => {
    const path = ['taxonomy', key];
    const initial = defaultTaxonomy.get(key);
    if (entry === null)
      return initial === undefined
        ? [
            {
              path,
              part: 'key' as const,
              message: `there is no default key of this name to remove; ${suggestKnown(key, [...defaultTaxonomy.keys()])}`,
            },
          ]
        : [];
    const reserved = key.startsWith('ringfence.dev/')
      ? 'Ringfence gives it a meaning of its own'
      : reservedKeys.get(key);
    return [
      ...(reserved === undefined
        ? []
        : [{ path, part: 'key' as const, message: `cannot carry identity: ${reserved}` }]),
      ...(isObject(entry) ? judgeEntry(path, entry, initial) : []),
    ];
  });
}

function judgeEntry(
  path: Path,
  entry: Readonly<Record<string, unknown>>,
  initial: TaxonomyKeyEntry | undefined,
): Incoherence[] {
  const hasValues = 'values' in entry;
  const hasPattern = 'pattern' in entry;
  const merged = mergeEntry(entry as TaxonomyKeyEntry, initial);
  const problems: Incoherence[] = [];
  if (hasValues && hasPattern)
    problems.push({ path, part: 'key', message: 'has both values and a pattern; keep one of them' });
  if (!hasValues && !hasPattern && initial === undefined)
    problems.push({ path, part: 'key', message: 'has neither values nor a pattern, so nothing would be allowed' });
  if ('patternText' in entry && merged.pattern === undefined && merged.values !== undefined)
    problems.push({
      path: [...path, 'patternText'],
      part: 'key',
      message: 'words for a pattern, but the key has values',
    });
  const pattern = typeof merged.pattern === 'string' ? compilePattern(merged.pattern) : undefined;
  if (pattern !== undefined && 'wrong' in pattern) {
    const message = `${pattern.wrong} (RE2 syntax: no lookaround, no backreferences)`;
    return [...problems, { path: [...path, 'pattern'], message }];
  }
  if (pattern?.test(''))
    problems.push({
      path: [...path, 'pattern'],
      message: 'matches the empty value, so a label without a value would pass',
    });
  const { suggest } = merged;
  if (typeof suggest === 'string') {
    const values = Array.isArray(merged.values)
      ? merged.values.filter((value) => typeof value === 'string')
      : undefined;
    if (values !== undefined ? !values.includes(suggest) : pattern !== undefined && !pattern.test(suggest))
      problems.push({ path: [...path, 'suggest'], message: `${quote(suggest)} is not a value this key allows` });
  }
  return problems;
}

function judgeRequired(
  required: Readonly<Record<string, unknown>>,
  taxonomy: Readonly<Record<string, unknown>>,
): Incoherence[] {
  const known = new Set(defaultTaxonomy.keys());
  for (const [key, entry] of Object.entries(taxonomy)) {
    if (entry === null) known.delete(key);
    else known.add(key);
  }
  return Object.entries(required).flatMap(([role, list]) =>
    (Array.isArray(list) ? list : []).flatMap((key: unknown, index) =>
      typeof key !== 'string' || known.has(key)
        ? []
        : [
            {
              path: ['required', role, index],
              message: `${quote(key)} is not a key of the taxonomy; ${suggestKnown(key, [...known])}`,
            },
          ],
    ),
  );
}

function judgeChecks(checks: Readonly<Record<string, unknown>>, checkIds: readonly string[]): Incoherence[] {
  return Object.keys(checks)
    .filter((id) => !checkIds.includes(id))
    .map((id) => ({
      path: ['checks', id],
      part: 'key' as const,
      message: `there is no such check; ${suggestKnown(id, checkIds)}`,
    }));
}
