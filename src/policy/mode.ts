import type { LabelSelectorRequirement } from '../kubernetes/network-policy.ts';

/**
 * What becomes of a finding: `observe` records it, `warn` admits and says so in kubectl, `enforce`
 * refuses the request. The order is from mild to strict; {@link milder} relies on it.
 */
export const modes = ['observe', 'warn', 'enforce'] as const;
export type Mode = (typeof modes)[number];

/**
 * The label that says a namespace's baseline is guaranteed. Its presence is the mark, whatever its
 * value.
 */
export const fenceMark = 'ringfence.dev/fence';

/**
 * The value of the mark with which a person says that the baseline may replace NetworkPolicies of
 * its names. It matters in the request that puts the mark on, and never again.
 */
export const replaceMark = 'replace';

/** The label by which a namespace chooses what becomes of findings in it. */
export const modeLabel = 'ringfence.dev/mode';

/** The milder of two modes. */
export function milder(a: Mode, b: Mode): Mode {
  return modes.indexOf(a) < modes.indexOf(b) ? a : b;
}

/** The stricter of two modes. */
export function stricter(a: Mode, b: Mode): Mode {
  return modes.indexOf(a) > modes.indexOf(b) ? a : b;
}

/** The milder of two choices, with its source; the first of two that are equally mild. */
export function milderChoice(a: ModeChoice, b: ModeChoice): ModeChoice {
  return milder(a.mode, b.mode) === a.mode ? a : b;
}

/** The stricter of two choices, with its source; the first of two that are equally strict. */
export function stricterChoice(a: ModeChoice, b: ModeChoice): ModeChoice {
  return stricter(a.mode, b.mode) === a.mode ? a : b;
}

/** Whether a text is a mode's name. */
export function isMode(text: unknown): text is Mode {
  return modes.some((mode) => mode === text);
}

/** The mode under which a request is judged, and what decided it (it is told in the audit line). */
export interface ModeChoice {
  readonly mode: Mode;
  readonly source: 'cluster' | 'namespace';
}

/**
 * The mode that holds in a namespace of these labels: its own, else the cluster's. A value that is
 * no mode says nothing.
 */
export function modeIn(labels: ReadonlyMap<string, string>, cluster: Mode): ModeChoice {
  const own = labels.get(modeLabel);
  return isMode(own) ? { mode: own, source: 'namespace' } : { mode: cluster, source: 'cluster' };
}

/** Selects the namespaces that carry the mark, whatever its value. */
export const isMarked: LabelSelectorRequirement = { key: fenceMark, operator: 'Exists' };

/**
 * Selects the namespaces where one of some modes holds. A label that names none of the modes says
 * nothing, and then the cluster's mode holds. No requirement for all modes, and for none.
 */
export function inModes(held: readonly Mode[], cluster: Mode): readonly LabelSelectorRequirement[] {
  if (held.length === 0 || held.length === modes.length) return [];
  if (!held.includes(cluster)) return [{ key: modeLabel, operator: 'In', values: held }];
  return [{ key: modeLabel, operator: 'NotIn', values: modes.filter((mode) => !held.includes(mode)) }];
}
