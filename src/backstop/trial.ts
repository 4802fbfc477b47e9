// The guard of the annotation that says when the wall of a namespace on trial opens.

import { trialAnnotation, trialPattern } from '../baseline/trial.ts';
import { type Expression, text } from '../kubernetes/cel.ts';
import type { Named } from '../kubernetes/conditions.ts';
import { fenceMark } from '../policy/mode.ts';
import { type Demand, isPermitted, neededText } from './identity.ts';

const key = text(trialAnnotation);
const mark = text(fenceMark);

/** The end of a trial as text; "never", which is later than every time, if there is none. */
function endOf(value: Expression): Expression {
  return `${value}.matches(${text(trialPattern)}) ? ${value} : "never"`;
}

/** The annotation of a Namespace now and before, and the end of the trial by each. */
export const trialVariables: readonly Named[] = [
  { name: 'trial', expression: `dyn(object).metadata.?annotations[?${key}].orValue("")` },
  {
    name: 'trialBefore',
    expression: `oldObject == null ? "" : dyn(oldObject).metadata.?annotations[?${key}].orValue("")`,
  },
  { name: 'end', expression: endOf('variables.trial') },
  { name: 'endBefore', expression: endOf('variables.trialBefore') },
];

/** Whether a Pod is created after the end of the trial, by the clock of the API server. */
export const isTrialOver: Expression = [
  `namespaceObject.metadata.?annotations[?${key}].orValue("").matches(${text(trialPattern)})`,
  `timestamp(namespaceObject.metadata.annotations[${key}]) <= timestamp(dyn(object).metadata.creationTimestamp)`,
].join(' && ');

/** Returns the demands on a Namespace whose trial is set, changed or removed. */
export function trialDemands(): readonly Demand[] {
  const name = 'object.metadata.name';
  const isFenced = `${mark} in variables.now && (variables.fresh || ${mark} in variables.before)`;
  const demand = (id: 'lower' | 'fence', comparison: string, what: string) => ({
    rule: { id, cap: 'enforce' as const },
    isCreation: false,
    when: `${isFenced} && variables.end ${comparison} variables.endBefore`,
    unless: isPermitted('fences', name, id),
    says: `${text(`${trialAnnotation}: ${what}; `)} + ${neededText('fences', name, id)}`,
    short: `it needs the verb "${id}" on fences.ringfence.dev named by the namespace`,
  });
  const forbidden = (when: Expression, says: Expression, short: string) => ({
    rule: { id: 'trial', cap: 'enforce' as const },
    always: true as const,
    isCreation: false,
    when,
    unless: undefined,
    says,
    short,
  });
  const late = 'was there before the mark, and would say when the wall opens';
  return [
    { ...demand('lower', '<', 'the wall opens earlier'), always: true },
    demand('fence', '>', 'the wall stands longer'),
    forbidden(
      'variables.trial != "" && variables.trial != variables.trialBefore && variables.end == "never"',
      `${text(`${trialAnnotation}: `)} + variables.trial + " is not a time such as 2026-01-31T09:30:00Z"`,
      `${trialAnnotation} is not a time`,
    ),
    forbidden(
      `!variables.fresh && ${mark} in variables.now && !(${mark} in variables.before) && variables.trial != "" && variables.trial == variables.trialBefore`,
      text(`${trialAnnotation} ${late}`),
      `${trialAnnotation} ${late}`,
    ),
  ];
}
