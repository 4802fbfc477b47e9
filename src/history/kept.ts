import { factChecks } from '../admission/doubt.ts';
import type { Config } from '../config/config.ts';
import type { Check, Finding, RuleText } from '../policy/check.ts';
import { checks } from '../policy/checks/index.ts';
import { act, actionOf } from '../policy/evaluate.ts';
import { exposedUnexpected } from '../policy/exposed-unexpected.ts';
import type { Mode, ModeChoice } from '../policy/mode.ts';
import { guardRules, permissionRules } from '../policy/permissions.ts';
import { readable } from '../policy/readable.ts';
import type { AuditLine, LoggedFinding } from './line.ts';

const rules: ReadonlyMap<string, RuleText> = new Map(
  [...checks, exposedUnexpected, readable, ...Object.values(permissionRules), ...Object.values(guardRules)].map(
    (rule) => [rule.id, rule],
  ),
);

/** The texts of a check; undefined if this release has no such check. */
export function ruleOf(check: string): RuleText | undefined {
  return rules.get(check);
}

/** Whether identity alone is enough to ask a check again. */
export function isAskedAgain(check: Check): boolean {
  return 'run' in check && check.readsContent !== true;
}

/** Returns the mode of the object's namespace under another configuration. */
export function choiceIn({ mode, modeSource }: AuditLine, config: Pick<Config, 'mode'>): ModeChoice {
  return modeSource === 'namespace' ? { mode, source: 'namespace' } : { mode: config.mode, source: 'cluster' };
}

/**
 * Returns a finding of a line with the action that follows under another mode and other caps. What
 * a guard refuses in every mode stays refused.
 */
export function actAgain(logged: LoggedFinding, choice: ModeChoice, config: Config): Finding {
  const { check, field, found, reason, undecided, standing } = logged;
  const finding = {
    check,
    field,
    subject: leafOf(field),
    found: found ?? undefined,
    reason,
    ...(undecided ? { undecided } : {}),
    ...(standing ? { standing } : {}),
  };
  if (logged.because === 'guard') return { ...finding, action: logged.action, because: 'guard' };
  // A mode of a namespace is a label of it, which no configuration changes.
  const acting: ModeChoice =
    logged.because === 'namespace' ? { mode: modeOf(logged.action), source: 'namespace' } : choice;
  if (factChecks.some((one) => one === check))
    return { ...finding, action: actionOf(acting.mode), because: acting.source };
  const rule = rules.get(check);
  if (rule !== undefined) return { ...finding, ...act(rule, {}, acting, standing === true, config) };
  const doubt = `not decided: this release has no check ${check}, which reported: ${reason}`;
  return { ...finding, reason: doubt, undecided: true, action: actionOf(acting.mode), because: acting.source };
}

function modeOf(action: LoggedFinding['action']): Mode {
  return action === 'deny' ? 'enforce' : action === 'warn' ? 'warn' : 'observe';
}

/** The short name of the place of a finding: `env` of `spec.template.metadata.labels.env`. */
export function leafOf(field: string): string {
  const at = field.indexOf(labelsPart);
  return at === -1 ? field : field.slice(at + labelsPart.length);
}

const labelsPart = 'metadata.labels.';
