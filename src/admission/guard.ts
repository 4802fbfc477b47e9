import { desiredBaseline, isInForce, openedPart } from '../baseline/desired.ts';
import { hasDesiredSpec } from '../baseline/equality.ts';
import type { Config } from '../config/config.ts';
import { readLabels } from '../kubernetes/labels.ts';
import { own } from '../kubernetes/raw-object.ts';
import type { Finding } from '../policy/check.ts';
import { actionOf, outcomeOf } from '../policy/evaluate.ts';
import { grantsOf, title, warning } from '../policy/explain.ts';
import { type Mode, type ModeChoice, modeIn } from '../policy/mode.ts';
import { permissionText } from '../policy/permissions.ts';
import type { Access } from './access.ts';
import { type Hint, modeInDoubt } from './doubt.ts';
import type { NamespaceView } from './facts.ts';
import type { MarkGuardPorts } from './mark-guard.ts';
import type { AdmissionRequest } from './review.ts';
import { pass, type Verdict } from './verdict.ts';

export interface GuardPorts extends Access, MarkGuardPorts {
  /** Reads a namespace live; undefined if it does not exist. Throws if the read fails. */
  readonly readNamespace: (name: string) => Promise<NamespaceView | undefined>;
  /** Whether a namespace still has a Pod, by a live list. */
  readonly anyPod: (namespace: string) => Promise<boolean>;
}

/**
 * Guards the baseline of a fenced namespace. An object with a reserved name must keep the desired
 * specification and the identity labels of the namespace, and must not get an owner. It can be
 * deleted only when a terminating namespace has no Pod left. A user with the permission `breach`
 * may do all of this. After a trial, the names stay reserved for the opened baseline, so that
 * Ringfence opens no wall of a user. Returns undefined for other names and in namespaces that are
 * not fenced; then the checks judge the object.
 */
export async function guardBaseline(
  request: AdmissionRequest,
  ports: GuardPorts,
  config: Config,
  hint?: Hint,
): Promise<Verdict | undefined> {
  // A deletecollection sends requests without a name, so the name of the object is used.
  const object = request.operation === 'DELETE' ? request.oldObject : request.object;
  const name = own(own(object, 'metadata'), 'name') ?? request.name;
  if (typeof name !== 'string' || !isInForce(name, config)) return undefined;
  const namespace = request.namespace ?? '';
  const subject = { kind: 'NetworkPolicy', namespace, name } as const;

  let view: NamespaceView | undefined;
  try {
    view = await ports.readNamespace(namespace);
  } catch (error) {
    const choice = modeInDoubt(hint, config.mode);
    return undecided(subject, `whether namespace ${namespace} is fenced: ${said(error)}`, choice.mode, choice);
  }
  const choice = view === undefined ? modeInDoubt(hint, config.mode) : modeIn(view.labels, config.mode);
  if (view === undefined || !(view.fenced || view.isTrialOver))
    return request.operation === 'DELETE' ? pass(subject, { choice }) : undefined;

  const wrong =
    request.operation === 'DELETE' ? undefined : difference(object, { ...view, name: namespace }, name, config);
  if (request.operation !== 'DELETE' && wrong === undefined) return pass(subject, { choice });
  try {
    if (request.operation === 'DELETE' && view.terminating && !(await ports.anyPod(namespace)))
      return pass(subject, { choice });
    const permission = { verb: 'breach', resource: 'fences', name: namespace } as const;
    if (await ports.isAllowed(request.userInfo, permission)) {
      // If the object exists, the API server refuses the creation with AlreadyExists. Then nothing
      // is breached or recorded.
      if (request.operation === 'CREATE' && (await isThere(namespace, name, ports))) return pass(subject, { choice });
      return { ...breached(subject, request, wrong), choice, permissions: [permissionText(permission)] };
    }
  } catch (error) {
    const what = `whether ${request.userInfo.username} may breach the fence of ${namespace}: ${said(error)}`;
    return undecided(subject, what, 'enforce', choice);
  }
  return { ...refused(subject, request, view, wrong), choice };
}

/**
 * Whether an object of the baseline exists. Doubt counts as no, so that no breach goes unrecorded.
 */
async function isThere(namespace: string, name: string, { readNetworkPolicy }: MarkGuardPorts): Promise<boolean> {
  try {
    return (await readNetworkPolicy(namespace, name)) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Returns how an object differs from the desired baseline; undefined if it does not. Missing
 * identity labels do not count, because Ringfence fills them in later.
 */
function difference(
  object: unknown,
  namespace: NamespaceView & { readonly name: string },
  name: string,
  config: Config,
): { readonly field: string; readonly reason: string } | undefined {
  const desired = namespace.isTrialOver
    ? openedPart(name, namespace, config)
    : desiredBaseline(namespace, config).find((policy) => policy.metadata.name === name);
  if (desired === undefined || typeof object !== 'object' || object === null)
    return { field: 'metadata.name', reason: 'no part of the baseline' };
  if (!hasDesiredSpec(object, desired)) return { field: 'spec', reason: 'not the specification of the baseline' };
  const owners = own(own(object, 'metadata'), 'ownerReferences');
  if (Array.isArray(owners) && owners.length > 0) {
    return { field: 'metadata.ownerReferences', reason: 'an owner would have the garbage collector delete it' };
  }
  const { labels, problems } = readLabels(object);
  if (problems.length > 0) return { field: 'metadata.labels', reason: 'not labels' };
  for (const key of config.taxonomy.keys.keys()) {
    const value = labels.get(key);
    if (value === undefined || value === own(desired.metadata.labels, key)) continue;
    return { field: `metadata.labels.${key}`, reason: `${key}=${value} is not the namespace's` };
  }
  return undefined;
}

function refused(
  subject: Verdict['subject'] & { readonly namespace: string },
  request: AdmissionRequest,
  view: NamespaceView,
  wrong: { readonly field: string; readonly reason: string } | undefined,
): Verdict {
  const { namespace, name } = subject;
  const user = request.userInfo.username ?? 'this user';
  const why = wrong === undefined ? 'it is part of the baseline' : `${wrong.field}: ${wrong.reason}`;
  const lines =
    request.operation === 'DELETE' && view.terminating
      ? [
          `${title(subject)}: it stays until the last Pod of namespace ${namespace} is gone; the deletion goes on by itself  [baseline-guard]`,
        ]
      : request.operation === 'CREATE'
        ? [
            `${title(subject)}: this name is reserved for the baseline of a fenced namespace (${why})  [baseline-guard]`,
            'Give your NetworkPolicy another name: policies add up, so it allows what it allows under any name.',
          ]
        : [
            `${title(subject)}: namespace ${namespace} ${view.isTrialOver ? 'was fenced on trial' : 'is fenced'}, and this NetworkPolicy is its baseline (${why})  [baseline-guard]`,
            'To allow more, add a NetworkPolicy of another name: policies add up.',
          ];
  const missing = { verb: 'breach', resource: 'fences', name: namespace };
  lines.push(`To change it all the same ${user} would need a permission.`);
  const found = request.operation === 'DELETE' ? 'DELETE' : undefined;
  const finding: Finding = {
    check: 'baseline-guard',
    field: wrong?.field ?? 'metadata.name',
    subject: name,
    found,
    reason: why,
    action: 'deny',
    because: 'guard',
    missing,
  };
  const message = [...lines, ...grantsOf([finding])].join('\n');
  return { outcome: 'denied', findings: [finding], subject, message, warnings: [] };
}

/** Returns the verdict on a permitted breach. It warns, because the reconciler will undo it. */
function breached(
  subject: Verdict['subject'],
  request: AdmissionRequest,
  wrong: { readonly field: string } | undefined,
): Verdict {
  const finding: Finding = {
    check: 'baseline-guard',
    field: wrong?.field ?? 'metadata.name',
    subject: subject.name,
    found: request.operation,
    reason: 'breached by permission; the baseline will be put back while the namespace carries the fence mark',
    action: 'warn',
    because: 'guard',
  };
  const warnings = [warning(subject, 'breached by permission; put back while the namespace carries the fence mark')];
  return { outcome: 'warned', findings: [finding], subject, warnings };
}

function undecided(subject: Verdict['subject'], what: string, mode: Mode, choice: ModeChoice): Verdict {
  const finding: Finding = {
    check: 'baseline-guard',
    field: 'metadata.name',
    subject: subject.name,
    found: undefined,
    reason: `not decided: ${what}`,
    undecided: true,
    action: actionOf(mode),
    because: 'guard',
  };
  const outcome = outcomeOf([finding]);
  const message = `${title(subject)}: refused, because it could not be decided ${what}  [baseline-guard]`;
  return { outcome, findings: [finding], subject, choice, warnings: [], ...(outcome === 'denied' ? { message } : {}) };
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
