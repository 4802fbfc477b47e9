import { own } from '../kubernetes/raw-object.ts';
import type { DocumentProblem, LoadedDocument, Parsed, Path, Place } from './document.ts';
import { type JsonValues, parseJsonWithComments, readJsonValues } from './json.ts';
import { Lines } from './lines.ts';
import { flattenLists } from './list.ts';
import type { ReadFailure, ReadValue } from './read-value.ts';
import { readYamlDocuments } from './yaml.ts';

/**
 * Reads the text of a manifest as kubectl does: JSON values one after another, and then YAML
 * documents separated by `---`. Empty documents are left out, and Lists are flattened. A document
 * that is not YAML is a problem, and the other documents are still read. Never throws.
 */
export function parseManifest(text: string, file: string): Parsed {
  const documents: LoadedDocument[] = [];
  const problems: DocumentProblem[] = [];
  const lines = new Lines(text);
  const at = (offset: number): Place => lines.place(offset);
  const json = readJsonValues(text);
  const commented = json.end === 0 ? parseJsonWithComments(text) : undefined;
  if (commented !== undefined) {
    if (isTyped(commented.value) || isListOfObjects(commented.value))
      problems.push({ file, ...at(0), message: comments });
    return { documents, problems, isCommentedJson: true };
  }
  for (const read of readValues(text, json)) {
    if ('message' in read) problems.push({ file, ...at(read.offset), message: read.message });
    else {
      const { value, locate, written } = read;
      const wrong = (path: Path, message: string): void => {
        problems.push({ file, ...at(locate(path, [])), message });
      };
      if (isListOfObjects(value)) {
        wrong([], bareList);
        continue;
      }
      for (const { object, path } of flattenLists(value, wrong)) {
        const placeOf = (inner: Path): Place => at(locate(path, inner));
        const writtenAt = (inner: Path): string | undefined => written(path, inner);
        documents.push({ file, ...at(locate(path, [])), object, placeOf, writtenAt });
      }
    }
  }
  return { documents, problems, isCommentedJson: false };
}

function* readValues(text: string, { values, end }: JsonValues): Generator<ReadValue | ReadFailure> {
  for (const read of values) if (read.value !== null) yield read;
  if (end === text.length) return;
  for (const read of readYamlDocuments(text, end)) {
    if ('message' in read || (read.value !== null && read.value !== undefined)) yield read;
  }
}

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && value.some(isTyped);
}

/** Whether a value names its kind and apiVersion. */
export function isTyped(object: unknown): boolean {
  return typeof own(object, 'kind') === 'string' && typeof own(object, 'apiVersion') === 'string';
}

const bareList =
  'kubectl reads no bare list of objects: put it under `items` of an object with `apiVersion: v1` and `kind: List`, or separate the objects by ---';
const comments = 'JSON with comments, which kubectl does not read: remove the comments';
