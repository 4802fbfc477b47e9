// The expected verdict on a review, from the pure engine and the laws. It shares no dispatch with
// src/admission.

import type { Phase } from '../../src/admission/webhooks.ts';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import { hasDesiredSpec } from '../../src/baseline/equality.ts';
import type { Config } from '../../src/config/config.ts';
import { isWorkloadKind, templatePathOf } from '../../src/kubernetes/kinds.ts';
import { createBudget, reviewLimits } from '../../src/network/budget.ts';
import { checks } from '../../src/policy/checks/index.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { type Mode, type ModeChoice, modeIn, modes } from '../../src/policy/mode.ts';
import {
  isSubject,
  type NamespaceFacts,
  readSubject,
  type Subject,
  type SubjectKind,
} from '../../src/policy/subject.ts';
import { podLabels } from '../admission/scene.ts';
import { isEnvelope, type Request } from './envelope.ts';
import { judgeNamespace } from './namespace-verdicts.ts';
import { cities, isPermitted } from './world.ts';

/** The expected answer: not a review, or one that admits or refuses. */
export type Expected = 'bad request' | 'allowed' | 'denied';

const groups: Readonly<Record<SubjectKind, string>> = {
  Namespace: '',
  Pod: '',
  ReplicationController: '',
  Deployment: 'apps',
  StatefulSet: 'apps',
  DaemonSet: 'apps',
  ReplicaSet: 'apps',
  Job: 'batch',
  CronJob: 'batch',
  NetworkPolicy: 'networking.k8s.io',
};

function isSubjectKind(kind: string): kind is SubjectKind {
  return Object.hasOwn(groups, kind);
}

/**
 * Returns the expected verdict on a parsed body. A missing wall does not matter, because the gate
 * makes it.
 */
export function foretell(body: unknown, phase: Phase, config: Config): Expected {
  const uid = own(own(body, 'request'), 'uid');
  if (typeof uid !== 'string' || uid === '') return 'bad request';
  if (phase === 'mark' || phase === 'markAsked' || phase === 'inherit' || phase === 'reach') return 'allowed';
  if (!isEnvelope(body)) return refusedIf(modeInDoubt(phase, config.mode));
  return judge(body.request, phase, config);
}

/**
 * Returns the mode if that of the namespace is not known. The path says what the API server
 * assumed.
 */
function modeInDoubt(phase: Phase, cluster: Mode): Mode {
  if (phase === 'enforced' || phase === 'early') return 'enforce';
  return cluster === 'enforce' ? 'warn' : cluster;
}

function judge(request: Request, phase: Phase, config: Config): Expected {
  const { operation, namespace = '', kind } = request;
  if (request.resource.resource !== 'namespaces' && config.exemptNamespaces.includes(namespace)) return 'allowed';
  const doubt = modeInDoubt(phase, config.mode);
  const city = Object.hasOwn(cities, namespace) ? cities[namespace] : undefined;
  const labels = city === undefined || city.silent ? undefined : new Map(Object.entries(city.labels));
  const choice: ModeChoice = labels === undefined ? { mode: doubt, source: 'cluster' } : modeIn(labels, config.mode);
  const facts: NamespaceFacts =
    labels === undefined
      ? { known: false, reason: 'unknown' }
      : { known: true, labels, fenced: labels.has('ringfence.dev/fence') };
  const group = kind.group ?? '';
  if (kind.kind === 'Binding' && group === '' && kind.version === 'v1')
    return judgeBinding(request, facts, choice, config, city?.silent === true);
  if (!isSubjectKind(kind.kind) || groups[kind.kind] !== group || kind.version !== 'v1') return refusedIf(doubt);
  if (kind.kind === 'NetworkPolicy') {
    const guarded = guardBaseline(request, facts, doubt, config);
    if (guarded !== undefined) return guarded;
  }
  if (operation !== 'CREATE' && operation !== 'UPDATE') return 'allowed';
  if (kind.kind === 'Namespace') return judgeNamespace(request, doubt === 'enforce', config) ? 'allowed' : 'denied';
  const context = {
    operation,
    namespace,
    facts,
    ...(kind.kind === 'NetworkPolicy'
      ? {
          surroundings: {
            namespaceLabels: labelsOfCity,
            others: () => ({ policies: [] }),
            budget: createBudget(reviewLimits),
          },
        }
      : {}),
  };
  const subject = readSubject(kind.kind, request.object, context);
  if (!isSubject(subject)) return refusedIf(choice.mode);
  const isBarred =
    kind.kind === 'Pod' && operation === 'CREATE' && (!facts.known || (city?.terminating === true && facts.fenced));
  if (isBarred && choice.mode === 'enforce') return 'denied';
  if (operation === 'CREATE') return outcome(subject, undefined, choice, config);
  // What a changed policy opens, or may open, is judged as new, whatever was known before.
  if (kind.kind === 'NetworkPolicy' && !isSame(own(request.object, 'spec'), own(request.oldObject, 'spec'))) {
    const { findings } = evaluate(checks, subject, undefined, choice, config);
    if (findings.some(({ action, check }) => action === 'deny' && !ofLabels.has(check))) return 'denied';
  }
  return outcome(subject, previous(request, kind.kind, context), choice, config);
}

/** The checks of labels alone. The others need what a NetworkPolicy opens. */
const ofLabels = new Set([
  'required-labels',
  'label-values',
  'label-agreement',
  'internal-expose',
  'namespace-exposure',
]);

function outcome(subject: Subject, before: Subject | undefined, choice: ModeChoice, config: Config): Expected {
  return evaluate(checks, subject, before, choice, config).outcome === 'denied' ? 'denied' : 'allowed';
}

/**
 * Returns the object before an update, for the ratchet. A changed template has no earlier
 * violations.
 */
function previous(
  request: Request,
  kind: SubjectKind,
  context: Parameters<typeof readSubject>[2],
): Subject | undefined {
  const part = (object: unknown) => templatePathOf(kind).reduce(own, object);
  if (isWorkloadKind(kind) && !isSame(part(request.object), part(request.oldObject))) return undefined;
  const read = readSubject(kind, request.oldObject, context);
  return isSubject(read) ? read : undefined;
}

/** Judges a Binding as the update of its Pod, whose labels are right. */
function judgeBinding(
  request: Request,
  facts: NamespaceFacts,
  choice: ModeChoice,
  config: Config,
  isSilent: boolean,
): Expected {
  const named = own(own(request.object, 'metadata'), 'name');
  const name = request.name !== undefined && request.name !== '' ? request.name : named;
  if (isSilent || name !== 'web') return refusedIf(choice.mode);
  const context = { operation: 'UPDATE', namespace: request.namespace ?? '', facts } as const;
  const before = readSubject('Pod', { metadata: { name: 'web', labels: podLabels } }, context);
  const brought = readSubject('Pod', { metadata: own(request.object, 'metadata') }, context);
  if (!isSubject(before) || !isSubject(brought)) return refusedIf(choice.mode);
  return outcome({ ...before, labels: new Map([...before.labels, ...brought.labels]) }, before, choice, config);
}

/** Judges the reserved names in a fenced namespace; undefined if the checks judge. */
function guardBaseline(request: Request, facts: NamespaceFacts, doubt: Mode, config: Config): Expected | undefined {
  const { operation, namespace = '', userInfo } = request;
  const object = operation === 'DELETE' ? request.oldObject : request.object;
  const metadata = own(object, 'metadata');
  const name = own(metadata, 'name') ?? request.name;
  if (name !== 'deny-all-baseline' && name !== 'allow-dns-egress') return undefined;
  if (!facts.known && cities[namespace]?.silent && Object.hasOwn(cities, namespace)) return refusedIf(doubt);
  if (!facts.known || !facts.fenced) return operation === 'DELETE' ? 'allowed' : undefined;
  if (operation === 'DELETE' && cities[namespace]?.terminating) return 'allowed';
  if (operation !== 'DELETE' && isDesired(object, name, namespace, facts.labels, config)) return 'allowed';
  try {
    return isPermitted(userInfo.username ?? '', `breach ${namespace}`) ? 'allowed' : 'denied';
  } catch {
    return 'denied';
  }
}

function isDesired(
  object: unknown,
  name: string,
  namespace: string,
  labels: ReadonlyMap<string, string>,
  config: Config,
): boolean {
  const desired = desiredBaseline({ name: namespace, labels }, config).find(({ metadata }) => metadata.name === name);
  const metadata = own(object, 'metadata');
  const owners = own(metadata, 'ownerReferences');
  const has = own(metadata, 'labels') ?? {};
  return (
    desired !== undefined &&
    typeof object === 'object' &&
    object !== null &&
    hasDesiredSpec(object, desired) &&
    !(Array.isArray(owners) && owners.length > 0) &&
    [metadata ?? {}, has].every((part) => typeof part === 'object' && !Array.isArray(part)) &&
    Object.values(has).every((label) => typeof label === 'string') &&
    [...config.taxonomy.keys.keys()].every((key) => {
      const label = own(has, key);
      return label === undefined || label === labels.get(key);
    })
  );
}

function labelsOfCity(name: string): ReadonlyMap<string, string> | undefined {
  return Object.hasOwn(cities, name) ? new Map(Object.entries(cities[name]?.labels ?? {})) : undefined;
}

function refusedIf(mode: Mode): Expected {
  return modes.indexOf(mode) === 2 ? 'denied' : 'allowed';
}

function own(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

/** Whether two values are equal, whatever the order of their keys. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return { keys: entries.map(([key]) => key), values: entries.map(([, part]) => sorted(part)) };
}
