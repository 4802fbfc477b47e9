// Why lines make no flow. Most are left out by a rule of their log, because another line says the
// same or no policy is about them. These are not: a line is left out although it may be a flow.
import { flowProtocols, flowVerdicts } from './record.ts';

export const unknownKind = 'lines of no known kind';

/** It may be one that policies can name. */
export const unnamedProtocol = 'lines that do not name their protocol';

/** Of lines whose protocol has ports. */
export const withoutPort = 'lines without a destination port';

/** Of the generic form, whose verdicts are ours. */
export const unknownVerdict = `lines with a verdict other than ${flowVerdicts.join(', ')}`;

/** Of flows whose ends may be the other way round. */
export function withoutDirection(protocol: string): string {
  return `${protocol} without a direction`;
}

const overlooked: ReadonlySet<string> = new Set([
  unknownKind,
  unnamedProtocol,
  withoutPort,
  unknownVerdict,
  ...flowProtocols.map(withoutDirection),
]);

/** Whether lines that are left out for this reason may have been flows. */
export function isOverlooked(reason: string): boolean {
  return overlooked.has(reason);
}
