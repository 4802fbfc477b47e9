import { reservedNames } from '../baseline/names.ts';
import { needsBaseline, readNamespace } from '../baseline/namespace.ts';
import { asOf, isStanding } from '../baseline/trial.ts';
import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import type { LoadedDocument } from '../documents/document.ts';
import { isNamespace } from '../judgement/inventory.ts';
import type { Labels } from '../kubernetes/labels.ts';
import type { RawNamespace, RawObject } from '../kubernetes/object-meta.ts';
import { textAt, valueAt } from '../kubernetes/raw-object.ts';
import type { Policy } from '../network/rules.ts';
import type { Pod } from '../network/world.ts';
import type { ApiServerCalls } from './api-server.ts';
import {
  type BaselinePolicy,
  baselineOf,
  driftFindings,
  type VoidingPolicy,
  voidFindings,
  voidingPolicies,
} from './baseline.ts';
import type { RuleFinding } from './finding.ts';
import { hostPortsOf, isPod } from './namespaces.ts';

/** A namespace with what its fence is made of, and what is wrong with that. */
export interface Fence {
  readonly document: LoadedDocument;
  readonly labels: Labels;
  /** Whether it carries the mark, may be fenced, and is not past the end of a trial. */
  readonly isMarked: boolean;
  /** That its trial is over: the wall has been opened (`done`), or still stands (`due`). */
  readonly trialEnd: 'done' | 'due' | undefined;
  /** When its trial ends, RFC 3339; empty if it is not on trial. */
  readonly trialUntil: string;
  /** Empty without the mark. */
  readonly baseline: readonly BaselinePolicy[];
  readonly voided: readonly VoidingPolicy[];
  readonly findings: readonly RuleFinding[];
}

/** What is in a namespace. */
export interface Inside {
  readonly documents: readonly LoadedDocument[];
  readonly policies: readonly Policy[];
  readonly pods: readonly Pod[];
}

export function nameOf({ object }: LoadedDocument): string {
  return textAt(object, 'metadata', 'name') ?? '';
}

/** The namespace that a document is in, or is; empty for what is cluster-scoped. */
export function homeOf(document: LoadedDocument): string {
  return isNamespace(document) ? nameOf(document) : (textAt(document.object, 'metadata', 'namespace') ?? '');
}

export function isNetworkPolicy({ object }: LoadedDocument): boolean {
  return textAt(object, 'kind') === 'NetworkPolicy' && textAt(object, 'apiVersion') === 'networking.k8s.io/v1';
}

/** Examines the fence of a namespace at a time (milliseconds since 1970): trials end by it. */
export function fenceOf(document: LoadedDocument, labels: Labels, inside: Inside, config: Config, now: number): Fence {
  const name = nameOf(document);
  const policies = new Map(inside.documents.filter(isNetworkPolicy).map((one) => [nameOf(one), one]));
  const namespace = asOf(readNamespace(document.object as RawNamespace), now);
  const { trialUntil, isTrialOver } = namespace;
  const found = reservedNames.map((one) => policies.get(one)?.object as RawObject | undefined);
  const isOver = isTrialOver === true && !config.neverFenced.includes(name);
  const trialEnd = isOver ? (found.some(isStanding) ? ('due' as const) : ('done' as const)) : undefined;
  const said = { document, labels, trialEnd, trialUntil: trialUntil ?? '' };
  if (!needsBaseline(namespace, config)) return { ...said, isMarked: false, baseline: [], voided: [], findings: [] };
  const baseline = baselineOf({ name, labels, ...(trialUntil === undefined ? {} : { trialUntil }) }, policies, config);
  const voided = voidingPolicies(inside.policies, inside.pods, config);
  const findings = [...driftFindings(name, baseline, policies), ...voidFindings(name, voided, policies)];
  return { ...said, isMarked: true, baseline, voided, findings };
}

/** A finding for each port of a Service at which the fence cuts the calls of the API server. */
export function callFindings(
  calls: readonly ApiServerCalls[],
  documentsOf: (namespace: string) => readonly LoadedDocument[],
): readonly RuleFinding[] {
  return calls
    .filter(({ fate }) => fate === 'cut')
    .map(({ namespace, service, port, callers, reason }) => ({
      rule: 'api-server-traffic',
      severity: 'error',
      subject: { kind: 'Service', namespace, name: service },
      document: documentsOf(namespace).find(
        (one) => textAt(one.object, 'kind') === 'Service' && nameOf(one) === service,
      ),
      field: 'spec.ports',
      message: `${reason}; port ${port} serves ${callers.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`,
    }));
}

/** A finding for each Pod that listens on a port of its node. The check host-network has others. */
export function hostPortFindings(documents: readonly LoadedDocument[], config: Config): readonly RuleFinding[] {
  return documents.flatMap((document): readonly RuleFinding[] => {
    const { object } = document;
    const namespace = textAt(object, 'metadata', 'namespace') ?? '';
    if (!isPod(document) || isExempt(namespace, config) || valueAt(object, 'spec', 'hostNetwork') === true) return [];
    const ports = hostPortsOf(object);
    if (ports.length === 0) return [];
    const subject = { kind: 'Pod', namespace, name: nameOf(document) };
    const message = `hostPort ${ports.join(', ')} can be reached at the address of its node; whether policies see the real source depends on the plugin`;
    return [{ rule: 'host-port', severity: 'warning', subject, document, field: 'spec.containers', message }];
  });
}
