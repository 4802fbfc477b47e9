import type { Config } from '../config/config.ts';
import { type Expression, list, text } from '../kubernetes/cel.ts';
import { workloadKinds } from '../kubernetes/kinds.ts';
import { modeLabel, modes } from '../policy/mode.ts';
import type { TaxonomyKey } from '../policy/taxonomy.ts';
import { isAllowed } from './cel.ts';

/**
 * A possible fault: the condition, and the message (a CEL string). Both may read these variables:
 * - `now`: the labels that are judged
 * - `before`: the old labels; empty if everything is judged as new
 * - `fresh`: whether everything is judged as new
 * - `said`: the labels of the namespace
 */
export interface Fault {
  readonly when: Expression;
  readonly says: Expression;
}

/** Returns the messages of the faults that occur, with the id of the check, as a CEL list. */
export function listFaults(id: string, faults: readonly Fault[]): Expression {
  if (faults.length === 0) return noFaults;
  return faults.map(({ when, says }) => `(${when} ? [${says} + " [${id}]"] : [])`).join(' +\n');
}

/** An empty list of strings. CEL cannot join `[]`, because it has no element type. */
export const noFaults: Expression = '[""].filter(fault, false)';

export function missingOfNamespaces({ taxonomy }: Config): readonly Fault[] {
  return taxonomy.required.Namespace.map((name) => missing(name, expectation(taxonomy.keys.get(name))));
}

/** The missing labels of objects in namespaces. A Binding lacks none: it only adds labels. */
export function missingOfObjects({ taxonomy, workloads }: Config): readonly Fault[] {
  const { Pod: ofPods, NetworkPolicy: ofPolicies } = taxonomy.required;
  const podKinds = ['Pod', ...workloadKinds, ...workloads.map(({ kind }) => kind)];
  return [...new Set([...ofPods, ...ofPolicies])].map((name) => {
    const key = taxonomy.keys.get(name);
    const expected =
      key?.agrees === true
        ? `(${text(name)} in variables.said ? ${text(`the namespace says ${name}=`)} + ${label('said', name)} : ${expectation(key)})`
        : expectation(key);
    const others = [
      ...(ofPods.includes(name) ? [] : podKinds),
      ...(ofPolicies.includes(name) ? [] : ['NetworkPolicy']),
    ];
    const { when, says } = missing(name, expected);
    return { when: `!(request.kind.kind in ${list(['Binding', ...others])}) && ${when}`, says };
  });
}

function missing(name: string, expected: Expression): Fault {
  const key = text(name);
  return {
    when: `!(${key} in variables.now) && (variables.fresh || ${key} in variables.before)`,
    says: `${text(`${name} is missing (`)} + ${expected} + ")"`,
  };
}

function expectation(key: TaxonomyKey | undefined): Expression {
  return text(key?.hint ?? vocabulary(key));
}

export function strangeValues({ taxonomy }: Config): readonly Fault[] {
  return [...taxonomy.keys.values()].map((key) => ({
    when: `${isNewValue(key.key)} && !(${isAllowed(key, label('now', key.key))})`,
    says: `${text(`${key.key} "`)} + ${label('now', key.key)} + ${text(`" is not ${vocabulary(key)}`)}`,
  }));
}

/** The values that differ from the namespace. strangeValues reports values of no vocabulary. */
export function disagreements({ taxonomy }: Config): readonly Fault[] {
  return [...taxonomy.keys.values()]
    .filter(({ agrees }) => agrees)
    .map((key) => ({
      when: [
        `${isNewValue(key.key)} && ${isAllowed(key, label('now', key.key))}`,
        `${text(key.key)} in variables.said && ${label('said', key.key)} != ${label('now', key.key)}`,
      ].join(' && '),
      says: `${text(`${key.key} "`)} + ${label('now', key.key)} + ${text(`" is not its namespace's, which says ${key.key}=`)} + ${label('said', key.key)}`,
    }));
}

export const exposedInternals: readonly Fault[] = [
  {
    when: `${isBoth('now')} && !(${isBoth('before')})`,
    says: text('expose "true" contradicts internal="true": what is internal is never exposed'),
  },
];

export const exposedWhereNothingIs: readonly Fault[] = [
  {
    when: `${is('said', 'expose', 'false')} && ${is('now', 'expose', 'true')} && !(${is('before', 'expose', 'true')})`,
    says: text('expose "true" is not allowed here; the namespace says expose=false'),
  },
];

export const strangeModes: readonly Fault[] = [
  {
    when: `${isNewValue(modeLabel)} && !(${label('now', modeLabel)} in ${list(modes)})`,
    says: `${text(`${modeLabel} "`)} + ${label('now', modeLabel)} + ${text(`" is not one of ${modes.join(', ')}`)}`,
  },
];

/** The value of a label. The expression errors if the label is absent. */
export function label(of: 'now' | 'before' | 'said', key: string): Expression {
  return `variables.${of}[${text(key)}]`;
}

/** Tests whether a label is present and did not have this value before. */
export function isNewValue(key: string): Expression {
  const name = text(key);
  return `${name} in variables.now && !(${name} in variables.before && ${label('before', key)} == ${label('now', key)})`;
}

/** Tests whether a label has a value; false if the label is absent. */
function is(of: 'now' | 'before' | 'said', key: string, value: string): Expression {
  return `variables.${of}[?${text(key)}].orValue("") == ${text(value)}`;
}

function isBoth(of: 'now' | 'before'): Expression {
  return `${is(of, 'internal', 'true')} && ${is(of, 'expose', 'true')}`;
}

/**
 * The longest list of values in a message, in characters. The API server does not show a message
 * above 5 KiB (celconfig.MaxEvaluatedMessageExpressionSizeBytes), and many keys may be wrong at
 * once.
 */
const vocabularyLimit = 200;

/** Describes the allowed values for messages. */
function vocabulary(key: TaxonomyKey | undefined): string {
  if (key?.values === undefined) return key?.patternText ?? 'of the allowed form';
  const all = key.values.join(', ');
  if (all.length <= vocabularyLimit) return `one of ${all}`;
  return `one of ${all.slice(0, all.lastIndexOf(', ', vocabularyLimit))}, … (${key.values.length} values)`;
}
