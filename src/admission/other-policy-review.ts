import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/config.ts';
import { calicoMetadata, idleFields, type OtherPolicyKind } from '../kubernetes/other-policies.ts';
import { recordOf, textAt, valueAt } from '../kubernetes/raw-object.ts';
import type { Finding } from '../policy/check.ts';
import { actUnder, outcomeOf } from '../policy/evaluate.ts';
import { explainWarnings, grantsOf, title } from '../policy/explain.ts';
import type { ModeChoice } from '../policy/mode.ts';
import { permissionRules, permissionText } from '../policy/permissions.ts';
import type { Titled } from '../policy/subject.ts';
import type { Hint } from './doubt.ts';
import { gatherFacts } from './facts.ts';
import type { Change } from './object-review.ts';
import type { ValidatePorts } from './ports.ts';
import { pass, type Verdict } from './verdict.ts';

/**
 * Guards a fence against policies of other kinds, which can allow traffic that its NetworkPolicies
 * do not allow. Ringfence does not read their rules. To create or change one in a fenced namespace,
 * a user needs `open` on that fence. A cluster-scoped policy can select any namespace, so it needs
 * `open` on `*`, under the cluster's mode.
 */
export async function validateOtherPolicy(
  { kind, scope, isSelected }: OtherPolicyKind,
  request: Change,
  ports: ValidatePorts,
  config: Config,
  hint: Hint,
): Promise<Verdict> {
  const namespace = scope === 'Namespaced' ? (request.namespace ?? '') : undefined;
  const subject = { kind, namespace, name: nameOf(request) };
  if (!config.otherPolicies || !isChanged(request, isSelected)) return pass(subject);
  let choice: ModeChoice = { mode: config.mode, source: 'cluster' };
  if (namespace !== undefined) {
    const options = { ensure: false, dryRun: request.dryRun === true, hint };
    const facts = await gatherFacts(namespace, options, ports, config);
    ({ choice } = facts);
    if (!facts.namespace.known) {
      const reason = `not decided: whether namespace ${namespace} is fenced: ${facts.namespace.reason}`;
      return conclude(subject, { reason, undecided: true }, choice, config);
    }
    if (!facts.namespace.fenced) return pass(subject, { choice });
  }
  const user = request.userInfo.username ?? 'this user';
  const permission = { verb: 'open', resource: 'fences', name: namespace ?? '*' } as const;
  try {
    if (await ports.isAllowed(request.userInfo, permission))
      return pass(subject, { choice, permissions: [permissionText(permission)] });
  } catch (error) {
    const silence = error instanceof Error ? error.message : String(error);
    const what = `whether ${user} has the permission "open" on fences.ringfence.dev "${permission.name}"`;
    return conclude(subject, { reason: `not decided: ${what}: ${silence}`, undecided: true }, choice, config);
  }
  const opened = namespace === undefined ? 'any baseline' : `the baseline of ${namespace}`;
  const reason = `can open what ${opened} closes; ${user} may not open ${permission.name}`;
  return conclude(subject, { reason, missing: permission }, choice, config);
}

function conclude(
  subject: Titled,
  what: Pick<Finding, 'reason' | 'undecided' | 'missing'>,
  choice: ModeChoice,
  config: Config,
): Verdict {
  const rule = permissionRules['other-policy'];
  const finding: Finding = {
    check: rule.id,
    field: 'spec',
    subject: 'spec',
    found: undefined,
    ...what,
    ...actUnder(rule, choice, config),
  };
  const outcome = outcomeOf([finding]);
  const headline = finding.undecided ? 'refused, because it could not be decided:' : 'a permission is missing';
  const lines = [`${title(subject)}: ${headline}`, `  spec  ${finding.reason}  [${rule.id}]`, ...grantsOf([finding])];
  return {
    outcome,
    findings: [finding],
    subject,
    choice,
    warnings: explainWarnings(subject, [finding]),
    ...(outcome === 'denied' ? { message: lines.join('\n') } : {}),
  };
}

/**
 * Whether an update changes the meaning of the policy, as the match condition of the webhook
 * defines it. A policy that cannot be compared counts as changed.
 */
function isChanged({ operation, object, oldObject }: Change, isSelected: boolean): boolean {
  if (operation === 'CREATE') return true;
  try {
    return !isDeepStrictEqual(meaningOf(object, isSelected), meaningOf(oldObject, isSelected));
  } catch {
    return true;
  }
}

function meaningOf(object: unknown, isSelected: boolean): readonly unknown[] {
  const fields = Object.entries(recordOf(object)).filter(([field]) => !idleFields.some((idle) => idle === field));
  const labels = [valueAt(object, 'metadata', 'labels'), valueAt(object, 'metadata', 'annotations', calicoMetadata)];
  return [new Map(fields), ...(isSelected ? labels : [])];
}

/** Returns the name of the object, or `generateName` with `*` if the API server makes the name. */
function nameOf({ name, object }: Change): string {
  const generated = textAt(object, 'metadata', 'generateName');
  return textAt(object, 'metadata', 'name') ?? (name || (generated === undefined ? '' : `${generated}*`));
}
