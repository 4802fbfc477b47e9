import { isObject, own, type Unreadable, unreadable } from './raw-object.ts';

/** Labels are a Map, so that `__proto__` and `constructor` are labels like any other. */
export type Labels = ReadonlyMap<string, string>;

/** The result of reading labels. */
export interface ReadLabels {
  /** Every label that can be read; a boolean or a number counts as its text. */
  readonly labels: Labels;
  /** The fields that do not have their Kubernetes type, in the order of the object. */
  readonly problems: readonly Unreadable[];
}

const none: readonly Unreadable[] = [];
const noLabels: ReadLabels = { labels: new Map(), problems: none };

/**
 * Reads `metadata.labels` of an object or of a pod template. The prefix stands before every field
 * in a problem: the template's path with a dot at its end. Null reads as the empty text, as the API
 * server reads it. Never throws.
 */
export function readLabels(holder: unknown, prefix = ''): ReadLabels {
  const metadata = own(holder, 'metadata');
  if (metadata === undefined || metadata === null) return noLabels;
  if (!isObject(metadata)) return nothingOf(unreadable(`${prefix}metadata`, metadata, 'an object'));
  const found = own(metadata, 'labels');
  if (found === undefined || found === null) return noLabels;
  if (!isObject(found)) return nothingOf(unreadable(`${prefix}metadata.labels`, found, 'an object'));
  const labels = new Map<string, string>();
  let problems: Unreadable[] | undefined;
  for (const [key, value] of Object.entries(found)) {
    if (typeof value === 'string' || value === null) {
      labels.set(key, value ?? '');
      continue;
    }
    const problem = { ...unreadable(`${prefix}metadata.labels.${key}`, value, 'a string (quote it)'), label: key };
    if (problem.text !== undefined) labels.set(key, problem.text);
    problems ??= [];
    problems.push(problem);
  }
  return { labels, problems: problems ?? none };
}

function nothingOf(problem: Unreadable): ReadLabels {
  return { labels: noLabels.labels, problems: [problem] };
}
