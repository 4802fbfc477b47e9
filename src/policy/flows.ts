import type { PortRange } from '../network/rules.ts';
import type { PolicyConfig } from './check.ts';
import { allNames, namesOf, namesTaxonomyKey, none } from './opened.ts';
import { isExposed, type JudgedOpening, type Opened } from './opening.ts';

/** A flow that an opening allows, between two values of one identity key. */
export interface Flow {
  readonly from: string;
  readonly to: string;
}

/**
 * Returns the openings that are judged by identity, each with its flows between values of a key.
 */
export function identityFlows(
  opened: Opened,
  key: string,
  config: PolicyConfig,
): readonly { readonly opening: JudgedOpening; readonly flows: readonly Flow[] }[] {
  const own = ownNames(opened, key, config);
  return opened.openings
    .filter((opening) => isJudgedByIdentity(opening, opened, config))
    .map((opening) => ({ opening, flows: flowsOf(opening, own, key, config) }));
}

/**
 * Whether an opening is judged by identity. Named peers are judged by their role, the outside by
 * exposure, and broad egress by breadth.
 */
export function isJudgedByIdentity(opening: JudgedOpening, { own }: Opened, config: PolicyConfig): boolean {
  if (opening.direction === 'egress') return namesTaxonomyKey(opening, config);
  if (opening.role !== undefined) return false;
  // The outside may reach exposed Pods, so anyone may.
  if (opening.isOutside) return opening.mayBeAnyPod && !isExposed(own);
  return true;
}

/**
 * Returns the names that the selected Pods may have for a key. Pods without the key count only if
 * no selected Pod can have it, so that such a policy is judged too.
 */
export function ownNames({ own }: Opened, key: string, config: PolicyConfig): readonly string[] {
  const names = namesOf(own, key, config).filter((name) => name !== none);
  return names.length === 0 ? [none] : names;
}

/**
 * Returns the flows of an opening between the names of the policy's own Pods for a key and the
 * names of its other end. The other end may also have no name, or a name outside the vocabulary.
 */
export function flowsOf(
  { direction, other }: JudgedOpening,
  own: readonly string[],
  key: string,
  config: PolicyConfig,
): readonly Flow[] {
  const foreign = other.kind === 'pods' ? namesOf(other.identities, key, config) : allNames(key, config);
  const flows: Flow[] = [];
  for (const name of foreign)
    for (const mine of own) flows.push(direction === 'ingress' ? { from: name, to: mine } : { from: mine, to: name });
  return flows;
}

/**
 * Formats flows. Flows with a common end are written as `web, (none) -> data`. Of other flows only
 * the first three are written: `web -> data, api -> cache, api -> data and 2 more`.
 */
export function flowText(flows: readonly Flow[]): string {
  const [first] = flows;
  if (first !== undefined && flows.every(({ to }) => to === first.to))
    return `${flows.map(({ from }) => from).join(', ')} -> ${first.to}`;
  if (first !== undefined && flows.every(({ from }) => from === first.from))
    return `${first.from} -> ${flows.map(({ to }) => to).join(', ')}`;
  const shown = flows.slice(0, 3).map(({ from, to }) => `${from} -> ${to}`);
  return flows.length > shown.length ? `${shown.join(', ')} and ${flows.length - shown.length} more` : shown.join(', ');
}

/** Formats each flow. Unlike {@link flowText}, it omits none. */
export function flowParts(flows: readonly Flow[]): readonly string[] {
  return flows.map(({ from, to }) => `${from} -> ${to}`);
}

/** Formats the ports of a rule: `TCP/5432, UDP/53`, or `every port` if it names none. */
export function portText(ports: readonly PortRange[] | undefined): string {
  if (ports === undefined) return 'every port';
  const shown = ports.slice(0, 4).map(({ protocol, port }) => {
    if (port === 'all') return `every ${protocol} port`;
    if ('name' in port) return `${protocol}/${port.name}`;
    return port.first === port.last ? `${protocol}/${port.first}` : `${protocol}/${port.first}-${port.last}`;
  });
  return ports.length > shown.length ? `${shown.join(', ')} and ${ports.length - shown.length} more` : shown.join(', ');
}
