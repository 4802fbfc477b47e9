import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/config.ts';
import type { Finding } from '../policy/check.ts';
import { checks } from '../policy/checks/index.ts';
import { actionOf, evaluate, outcomeOf } from '../policy/evaluate.ts';
import { explainDenial, explainWarnings, title } from '../policy/explain.ts';
import { fenceMark, type ModeChoice } from '../policy/mode.ts';
import {
  isSubject,
  isWorkloadKind,
  readSubject,
  type Subject,
  type SubjectKind,
  type Unreadable,
} from '../policy/subject.ts';
import { type Caches, type Gate, gatherFacts, surroundingsOf } from './facts.ts';
import { type GuardPorts, guardBaseline } from './guard.ts';
import { isBinding, judgedKind } from './kinds.ts';
import { guardMark } from './mark-guard.ts';
import { rejudge } from './rejudge.ts';
import { type AdmissionRequest, property } from './review.ts';
import { pass, type Verdict } from './verdict.ts';

/** What validation asks of the world. */
export interface ValidatePorts extends GuardPorts {
  readonly gate: Gate;
  readonly caches: Caches;
  /** A Pod in wire form, live; undefined where there is none. Throws where it cannot be told. */
  readonly readPod: (namespace: string, name: string) => Promise<unknown>;
}

/** Judges one request. What throws here is a defect: the handler answers it by the mode. */
export async function validate(request: AdmissionRequest, ports: ValidatePorts, config: Config): Promise<Verdict> {
  const named = { kind: 'Pod', namespace: request.namespace, name: request.name ?? '' } as const;
  if (
    request.namespace !== undefined &&
    request.resource.resource !== 'namespaces' &&
    config.exemptNamespaces.includes(request.namespace)
  ) {
    return pass(named);
  }
  if (isBinding(request.kind)) return validateBinding(request, ports, config);
  const kind = judgedKind(request.kind);
  if (kind === undefined) return unjudged(request, config);
  if (kind === 'NetworkPolicy') {
    const guarded = await guardBaseline(request, ports, config);
    if (guarded !== undefined) return guarded;
  }
  if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return pass({ ...named, kind });
  if (kind === 'Namespace') return validateNamespace(request, ports, config);
  const ensure = kind === 'Pod' && request.operation === 'CREATE';
  const facts = await gatherFacts(request.namespace ?? '', { ensure, dryRun: request.dryRun === true }, ports, config);
  const namespace = request.namespace ?? '';
  const context = {
    operation: request.operation,
    namespace,
    facts: facts.namespace,
    ...(kind === 'NetworkPolicy' ? { surroundings: surroundingsOf(namespace, request.name ?? '', ports.caches) } : {}),
  };
  const read = readSubject(kind, request.object, context);
  if (!isSubject(read)) return unreadable(request, kind, read, config);
  const before = request.operation === 'UPDATE' ? previous(request, kind, context) : undefined;
  const bars = ensure && facts.barred !== undefined ? [barred(facts.barred, config)] : [];
  return judge(read, before, bars, config, facts.wall);
}

async function validateNamespace(request: AdmissionRequest, ports: ValidatePorts, config: Config): Promise<Verdict> {
  const operation = request.operation === 'CREATE' ? 'CREATE' : 'UPDATE';
  const context = { operation, namespace: undefined, facts: undefined } as const;
  const read = readSubject('Namespace', request.object, context);
  if (!isSubject(read)) return unreadable(request, 'Namespace', read, config);
  const old = operation === 'UPDATE' ? readSubject('Namespace', request.oldObject, context) : undefined;
  const before = old !== undefined && isSubject(old) ? old : undefined;
  const guarded = await guardMark(read, before, request.userInfo, ports);
  if (guarded !== undefined) return guarded;
  // An exemption frees what is inside, and the namespace from labels that nobody would read.
  if (config.exemptNamespaces.includes(read.name)) return pass(read);
  const unmarked =
    operation === 'CREATE' && config.mode === 'enforce' && !read.labels.has(fenceMark) ? [missingMark(config)] : [];
  const opened = rejudge({ name: read.name, labels: read.labels, before: before?.labels }, ports.caches, config);
  return judge(read, before, [...unmarked, ...opened], config);
}

/** A Binding's labels overwrite the Pod's: it is judged as the update of the Pod that it is. */
async function validateBinding(request: AdmissionRequest, ports: ValidatePorts, config: Config): Promise<Verdict> {
  const namespace = request.namespace ?? '';
  const bound = property(property(request.object, 'metadata'), 'name');
  const name =
    request.name !== undefined && request.name !== '' ? request.name : typeof bound === 'string' ? bound : '';
  const subject = { kind: 'Pod', namespace, name } as const;
  const facts = await gatherFacts(namespace, { ensure: false, dryRun: request.dryRun === true }, ports, config);
  const context = { operation: 'UPDATE', namespace, facts: facts.namespace } as const;
  let pod: unknown;
  try {
    pod = await ports.readPod(namespace, name);
  } catch (error) {
    return judgeAlone(subject, [
      doubt('binding', `which labels Pod ${name} has: ${error instanceof Error ? error.message : 'no answer'}`, config),
    ]);
  }
  if (pod === undefined)
    return judgeAlone(subject, [doubt('binding', `which labels Pod ${name} has: it was not found`, config)]);
  const before = readSubject('Pod', pod, context);
  const binding = readSubject('Pod', { metadata: property(request.object, 'metadata') }, context);
  if (!isSubject(before)) return unreadable(request, 'Pod', before, config);
  if (!isSubject(binding)) return unreadable(request, 'Pod', binding, config);
  return judge({ ...before, labels: new Map([...before.labels, ...binding.labels]) }, before, [], config);
}

function judge(
  subject: Subject,
  before: Subject | undefined,
  extra: readonly Finding[],
  config: Config,
  wall?: string,
): Verdict {
  const decision = evaluate(checks, subject, before, chooseMode(config), config);
  const findings = extra.length === 0 ? decision.findings : [...decision.findings, ...extra];
  if (findings.length === 0) return pass(subject, wall);
  const outcome = outcomeOf(findings);
  return {
    outcome,
    findings,
    subject,
    // A refusal says what this request brought: what warns beside it, and not what stood before.
    warnings: explainWarnings(
      subject,
      outcome === 'denied' ? findings.filter(({ because }) => because !== 'ratchet') : findings,
    ),
    ...(outcome === 'denied' ? { message: explainDenial(subject, findings, config) } : {}),
    ...(wall === undefined ? {} : { wall }),
  };
}

/** The mode a request is judged under. A namespace's own mode will be chosen here, once changing it is guarded. */
function chooseMode(config: Config): ModeChoice {
  return { mode: config.mode, source: 'cluster' };
}

/**
 * The object as it was, where the update is ratcheted. What an update changes must be right: a changed pod template is judged as new, and of
 * a changed NetworkPolicy only the labels are held against what they were.
 */
function previous(
  request: AdmissionRequest,
  kind: SubjectKind,
  context: Parameters<typeof readSubject>[2],
): Subject | undefined {
  const { object, oldObject } = request;
  if (isWorkloadKind(kind) && differs(template(object, kind), template(oldObject, kind))) return undefined;
  const read = readSubject(kind, oldObject, context);
  if (!isSubject(read)) return undefined;
  const isOpenedAnew = kind === 'NetworkPolicy' && differs(property(object, 'spec'), property(oldObject, 'spec'));
  return isOpenedAnew ? { ...read, networkPolicySpec: {} } : read;
}

function differs(now: unknown, before: unknown): boolean {
  try {
    return !isDeepStrictEqual(now, before);
  } catch {
    // Nested deeper than the stack reaches: what cannot be compared is judged as new.
    return true;
  }
}

function template(object: unknown, kind: SubjectKind): unknown {
  const spec = property(object, 'spec');
  return property(kind === 'CronJob' ? property(property(spec, 'jobTemplate'), 'spec') : spec, 'template');
}

/** Reads the taxonomy's own finding form for what is no check: facts that keep an object out whatever its labels. */
function finding(check: string, about: string, reason: string, config: Config, undecided?: true): Finding {
  return {
    check,
    field: '',
    subject: about,
    found: undefined,
    reason,
    action: actionOf(config.mode),
    because: 'cluster',
    ...(undecided ? { undecided } : {}),
  };
}

function barred(reason: string, config: Config): Finding {
  return finding(
    'baseline-gate',
    'baseline',
    `not decided: whether deny-all-baseline is there: ${reason}`,
    config,
    true,
  );
}

function missingMark(config: Config): Finding {
  return finding(
    'fence-mark',
    fenceMark,
    'missing; a new namespace is marked before it is judged, so something hid this one',
    config,
  );
}

function doubt(about: string, what: string, config: Config): Finding {
  return finding('readable', about, `not decided: ${what}`, config, true);
}

function judgeAlone(subject: Verdict['subject'], findings: readonly Finding[]): Verdict {
  const outcome = outcomeOf(findings);
  const lines = findings.map((one) => `  ${one.subject}  ${one.reason}  [${one.check}]`);
  const message = [`${title(subject)}: refused, because it could not be decided:`, ...lines].join('\n');
  return { outcome, findings, subject, warnings: [], ...(outcome === 'denied' ? { message } : {}) };
}

function unreadable(request: AdmissionRequest, kind: SubjectKind, read: Unreadable, config: Config): Verdict {
  const subject = { kind, namespace: kind === 'Namespace' ? undefined : request.namespace, name: request.name ?? '' };
  return judgeAlone(subject, [doubt(read.field, `it is ${read.found} where ${read.expected} belongs`, config)]);
}

/** A review that no rule of ours asks for: doubt, so enforce refuses it and says how it may have come. */
function unjudged(request: AdmissionRequest, config: Config): Verdict {
  const { group, version, kind } = request.kind;
  const what = `Ringfence does not judge ${kind} of ${group === undefined || group === '' ? '' : `${group}/`}${version}; no rule of its webhooks asks for it`;
  const subject = { kind: 'Pod', namespace: request.namespace, name: request.name ?? '' } as const;
  const verdict = judgeAlone(subject, [doubt('kind', what, config)]);
  return verdict.message === undefined
    ? verdict
    : { ...verdict, message: `${kind} ${request.name ?? ''}: refused, because it could not be decided: ${what}` };
}
