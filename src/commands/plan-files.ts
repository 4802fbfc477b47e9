import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../config/config.ts';
import { formatDocumentProblem, type LoadedDocument } from '../documents/document.ts';
import { loadDocuments } from '../documents/load.ts';
import { parseManifest } from '../documents/parse.ts';
import { takeInventory } from '../judgement/inventory.ts';
import { judgeDocuments } from '../judgement/judgement.ts';
import type { Planner } from '../plan/plan.ts';
import { fileMark, type Origin, policyFile } from '../plan/policy-file.ts';
import { type Proven, pullRequests, teamOf } from '../plan/pull-request.ts';
import { type PlanRecord, pathOf, readRecord, recordName, recordPlans } from '../plan/record.ts';
import { baselinesBy, compareBaselines, type FoundPolicy, verifyPolicies } from '../plan/verify.ts';
import { fenceMark } from '../policy/mode.ts';
import { systemFiles } from './files.ts';

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
  texts.set(recordName, `${JSON.stringify(record, undefined, 2)}\n`);
  const kept = new Set(Object.values(record.plans).flatMap(({ files }) => files));
  for (const { plan } of proven)
    for (const file of before?.plans[plan.namespace]?.files ?? [])
      if (!kept.has(file)) await removeOwn(join(folder, file));
  for (const [file, text] of texts) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  const found = await judgeWritten(proven, planner);
  return { files: [...texts.keys()], ...found };
}

/** Removes a file that a plan has written. A file that is somebody else's by now stays. */
async function removeOwn(file: string): Promise<void> {
  const text = await textOf(file);
  if (text?.startsWith(fileMark) === true) await rm(file);
}

async function recordIn(folder: string): Promise<PlanRecord | undefined> {
  const file = join(folder, recordName);
  const text = await textOf(file);
  return text === undefined ? undefined : readRecord(text, file);
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
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
      .map(({ check, reason }) => `NetworkPolicy ${subject.namespace}/${subject.name}: ${check}: ${reason}`),
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
  const record = await recordIn(folder);
  if (record === undefined)
    throw new Error(`${join(folder, recordName)}: there is no such file; ringfence plan --write writes it`);
  const { documents, problems } = await loadDocuments([folder], systemFiles, [recordName]);
  if (problems.length > 0) throw new Error(problems.map(formatDocumentProblem).join('\n'));
  const found = documents.map(({ file, object }): FoundPolicy => ({ file, object }));
  if (config === undefined) return verifyPolicies(record, found);
  const { world } = record;
  const baselines = baselinesBy(world, config);
  return [
    ...compareBaselines(world.baselines, baselines),
    ...verifyPolicies({ ...record, world: { ...world, baselines } }, found),
  ];
}
