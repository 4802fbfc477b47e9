// A world that is read from files: the one way from manifests to the engine.
import { desiredBaseline } from '../baseline/desired.ts';
import type { Config } from '../config/config.ts';
import type { LoadedDocument } from '../documents/document.ts';
import { findField } from '../documents/field.ts';
import { loadDocuments } from '../documents/load.ts';
import type { ManifestFiles } from '../documents/manifest-files.ts';
import { FileError, formatProblem, type Problem } from '../documents/problem.ts';
import type { ExposureTaker } from '../exposure/exposure.ts';
import { isMarkedWhenCreated } from '../judgement/inventory.ts';
import { textAt } from '../kubernetes/raw-object.ts';
import type { Inventory, InventoryTaker } from '../network/inventory.ts';
import { readPolicy } from '../network/read.ts';
import { type Note, noteIf, notesUnreadable } from '../reach/note.ts';
import { listPassedOver } from '../report/text.ts';
import { agree, listOf } from '../wording/number.ts';
import type { FencedInventoryTaker } from './fenced-inventory.ts';

/** Takes what lets the outside in, and what could not be listed. */
export interface ExposureReading {
  readonly taker: ExposureTaker;
  readonly notes: Note[];
}

/** Takes every object, with its namespace. */
export interface DeclarationReading {
  add(object: unknown, namespace: string): void;
  /** Whether a file of the world is left out, because a plan has written it. */
  isOwn(file: string): boolean;
}

/** A world, and what a reader of its answers should know about the reading. */
export interface ReadWorld {
  readonly inventory: Inventory;
  /** The namespaces that are fenced. */
  readonly fenced: ReadonlySet<string>;
  readonly notes: readonly Note[];
}

/** The files of a world, and what to assume about it. */
export interface FilesSource {
  /** Files and folders, `-` for standard input. */
  readonly paths: readonly string[];
  /** Patterns of files to leave out. */
  readonly exclude?: readonly string[];
  readonly config: Config;
  /** Whether every namespace counts as fenced that a cluster in enforce would mark on creation. */
  readonly fenced: boolean;
  /** Whether what cannot be read is a note, and not an error. */
  readonly ignoreUnreadable?: boolean;
  /** Takes what lets the outside in as well. Without it, such objects are not listed. */
  readonly exposures?: ExposureReading;
  /** Takes every object that may say something about flows. Without it, fewer kinds are listed. */
  readonly declarations?: DeclarationReading;
}

/**
 * Adds what files hold. Returns notes about what was passed over. Throws {@link FileError} with
 * everything that cannot be read, unless this is ignored: then each is a note.
 */
export async function addFiles(
  taker: InventoryTaker,
  { paths, exclude, exposures, declarations, ignoreUnreadable }: FilesSource,
  files: ManifestFiles,
): Promise<readonly Note[]> {
  const { documents, problems, passedOver, notes } = await loadDocuments(paths, files, exclude);
  const wrong = problems.map(({ file, line, column, message }): Problem => {
    const position = line === undefined ? undefined : { line, column: column ?? 1 };
    return { file, position, path: [], message };
  });
  for (const document of documents) {
    const { file } = document;
    if (declarations?.isOwn(file)) continue;
    const namespace = textAt(document.object, 'metadata', 'namespace') ?? 'default';
    exposures?.taker.add(document.object, namespace);
    declarations?.add(document.object, namespace);
    for (const { field, message } of taker.add(document.object, `${file}:${document.line}`)) {
      const position = document.placeOf(findField(document.object, field));
      wrong.push({ file, position, path: [], message: `${titleOf(document)}: ${field} ${message}` });
    }
  }
  if (wrong.length > 0 && ignoreUnreadable !== true) throw new FileError(wrong);
  const counted = passedOver.size === 0 ? [] : [`passed over in the files: ${listPassedOver(passedOver)}`];
  return [
    ...notesUnreadable(wrong.map(formatProblem)),
    ...counted.map((message): Note => ({ id: 'files-passed-over', message, objects: [], overlooked: false })),
    ...notes.map((message): Note => ({ id: 'kustomization', message, objects: [], overlooked: true })),
  ];
}

/**
 * Adds the baselines of fenced namespaces that the source does not contain. Ringfence makes them.
 * Returns notes about the namespaces that `--fenced` does not fence.
 */
export function addBaselines(taker: FencedInventoryTaker, { config, fenced, paths }: FilesSource): readonly Note[] {
  const standing = taker.fenced();
  const unfenced: string[] = [];
  for (const [name, labels] of taker.namespaces()) {
    if (!standing.has(name) && !(fenced && paths.length > 0 && isMarkedWhenCreated(name, config))) {
      unfenced.push(name);
      continue;
    }
    const policies = desiredBaseline({ name, labels }, config).map(({ metadata, spec }) => {
      const read = readPolicy(spec, { namespace: name, name: metadata.name ?? '' });
      if ('problems' in read) throw new Error(`the baseline of namespace ${name} cannot be read`);
      return read.policy;
    });
    taker.addMissing(policies);
  }
  if (!fenced) return [];
  return noteIf(unfenced, (names) => ({
    id: 'not-fenced',
    message:
      paths.length === 0
        ? `--fenced is about files: in the live cluster, ${listOf(names)} ${agree(names.length, 'is', 'are')} not fenced`
        : `--fenced does not fence ${listOf(names)}: exempt, or built-in and not fenced yet`,
    overlooked: false,
    namespaces: names,
  }));
}

function titleOf({ object }: LoadedDocument): string {
  const { kind, metadata } = (object ?? {}) as {
    kind?: unknown;
    metadata?: { namespace?: unknown; name?: unknown } | null;
  };
  const name = [metadata?.namespace ?? 'default', metadata?.name ?? '(no name)'].map(String).join('/');
  return `${String(kind)} ${name}`;
}
