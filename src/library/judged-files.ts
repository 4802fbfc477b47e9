// Manifests that are judged as admission would judge them: the one way from files to findings.
import type { Config } from '../config/config.ts';
import { formatDocumentProblem, type LoadedDocument } from '../documents/document.ts';
import { loadDocuments } from '../documents/load.ts';
import type { ManifestFiles } from '../documents/manifest-files.ts';
import { isNamespace, takeInventory } from '../judgement/inventory.ts';
import { type Judgement, judgeDocuments } from '../judgement/judgement.ts';
import { exposedUnexpected } from '../policy/exposed-unexpected.ts';
import type { Run } from '../report/report.ts';
import { listPassedOver } from '../report/text.ts';
import { withoutSkipped } from './selection.ts';

/** What a run knows beside the files. */
export interface Given {
  /** Patterns of files to leave out. */
  readonly exclude: readonly string[];
  /** The objects that the cluster already has. */
  readonly cluster: readonly LoadedDocument[];
  /** The namespace of objects without one. */
  readonly namespace: string | undefined;
  readonly config: Config;
  /** Milliseconds since 1970. Trials end by it. */
  readonly now: number;
  /** The ids of the rules whose findings are left out. */
  readonly skipped: readonly string[];
}

/** Judges files, and says what a reader of the findings should know. Never throws for a file. */
export async function judgeFiles(
  paths: readonly string[],
  files: ManifestFiles,
  { exclude, cluster, namespace, config, now, skipped }: Given,
): Promise<Omit<Run, 'rules' | 'strict' | 'ignoreUnreadable'>> {
  const { documents, problems, passedOver, notes } = await loadDocuments(paths, files, exclude);
  const inventory = takeInventory(documents, { cluster, defaultNamespace: namespace, now }, config);
  const judged = await judgeDocuments(documents, inventory, config);
  return {
    ...judged,
    objects: withoutSkipped(judged.objects, skipped),
    passedOver: new Map([...judged.passedOver, ...passedOver]),
    problems,
    notes: [...notes, ...sayUnread(judged.unread), ...sayClaims(judged), ...sayUnreached(judged, skipped)],
    config,
    skipped,
    known: undefined,
  };
}

/**
 * Reads the objects that the cluster already has. Throws for any problem, because findings must not
 * rest on objects that are only partly known.
 */
export async function readGiven(paths: readonly string[], files: ManifestFiles): Promise<readonly LoadedDocument[]> {
  const { documents, problems } = await loadDocuments(paths, files);
  if (problems.length > 0) throw new Error(problems.map(formatDocumentProblem).join('\n'));
  if (!documents.some(isNamespace))
    throw new Error(
      `${paths.join(', ')}: there is no Namespace in it (kubectl get namespaces,networkpolicies -A -o yaml)`,
    );
  return documents;
}

/** A note about what only the cluster knows: who may give a namespace its identity. */
function sayClaims({ objects }: Judgement): readonly string[] {
  return objects.some(({ subject, exempt }) => subject.kind === 'Namespace' && !exempt)
    ? ['the permission to give a namespace its identity ("claim") is checked at admission, not here']
    : [];
}

function sayUnreached({ unreached }: Judgement, skipped: readonly string[]): readonly string[] {
  if (unreached.length === 0 || skipped.includes(exposedUnexpected.id)) return [];
  return [`expose="true", although nothing here leads the outside to: ${unreached.join(', ')}`];
}

/** A note about objects that may make Pods and are of no kind that is judged. */
function sayUnread(unread: Judgement['unread']): readonly string[] {
  if (unread.size === 0) return [];
  return [`kinds that are not read, and may have Pods: ${listPassedOver(unread)}`];
}
