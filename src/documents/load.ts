import { isObject, own } from '../kubernetes/raw-object.ts';
import { count } from './count.ts';
import type { DocumentProblem, Loaded, LoadedDocument } from './document.ts';
import { findFiles } from './find.ts';
import { Kustomizations } from './kustomizations.ts';
import { type ManifestFiles, readText } from './manifest-files.ts';
import { parseManifest } from './parse.ts';
import { Templates } from './templates.ts';

/**
 * Reads manifests: the files that {@link findFiles} finds. What a kustomization uses as a patch or
 * as configuration, what is no Kubernetes object, and JSON with comments is passed over and
 * counted. Files of templates are one problem for each chart or folder. Never throws: a file that
 * cannot be read is a problem, and the others are still read.
 */
export async function loadDocuments(
  paths: readonly string[],
  files: ManifestFiles,
  exclude: readonly string[] = [],
): Promise<Loaded> {
  const documents: LoadedDocument[] = [];
  const problems: DocumentProblem[] = [];
  const passedOver = new Map<string, number>();
  const found = await findFiles(paths, files, exclude, passedOver);
  const names = found.filter((one) => !('message' in one)).map(({ file }) => file);
  const kustomizations = await Kustomizations.read(names, files);
  const templates = new Templates(files);
  for (const one of found) {
    if ('message' in one) {
      problems.push({ line: undefined, column: undefined, ...one });
      continue;
    }
    const { file } = one;
    const use = kustomizations.useOf(file);
    if (use !== undefined) {
      count(passedOver, use);
      continue;
    }
    const read = await readText(file, one.input === true, files);
    if ('message' in read) {
      problems.push({ file, line: undefined, column: undefined, message: read.message });
      continue;
    }
    if (await templates.takesOfChart(file, read.text)) continue;
    const parsed = parseManifest(read.text, file);
    if (parsed.isCommentedJson && parsed.problems.length === 0) count(passedOver, 'JSON with comments');
    const isBroken = parsed.documents.length === 0 && parsed.problems.length > 0;
    if (isBroken && templates.takesBroken(file, read.text, parsed.problems)) continue;
    for (const document of parsed.documents) {
      if (isKubernetesObject(document.object)) documents.push(document);
      else count(passedOver, 'no Kubernetes object');
    }
    // A push with spread arguments overflows the stack for a hundred thousand elements.
    for (const problem of parsed.problems) problems.push(problem);
  }
  return {
    documents,
    problems: [...problems, ...templates.problems()],
    passedOver,
    notes: kustomizations.notes(),
  };
}

/**
 * A values file of Helm can have `kind: DaemonSet`, and an object without an apiVersion is a
 * mistake to report. The object has metadata.
 */
export function isKubernetesObject(object: unknown): boolean {
  const kind = own(object, 'kind');
  if (typeof kind !== 'string' || kind === '') return false;
  return own(object, 'apiVersion') !== undefined || isObject(own(object, 'metadata'));
}
