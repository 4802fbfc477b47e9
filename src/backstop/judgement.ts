import type { Config } from '../config/config.ts';
import type { Action, Check } from '../policy/check.ts';
import { actionOf } from '../policy/evaluate.ts';
import { type Mode, milder, modes } from '../policy/mode.ts';
import type { Expression } from './cel.ts';
import type { Validation, ValidationAction } from './manifest.ts';

/** What becomes of a rule's findings. */
export type RuleId = Pick<Check, 'id' | 'cap'>;

/** What may become of a finding, from the strictest, and what the API server does then. Its own audit log holds what is no refusal. */
export const outcomes: readonly Outcome[] = [
  { action: 'deny', name: 'deny', validationActions: ['Deny'] },
  { action: 'warn', name: 'warn', validationActions: ['Warn', 'Audit'] },
  { action: 'record', name: 'audit', validationActions: ['Audit'] },
];

export interface Outcome {
  readonly action: Action;
  /** In the names of policies. */
  readonly name: string;
  readonly validationActions: readonly ValidationAction[];
}

/** What the API server does with a finding of a rule where a mode holds. */
export function validationActionsOf(
  rule: RuleId,
  mode: Mode,
  config: Pick<Config, 'caps'>,
): readonly ValidationAction[] {
  return outcomes.find(({ action }) => modesWith(action, rule, config).includes(mode))?.validationActions ?? ['Deny'];
}

/** The modes under which a finding of a rule has this action: the milder of its cap and the mode. */
export function modesWith(action: Action, { id, cap }: RuleId, { caps }: Pick<Config, 'caps'>): readonly Mode[] {
  return modes.filter((mode) => actionOf(milder(caps.get(id) ?? cap, mode)) === action);
}

/** A validation that ends as every message of Ringfence does: `Kind namespace/name: what is wrong [rule]`. `title` and `says` are CEL strings. */
export function buildValidation(
  id: string,
  expression: Expression,
  message: { readonly says: Expression; readonly short: string },
): Validation {
  return {
    expression,
    message: `${message.short} [${id}]`,
    messageExpression: `variables.title + ": " + ${message.says} + " [${id}]"`,
    reason: 'Forbidden',
  };
}
