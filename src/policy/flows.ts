import type { PortRange } from '../network/rules.ts';
import type { PolicyConfig } from './check.ts';
import { allNames, namesOf, namesTaxonomyKey, none } from './opened.ts';
import { isExposed, type JudgedOpening, type Opened } from './opening.ts';

/** One flow that an opening makes possible, by the values of one identity key. */
export interface Flow {
  readonly from: string;
  readonly to: string;
}

/**
 * The openings of a policy that identity decides about, each with its flows between values of one
 * key.
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
 * Whether identity decides about an opening: named peers cross by configuration, the outside is
 * judged by exposure, and wide egress by breadth.
 */
export function isJudgedByIdentity(opening: JudgedOpening, { own }: Opened, config: PolicyConfig): boolean {
  if (opening.direction === 'egress') return namesTaxonomyKey(opening, config);
  if (opening.role !== undefined) return false;
  // What is declared exposed may be reached by the outside, so by anyone.
  if (opening.isOutside) return opening.mayBeAnyPod && !isExposed(own);
  return true;
}

/**
 * The names that the selected pods may have for a key. A pod without the key counts only where no
 * selected pod can have it: what nobody is named by is still judged.
 */
export function ownNames({ own }: Opened, key: string, config: PolicyConfig): readonly string[] {
  const names = namesOf(own, key, config).filter((name) => name !== none);
  return names.length === 0 ? [none] : names;
}

/**
 * The flows of an opening between the names that a policy's own pods have for a key, and those of
 * the foreign end, which may also have none, or one outside the vocabulary.
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
 * Flows as text, with one end in common as `web, (none) -> data`; else the first few of them: `web
 * -> data, api -> cache and 2 more`.
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

/** Each flow as text, none left out. */
export function flowParts(flows: readonly Flow[]): readonly string[] {
  return flows.map(({ from, to }) => `${from} -> ${to}`);
}

/** A rule's ports as text: `TCP/5432, UDP/53`; `every port` where none is named. */
export function portText(ports: readonly PortRange[] | undefined): string {
  if (ports === undefined) return 'every port';
  const shown = ports.slice(0, 4).map(({ protocol, port }) => {
    if (port === 'all') return `every ${protocol} port`;
    if ('name' in port) return `${protocol}/${port.name}`;
    return port.first === port.last ? `${protocol}/${port.first}` : `${protocol}/${port.first}-${port.last}`;
  });
  return ports.length > shown.length ? `${shown.join(', ')} and ${ports.length - shown.length} more` : shown.join(', ');
}
