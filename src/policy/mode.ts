import type { LabelSelectorRequirement } from '../kubernetes/network-policy.ts';

/**
 * The mode decides the action for a finding: `observe` records it, `warn` admits the request with a
 * warning in kubectl, `enforce` refuses the request. The order is from mild to strict, on which
 * {@link milder} relies.
 */
export const modes = ['observe', 'warn', 'enforce'] as const;
export type Mode = (typeof modes)[number];

/** The mark: a namespace that has this label, with any value, has a guaranteed baseline. */
export const fenceMark = 'ringfence.dev/fence';

/**
 * The value of the mark that allows the baseline to replace NetworkPolicies with its names. It
 * matters only in the request that sets the mark.
 */
export const replaceMark = 'replace';

/** The label with which a namespace chooses its own mode. */
export const modeLabel = 'ringfence.dev/mode';

/** Returns the milder of two modes. */
export function milder(a: Mode, b: Mode): Mode {
  return modes.indexOf(a) < modes.indexOf(b) ? a : b;
}

/** Returns the stricter of two modes. */
export function stricter(a: Mode, b: Mode): Mode {
  return modes.indexOf(a) > modes.indexOf(b) ? a : b;
}

/** Returns the milder of two choices, with its source; the first if they are equal. */
export function milderChoice(a: ModeChoice, b: ModeChoice): ModeChoice {
  return milder(a.mode, b.mode) === a.mode ? a : b;
}

/** Returns the stricter of two choices, with its source; the first if they are equal. */
export function stricterChoice(a: ModeChoice, b: ModeChoice): ModeChoice {
  return stricter(a.mode, b.mode) === a.mode ? a : b;
}

/** Whether a text is the name of a mode. */
export function isMode(text: unknown): text is Mode {
  return modes.some((mode) => mode === text);
}

/** The mode under which a request is judged, and its source, which the audit line contains. */
export interface ModeChoice {
  readonly mode: Mode;
  readonly source: 'cluster' | 'namespace';
}

/**
 * Returns the mode of a namespace with these labels: its own mode, or else the cluster's. A label
 * whose value is not a mode is ignored.
 */
export function modeIn(labels: ReadonlyMap<string, string>, cluster: Mode): ModeChoice {
  const own = labels.get(modeLabel);
  return isMode(own) ? { mode: own, source: 'namespace' } : { mode: cluster, source: 'cluster' };
}

/** Selects the namespaces that carry the mark, with any value. */
export const isMarked: LabelSelectorRequirement = { key: fenceMark, operator: 'Exists' };

/**
 * Selects the namespaces that have one of these modes. A namespace has the cluster's mode if its
 * label is absent or not a mode. Returns no requirement for all modes, and for an empty list.
 */
export function inModes(held: readonly Mode[], cluster: Mode): readonly LabelSelectorRequirement[] {
  if (held.length === 0 || held.length === modes.length) return [];
  if (!held.includes(cluster)) return [{ key: modeLabel, operator: 'In', values: held }];
  return [{ key: modeLabel, operator: 'NotIn', values: modes.filter((mode) => !held.includes(mode)) }];
}
