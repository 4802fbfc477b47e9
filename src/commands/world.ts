import { desiredBaseline } from '../baseline/desired.ts';
import type { ClusterSource } from '../cluster/kubeconfig.ts';
import type { Config } from '../config/config.ts';
import type { LoadedDocument } from '../documents/document.ts';
import { findField } from '../documents/field.ts';
import { loadDocuments } from '../documents/load.ts';
import { FileError, formatProblem, type Problem } from '../documents/problem.ts';
import { isMarkedWhenCreated } from '../judgement/inventory.ts';
import { textAt } from '../kubernetes/raw-object.ts';
import { createInventory, type Inventory, type InventoryTaker } from '../network/inventory.ts';
import { readPolicy } from '../network/read.ts';
import { fenceMark } from '../policy/mode.ts';
import { listOf, type Note, noteIf, notesUnreadable } from '../reach/note.ts';
import { listPassedOver } from '../report/text.ts';
import type { DeclarationReading } from './declarations.ts';
import type { ExposureReading } from './exposures.ts';
import { systemFiles } from './files.ts';
import { limitYoungGeneration } from './young-generation.ts';

/** The source of a world, and what to assume about it. */
export interface WorldSource {
  /** Files and folders, `-` for standard input. Empty for the live cluster. */
  readonly paths: readonly string[];
  /** Patterns of files to leave out. */
  readonly exclude?: readonly string[];
  readonly live: ClusterSource;
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

/** A world, and what a reader of its answers should know about the reading. */
export interface ReadWorld {
  readonly inventory: Inventory;
  readonly notes: readonly Note[];
}

/**
 * Reads a whole world. Throws an Error with one line for each object that cannot be read, unless
 * these are ignored: then each is a note.
 */
export async function readWorld(source: WorldSource): Promise<ReadWorld> {
  limitYoungGeneration();
  const taker = createInventory(source.config.workloads);
  const notes: Note[] = [];
  if (source.paths.length > 0) notes.push(...(await addFiles(taker, source)));
  else {
    // Only a live cluster needs the Kubernetes client, so it is not loaded for files.
    const { addCluster } = await import('./live.ts');
    notes.push(...(await addCluster(taker, source)));
  }
  notes.push(...addBaselines(taker, source));
  return { inventory: taker.take(), notes };
}

async function addFiles(
  taker: InventoryTaker,
  { paths, exclude, exposures, declarations, ignoreUnreadable }: WorldSource,
): Promise<readonly Note[]> {
  const { documents, problems, passedOver, notes } = await loadDocuments(paths, systemFiles, exclude);
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
function addBaselines(taker: InventoryTaker, { config, fenced, paths }: WorldSource): readonly Note[] {
  const unfenced: string[] = [];
  for (const [name, labels] of taker.namespaces()) {
    const marked = labels.has(fenceMark) || (fenced && paths.length > 0 && isMarkedWhenCreated(name, config));
    if (!marked) unfenced.push(name);
    if (!marked) continue;
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
        ? `--fenced is about files: in the live cluster, ${listOf(names)} has no mark`
        : `--fenced does not fence ${listOf(names)}: exempt, or built-in and without the mark`,
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
