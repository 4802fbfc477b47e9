import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { LoadedDocument } from '../documents/document.ts';
import { isTyped, parseManifest } from '../documents/parse.ts';
import { takeInventory } from '../judgement/inventory.ts';
import { judgeDocuments } from '../judgement/judgement.ts';
import type { Planner } from '../plan/plan.ts';
import { fileMark, type Origin, policyFile } from '../plan/policy-file.ts';
import { type Proven, pullRequests, teamOf } from '../plan/pull-request.ts';
import { type PlanRecord, pathOf, recordName, recordPlans } from '../plan/record.ts';
import { baselinesBy, compareBaselines, type FoundPolicy, plannedPolicies, verifyPolicies } from '../plan/verify.ts';
import { fenceMark } from '../policy/mode.ts';
import { readPlanFolder, recordIn, requireRecord } from './plan-folder.ts';
import { type Draft, makeDraft, removeOldDrafts, textOf } from './whole-files.ts';

/** What was written to the folder of a plan. */
export interface WrittenFiles {
  /** Relative to the folder. */
  readonly files: readonly string[];
  /** Whether admission would refuse one of the policies. */
  readonly isRefused: boolean;
  /** What `check` says about the policies, a line each; empty if they are clean. */
  readonly findings: readonly string[];
}

/**
 * Writes plans to a folder: each policy to its own file, a text for each team, and plan.json. Files
 * that an earlier plan of the same namespaces has written, and this one has not, are removed.
 *
 * Nothing changes before all of it is on the disk. plan.json comes first, and names the old files
 * beside the new ones until the old ones are gone. If this is interrupted, `--verify` finds the
 * difference, and the next run knows every file that it may have to remove.
 */
export async function writePlans(
  folder: string,
  proven: readonly Proven[],
  planner: Planner,
  origin: Omit<Origin, 'command'>,
): Promise<WrittenFiles> {
  const before = await recordIn(folder);
  const record = recordPlans(before, proven, planner);
  const texts = new Map<string, string>();
  for (const { plan } of proven)
    for (const written of plan.policies) {
      const namespace = written.policy.metadata.namespace ?? '';
      const team = namespace === plan.namespace ? undefined : teamOf(planner.world.namespaces.get(namespace));
      texts.set(
        pathOf(written.policy),
        policyFile(written, { ...origin, command: `ringfence plan ${plan.namespace}` }, team),
      );
    }
  const [only] = proven.length === 1 ? proven : [];
  const about = only === undefined ? '' : `${only.plan.namespace}-`;
  for (const [team, text] of pullRequests(proven, planner.world.namespaces))
    texts.set(`pull-request-${about}${team}.md`, text);
  const kept = new Set(Object.values(record.plans).flatMap(({ files }) => files));
  const old = proven
    .flatMap(({ plan }) => before?.plans[plan.namespace]?.files ?? [])
    // Somebody may have edited the record: nothing outside the folder is removed.
    .filter((file) => !kept.has(file) && /^[a-z0-9][^/]*\/[^/]+\.yaml$/.test(file));
  const files: [string, string][] = [
    [recordName, textOfRecord(withOldFiles(record, before))],
    ...texts,
    // Old files are removed before the last file takes its place.
    [recordName, textOfRecord(record)],
  ];
  for (const path of new Set(files.map(([file]) => dirname(join(folder, file))))) {
    await mkdir(path, { recursive: true });
    await removeOldDrafts(path);
  }
  const drafts: Draft[] = [];
  try {
    for (const [file, text] of files) drafts.push(await makeDraft(join(folder, file), text));
    for (const draft of drafts.slice(0, -1)) await draft.put();
    for (const file of old) await removeOwn(join(folder, file));
    await drafts.at(-1)?.put();
  } finally {
    for (const draft of drafts) await draft.drop();
  }
  const found = await judgeWritten(proven, planner);
  return { files: [...texts.keys(), recordName], ...found };
}

/** A record whose plans also name the files of the plans before them. */
function withOldFiles(record: PlanRecord, before: PlanRecord | undefined): PlanRecord {
  const plans = Object.entries(record.plans).map(([name, plan]) => {
    const files = [...new Set([...plan.files, ...(before?.plans[name]?.files ?? [])])];
    return [name, { ...plan, files }] as const;
  });
  return { ...record, plans: Object.fromEntries(plans) };
}

function textOfRecord(record: PlanRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

/** Removes a file that a plan has written. A file that is somebody else's by now stays. */
async function removeOwn(file: string): Promise<void> {
  const text = await textOf(file);
  if (text?.startsWith(fileMark) === true) await rm(file);
}

/** Judges the written policies as `check` does, in namespaces that are fenced. */
async function judgeWritten(
  proven: readonly Proven[],
  planner: Planner,
): Promise<Pick<WrittenFiles, 'findings' | 'isRefused'>> {
  const { world, config, standing } = planner;
  const policies = proven.flatMap(({ plan }) => plan.policies.map(({ policy }) => policy));
  const fenced = new Set(proven.map(({ plan }) => plan.namespace));
  const namespaces = [...world.namespaces].map(([name, labels]) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { ...Object.fromEntries(labels), ...(fenced.has(name) ? { [fenceMark]: 'true' } : {}) } },
  }));
  const read = (objects: readonly unknown[]): readonly LoadedDocument[] =>
    parseManifest(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }), 'the plan').documents;
  const documents = read(policies);
  const inventory = takeInventory(
    documents,
    { cluster: read([...namespaces, ...standing]), defaultNamespace: undefined, now: Date.now(), isWhole: true },
    config,
  );
  const { objects } = await judgeDocuments(documents, inventory, config);
  const lines = objects.flatMap(({ subject, findings: found }) =>
    found
      .filter(({ action }) => action !== 'record')
      .map(
        ({ check, subject: place, reason }) =>
          `NetworkPolicy ${subject.namespace}/${subject.name}: ${check}: ${place} ${reason}`,
      ),
  );
  const isRefused = objects.some(({ findings: found }) => found.some(({ action }) => action === 'deny'));
  return { findings: lines, isRefused };
}

/**
 * Holds the files of a folder to its plan.json. Returns every difference. Throws if plan.json is
 * missing, or a file cannot be read.
 * @param config also hold the plan to the baselines of this configuration; undefined for those with
 *   which it was made
 */
export async function verifyFolder(folder: string, config: Config | undefined): Promise<readonly string[]> {
  const record = await requireRecord(folder);
  const namespaces = new Set([
    ...Object.keys(record.plans),
    ...plannedPolicies(record).map(({ metadata }) => metadata.namespace ?? ''),
  ]);
  const read = await readPlanFolder(folder, (path) => namespaces.has(path.split('/')[0] ?? ''));
  // kubectl reads the record too if it applies the whole folder.
  const asObject = isTyped(record)
    ? [`${join(folder, recordName)}: is a Kubernetes object too, which kubectl applies`]
    : [];
  const strange = [...asObject, ...read.strange];
  const found = read.documents.map(({ file, object }): FoundPolicy => ({ file, object }));
  if (config === undefined) return [...strange, ...verifyPolicies(record, found)];
  const { world } = record;
  const baselines = baselinesBy(world, config);
  return [
    ...strange,
    ...compareBaselines(world.baselines, baselines),
    ...verifyPolicies({ ...record, world: { ...world, baselines } }, found),
  ];
}
