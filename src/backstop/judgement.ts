import type { Config } from '../config/config.ts';
import { type Expression, list } from '../kubernetes/cel.ts';
import type { Action, Check } from '../policy/check.ts';
import { actionOf } from '../policy/evaluate.ts';
import { type Mode, milder, modes } from '../policy/mode.ts';
import { noFaults } from './faults.ts';
import type { Validation, ValidationAction } from './manifest.ts';

/** The parts of a rule that decide about its findings, together with the mode. */
export type RuleId = Pick<Check, 'id' | 'cap'>;

/**
 * The outcomes of a finding, from the strictest, and the actions of the API server. Findings that
 * do not refuse go to its audit log.
 */
export const outcomes: readonly Outcome[] = [
  { action: 'deny', name: 'deny', validationActions: ['Deny'] },
  { action: 'warn', name: 'warn', validationActions: ['Warn', 'Audit'] },
  { action: 'record', name: 'audit', validationActions: ['Audit'] },
];

export interface Outcome {
  readonly action: Action;
  /**
   * A part of the names of policies. There is one policy for each outcome, with all rules that may
   * have it.
   */
  readonly name: string;
  readonly validationActions: readonly ValidationAction[];
}

/**
 * A check in CEL: the list of its faults, each of which ends with the id of the check in brackets.
 */
export interface CheckExpression {
  readonly check: RuleId;
  readonly faults: Expression;
}

/**
 * Returns the modes under which a finding of a rule has this action, which is the milder of its cap
 * and the mode.
 */
export function modesWith(action: Action, { id, cap }: RuleId, { caps }: Pick<Config, 'caps'>): readonly Mode[] {
  return modes.filter((mode) => actionOf(milder(caps.get(id) ?? cap, mode)) === action);
}

/**
 * Returns all faults that have one action as one list, so that one refusal names all of them.
 * `mode` is the expression of the mode that decides. `asked` are the modes under which the list is
 * evaluated at all.
 */
export function faultsWith(
  action: Action,
  all: readonly CheckExpression[],
  { mode, asked }: { readonly mode: Expression; readonly asked: readonly Mode[] },
  config: Pick<Config, 'caps'>,
): Expression {
  const parts = all.flatMap(({ check, faults }) => {
    const held = modesWith(action, check, config);
    if (held.length === 0 || faults === noFaults) return [];
    return held.length === asked.length ? faults : `(${mode} in ${list(held)} ? ${faults} : [])`;
  });
  return parts.length === 0 ? noFaults : parts.join(' +\n');
}

/**
 * Returns a validation that passes if `variables.faults` is empty or `unless` is true. Its message
 * is `Kind namespace/name:` with all faults.
 */
export function validateFaults(unless: Expression): Validation {
  return {
    expression: `${unless} || variables.faults.size() == 0`,
    message: 'more is wrong with it than one message holds',
    messageExpression: 'variables.title + ": " + variables.faults.join("; ")',
    reason: 'Forbidden',
  };
}

/**
 * Returns a validation of one rule. Its message is `Kind namespace/name:` with `says`, a CEL
 * string, or `short` if that is too long.
 */
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
