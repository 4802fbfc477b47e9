import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import type { LoadedDocument } from '../documents/document.ts';
import type { JudgedObject } from '../judgement/judgement.ts';
import { isWorkloadKind } from '../kubernetes/kinds.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { readLabels } from '../kubernetes/labels.ts';
import { isBuiltInNamespace } from '../kubernetes/namespaces.ts';
import { listAt, textAt, valueAt } from '../kubernetes/raw-object.ts';
import { type Mode, modeIn } from '../policy/mode.ts';
import { identityLabels } from '../policy/taxonomy.ts';
import type { Severity } from '../report/report.ts';
import type { BaselinePolicy, VoidingPolicy } from './baseline.ts';
import type { AuditFinding } from './finding.ts';

/** `broken`: it carries the mark, and its baseline is not what it must be. */
export type FenceState = 'fenced' | 'broken' | 'not-fenced';

/** One namespace, and everything that was found in it. */
export interface AuditedNamespace {
  readonly name: string;
  readonly labels: Labels;
  readonly identity: Labels;
  /** The value of its label `team`; empty without one. */
  readonly team: string;
  readonly mode: Mode;
  readonly isExempt: boolean;
  readonly fence: FenceState;
  /** Why it is not fenced, in a clause; empty if it carries the mark. */
  readonly why: string;
  /** When its trial ends, RFC 3339; empty if it is not on trial. */
  readonly trialUntil: string;
  /** Empty if it is not fenced. */
  readonly baseline: readonly BaselinePolicy[];
  readonly voided: readonly VoidingPolicy[];
  readonly pods: PodCounts;
  readonly workloads: number;
  readonly findings: Readonly<Record<Severity, number>>;
  /** Pod templates and Pods that enforce would refuse if they were created now. */
  readonly refused: { readonly templates: number; readonly pods: number };
}

export interface PodCounts {
  readonly all: number;
  /** Those with another identity label than their namespace. */
  readonly disagreeing: number;
  /** Those that lack a label that admission fills in when they are created again. */
  readonly unfilled: number;
  readonly hostNetwork: number;
  readonly hostPort: number;
}

export function isPod({ object }: LoadedDocument): boolean {
  return textAt(object, 'kind') === 'Pod' && textAt(object, 'apiVersion') === 'v1';
}

/** The ports of the node that the containers of a Pod listen on. */
export function hostPortsOf(object: unknown): readonly number[] {
  return [...listAt(object, 'spec', 'containers'), ...listAt(object, 'spec', 'initContainers')]
    .flatMap((container) => listAt(container, 'ports'))
    .flatMap((port) => {
      const hostPort = valueAt(port, 'hostPort');
      return typeof hostPort === 'number' && hostPort > 0 ? [hostPort] : [];
    });
}

export function countPods(judged: readonly JudgedObject[], findings: readonly AuditFinding[]): PodCounts {
  const pods = judged.filter(({ document }) => isPod(document));
  const disagreeing = new Set(
    findings.filter(({ kind, check }) => kind === 'Pod' && check === 'label-agreement').map(({ name }) => name),
  );
  const count = (is: (object: unknown) => boolean): number => pods.filter(({ document }) => is(document.object)).length;
  return {
    all: pods.length,
    disagreeing: disagreeing.size,
    unfilled: pods.filter(({ document, read }) => read !== undefined && read.labels.size > labelsOf(document)).length,
    hostNetwork: count((object) => valueAt(object, 'spec', 'hostNetwork') === true),
    hostPort: count((object) => valueAt(object, 'spec', 'hostNetwork') !== true && hostPortsOf(object).length > 0),
  };
}

function labelsOf({ object }: LoadedDocument): number {
  return readLabels(object).labels.size;
}

/** Why a namespace without the mark has none, in a clause. */
export function whyNotFenced(namespace: LoadedDocument, labels: Labels, config: Config): string {
  const name = textAt(namespace.object, 'metadata', 'name') ?? '';
  if (config.neverFenced.includes(name))
    return name === config.ownNamespace
      ? 'never: Ringfence runs in it'
      : 'never: it holds the components of the cluster itself';
  if (textAt(namespace.object, 'metadata', 'deletionTimestamp') !== undefined) return 'it is being deleted';
  if (isExempt(name, config)) return 'the configuration exempts it';
  if (isBuiltInNamespace(name)) return `every cluster has it, so nothing marks it; ringfence fence ${name} does`;
  const { mode, source } = modeIn(labels, config.mode);
  if (config.mode !== 'enforce' && mode !== 'enforce')
    return `${source === 'cluster' ? 'the cluster is' : 'it is'} in ${mode}, which marks no namespace; first: ringfence plan ${name}`;
  return `it was there before Ringfence enforced, or was unfenced; first: ringfence plan ${name}`;
}

/** The parts of a namespace that its own object and its findings say. */
export function describeNamespace(
  document: LoadedDocument,
  labels: Labels,
  findings: readonly AuditFinding[],
  judged: readonly JudgedObject[],
  config: Config,
): Omit<AuditedNamespace, 'why' | 'fence' | 'baseline' | 'voided' | 'trialUntil'> {
  const name = textAt(document.object, 'metadata', 'name') ?? '';
  const identity = identityLabels(labels, config.taxonomy);
  const refused = judged.filter(({ findings: own }) =>
    own.some(({ action, undecided }) => action === 'deny' && !undecided),
  );
  const templates = (objects: readonly JudgedObject[]): number =>
    objects.filter(
      ({ subject, read }) => isWorkloadKind(subject.kind) || (read?.role === 'Pod' && subject.kind !== 'Pod'),
    ).length;
  return {
    name,
    labels,
    identity,
    team: identity.get('team') ?? '',
    mode: modeIn(labels, config.mode).mode,
    isExempt: isExempt(name, config),
    pods: countPods(judged, findings),
    workloads: templates(judged),
    findings: countSeverities(findings),
    refused: { templates: templates(refused), pods: refused.filter(({ document: one }) => isPod(one)).length },
  };
}

export function countSeverities(findings: readonly AuditFinding[]): Readonly<Record<Severity, number>> {
  const counts = { error: 0, warning: 0, undecided: 0, recorded: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  return counts;
}
