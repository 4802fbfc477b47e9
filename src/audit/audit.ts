import { setImmediate } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { type ExceptionState, inForce, stateOf } from '../config/exceptions.ts';
import { createExposures } from '../exposure/exposure.ts';
import { isNamespace, takeInventory } from '../judgement/inventory.ts';
import { type Judgement, judgeDocuments } from '../judgement/judgement.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { textAt } from '../kubernetes/raw-object.ts';
import { withControllers } from '../reach/controllers.ts';
import { createDesk } from '../reach/desk.ts';
import type { Note } from '../reach/note.ts';
import { askOutside, type OutsideAnswer } from '../reach/outside.ts';
import type { Severity } from '../report/report.ts';
import { type ApiServerCalls, apiServerCalls } from './api-server.ts';
import { type Cause, causesOf } from './causes.ts';
import type { Collection } from './collection.ts';
import { callFindings, fenceOf, homeOf, hostPortFindings, isNetworkPolicy, nameOf } from './fence.ts';
import { type AuditFinding, findingOf } from './finding.ts';
import { findingsOf } from './findings.ts';
import { type AuditedNamespace, countSeverities, describeNamespace, whyNotFenced } from './namespaces.ts';
import { findOwners } from './owners.ts';
import { type AuditedTeam, compareCounts, teamsOf } from './teams.ts';

/** Everything that an audit says of a cluster, or of its objects in files. */
export interface Audit {
  /** Worst first. */
  readonly namespaces: readonly AuditedNamespace[];
  /** Worst first. */
  readonly teams: readonly AuditedTeam[];
  readonly findings: readonly AuditFinding[];
  /** Worst first. */
  readonly causes: readonly Cause[];
  readonly apiServerCalls: readonly ApiServerCalls[];
  /** What leads the outside to which Pods, and whether policies let it in. */
  readonly exposure: OutsideAnswer;
  /** Workloads that say expose="true", although nothing leads to them. */
  readonly unreached: readonly string[];
  readonly exceptions: readonly AuditedException[];
  readonly notes: readonly Note[];
  /** How many objects were left out, by reason. */
  readonly leftOut: ReadonlyMap<string, number>;
  readonly judgement: Judgement;
  /** What was judged. */
  readonly collection: Collection;
  /** The configuration by which it was judged. */
  readonly config: Config;
}

export interface AuditedException {
  readonly name: string;
  readonly namespace: string;
  readonly checks: readonly string[];
  /** The day on which it ends, at 00:00 UTC. */
  readonly until: string;
  readonly state: ExceptionState;
  readonly reason: string;
}

/**
 * Judges everything that was collected, by the checks of admission in enforce and by the rules of
 * the audit. `now` is in milliseconds since 1970; exceptions end by it.
 */
export async function auditCollection(collection: Collection, given: Config, now: number): Promise<Audit> {
  const config = inForce(given, now);
  const { documents } = collection;
  // What is there is marked or not. It is not as if it were created now.
  const standing = documents.filter((one) => isNamespace(one) || isNetworkPolicy(one));
  const inventory = takeInventory(
    documents,
    { cluster: standing, defaultNamespace: undefined, now, isWhole: true },
    config,
  );
  const judgement = await judgeDocuments(documents, inventory, config);
  // As the judging does: this and the exposure take a second each in a large cluster.
  await setImmediate();
  const labelsOf = (name: string): Labels | undefined => {
    const facts = inventory.namespaceFacts(name);
    return facts.known ? facts.labels : undefined;
  };

  const byNamespace = Map.groupBy(documents, homeOf);
  const documentsOf = (name: string) => byNamespace.get(name) ?? [];
  const { policies, pods } = collection.inventory.world;
  const policiesIn = Map.groupBy(policies, ({ namespace }) => namespace);
  const podsIn = Map.groupBy(pods, ({ namespace }) => namespace);
  const fences = new Map(
    documents.filter(isNamespace).map((document) => {
      const name = nameOf(document);
      const inside = {
        documents: documentsOf(name),
        policies: policiesIn.get(name) ?? [],
        pods: podsIn.get(name) ?? [],
      };
      return [name, fenceOf(document, labelsOf(name) ?? new Map(), inside, config, now)] as const;
    }),
  );
  const clusterWide = documentsOf('').filter(({ object }) => !isCaller(object));
  const isFenced = (name: string): boolean => fences.get(name)?.isMarked === true;
  const calls = apiServerCalls(documents, { documentsOf, clusterWide, isFenced }, config).filter(
    ({ namespace }) => !config.neverFenced.includes(namespace),
  );

  const findings = [
    ...findingsOf(judgement.objects, { namespaceLabels: labelsOf, ownersOf: findOwners(documents) }, config),
    ...[
      ...[...fences.values()].flatMap((one) => one.findings),
      ...callFindings(calls, documentsOf),
      ...hostPortFindings(documents, config),
    ].map(findingOf),
  ];
  const found = Map.groupBy(findings, ({ kind, namespace, name }) => (kind === 'Namespace' ? name : namespace));
  const judged = Map.groupBy(judgement.objects, ({ subject }) =>
    subject.kind === 'Namespace' ? subject.name : (subject.namespace ?? ''),
  );
  const namespaces = [...fences].map(([name, { document, labels, ...fence }]): AuditedNamespace => {
    const { baseline, voided, isMarked, trialEnd, trialUntil } = fence;
    const isBroken = baseline.some(({ drift }) => drift.length > 0);
    return {
      ...describeNamespace(document, labels, found.get(name) ?? [], judged.get(name) ?? [], config),
      fence: isMarked ? (isBroken ? 'broken' : 'fenced') : 'not-fenced',
      why: isMarked
        ? ''
        : trialEnd !== undefined
          ? `its trial is over${trialEnd === 'due' ? ', and its wall still stands: only Ringfence opens it' : ''}; ringfence fence ${name} fences it`
          : whyNotFenced(document, labels, config),
      trialUntil,
      baseline,
      voided,
    };
  });
  await setImmediate();
  const { exposure, notes } = askExposure(collection, config);
  return {
    namespaces: namespaces.sort((a, b) => compareCounts(a.findings, b.findings) || (a.name < b.name ? -1 : 1)),
    teams: teamsOf(namespaces),
    findings,
    causes: causesOf(findings, judgement.objects, config),
    apiServerCalls: calls,
    exposure,
    unreached: judgement.unreached,
    exceptions: given.exceptions.map(({ name, namespace, checks, until, reason, ...exception }) => ({
      name,
      namespace,
      checks,
      until,
      state: stateOf({ ...exception, until }, now),
      reason,
    })),
    notes,
    leftOut: collection.leftOut,
    judgement,
    collection,
    config,
  };
}

/** Objects that make the API server call, which say nothing about traffic between Pods. */
function isCaller(object: unknown): boolean {
  const group = textAt(object, 'apiVersion') ?? '';
  return /^(?:admissionregistration|apiextensions|apiregistration)\.k8s\.io\//.test(group);
}

/** What the outside reaches, and the notes about what was read. */
function askExposure(
  { documents, inventory, notes }: Collection,
  config: Config,
): { readonly exposure: OutsideAnswer; readonly notes: readonly Note[] } {
  const taker = createExposures();
  for (const { object } of documents) taker.add(object, textAt(object, 'metadata', 'namespace') ?? '');
  const seen = withControllers(inventory, config.network.peers);
  const desk = createDesk(seen.inventory, [...notes, ...seen.notes]);
  const exposures = taker.take((name) => desk.inventory.world.namespaces.get(name));
  return { exposure: askOutside(exposures, { to: undefined, port: undefined }, desk, config), notes: desk.notes };
}

/** The counts of all findings of an audit. */
export function totalsOf({ findings }: Audit): Readonly<Record<Severity, number>> {
  return countSeverities(findings);
}
