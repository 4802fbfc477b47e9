import type { Config } from '../config/config.ts';
import { type Expression, list } from '../kubernetes/cel.ts';
import type { Action, Check } from '../policy/check.ts';
import { actionOf } from '../policy/evaluate.ts';
import { type Mode, milder, modes } from '../policy/mode.ts';
import { noFaults } from './faults.ts';
import type { Validation, ValidationAction } from './manifest.ts';

/** What decides about a rule's findings, beside the mode. */
export type RuleId = Pick<Check, 'id' | 'cap'>;

/**
 * What may become of a finding, from the strictest, and what the API server does then. Its own
 * audit log holds what is no refusal.
 */
export const outcomes: readonly Outcome[] = [
  { action: 'deny', name: 'deny', validationActions: ['Deny'] },
  { action: 'warn', name: 'warn', validationActions: ['Warn', 'Audit'] },
  { action: 'record', name: 'audit', validationActions: ['Audit'] },
];

export interface Outcome {
  readonly action: Action;
  /**
   * In the names of policies: there is one for each outcome, which holds all that may come to it.
   */
  readonly name: string;
  readonly validationActions: readonly ValidationAction[];
}

/** A check as CEL: the list of what is wrong, each ending with the check's id in brackets. */
export interface CheckExpression {
  readonly check: RuleId;
  readonly faults: Expression;
}

/**
 * The modes under which a finding of a rule has this action: the milder of its cap and the mode.
 */
export function modesWith(action: Action, { id, cap }: RuleId, { caps }: Pick<Config, 'caps'>): readonly Mode[] {
  return modes.filter((mode) => actionOf(milder(caps.get(id) ?? cap, mode)) === action);
}

/**
 * Everything that is wrong and comes to one action, as one list, so that one refusal names all of
 * it. `mode` is the expression of the mode that decides; `asked` are the modes under which the list
 * is asked for at all.
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
 * A validation that is true where `variables.faults` is empty, or under another condition; it says
 * all of them after `Kind namespace/name:`.
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
 * A validation of one rule, in the same form. `says` is a CEL string; `short` is said where it is
 * too long.
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
