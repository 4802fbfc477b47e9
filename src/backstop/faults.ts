import type { Config } from '../config/config.ts';
import { type Expression, list, text } from '../kubernetes/cel.ts';
import { workloadKinds } from '../kubernetes/kinds.ts';
import { modeLabel, modes } from '../policy/mode.ts';
import type { TaxonomyKey } from '../policy/taxonomy.ts';
import { isAllowed } from './cel.ts';

/**
 * One thing that may be wrong: when it is, and what to say then (a CEL string). Both may read these
 * variables: `now`, the labels that are judged; `before`, what they were, empty where everything is
 * judged as new; `fresh`, whether it is; `said`, the namespace's labels.
 */
export interface Fault {
  readonly when: Expression;
  readonly says: Expression;
}

/** What is said of each fault that is there, with the id of its check, as a CEL list of strings. */
export function listFaults(id: string, faults: readonly Fault[]): Expression {
  if (faults.length === 0) return noFaults;
  return faults.map(({ when, says }) => `(${when} ? [${says} + " [${id}]"] : [])`).join(' +\n');
}

/** An empty list of strings: `[]` alone is a list of anything, which cannot be joined. */
export const noFaults: Expression = '[""].filter(fault, false)';

export function missingOfNamespaces({ taxonomy }: Config): readonly Fault[] {
  return taxonomy.required.Namespace.map((name) => missing(name, expectation(taxonomy.keys.get(name))));
}

/** Of what is judged as a Pod, and of NetworkPolicies. A Binding only adds labels to its Pod's. */
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

/** A value outside the vocabulary has its fault already. */
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

/** A label's value; an error where there is no such label. */
export function label(of: 'now' | 'before' | 'said', key: string): Expression {
  return `variables.${of}[${text(key)}]`;
}

/** Whether a label is there and was not there with this value before. */
export function isNewValue(key: string): Expression {
  const name = text(key);
  return `${name} in variables.now && !(${name} in variables.before && ${label('before', key)} == ${label('now', key)})`;
}

/** Whether a label has a value; false where there is no such label. */
function is(of: 'now' | 'before' | 'said', key: string, value: string): Expression {
  return `variables.${of}[?${text(key)}].orValue("") == ${text(value)}`;
}

function isBoth(of: 'now' | 'before'): Expression {
  return `${is(of, 'internal', 'true')} && ${is(of, 'expose', 'true')}`;
}

/**
 * A message that grows beyond 5 KiB is not shown
 * (celconfig.MaxEvaluatedMessageExpressionSizeBytes): eight keys may be wrong at once.
 */
const vocabularyLimit = 200;

/** The allowed values as messages name them. */
function vocabulary(key: TaxonomyKey | undefined): string {
  if (key?.values === undefined) return key?.patternText ?? 'of the allowed form';
  const all = key.values.join(', ');
  if (all.length <= vocabularyLimit) return `one of ${all}`;
  return `one of ${all.slice(0, all.lastIndexOf(', ', vocabularyLimit))}, … (${key.values.length} values)`;
}
