import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import { readCidr, subtract } from '../network/address.ts';
import { boxesOf } from '../network/identities.ts';
import type { PodPeer } from '../network/rules.ts';
import { broadFamilies } from './breadth.ts';
import { causedByNamespace } from './cause.ts';
import type { PolicyConfig } from './check.ts';
import type { JudgedOpening } from './opening.ts';
import type { Subject } from './subject.ts';

/**
 * Describes the narrowest change of a rule after which its other end has one of these values for a
 * key: `add tier: web or tier: api to its namespaceSelector`.
 */
export function narrowTo(
  key: string,
  values: readonly string[],
  { other }: JudgedOpening,
  subject: Subject,
  config: PolicyConfig,
): string {
  const pods = `Pods of ${key} ${values.join(' or ')}`;
  if (other.kind === 'anyone') return `name ${pods} under "from"`;
  if (other.kind === 'addresses') return narrowAddresses(pods, other, config);
  const { peer } = other;
  const agrees = config.taxonomy.keys.get(key)?.agrees === true;
  const labelsOf = (name: string) => subject.surroundings?.namespaceLabels(name);
  const names = namesOf(peer);
  const settled = names.find((name) => agrees && !values.includes(labelsOf(name)?.get(key) ?? values[0] ?? ''));
  if (settled !== undefined)
    return `namespace ${settled} is ${key}=${labelsOf(settled)?.get(key)}, so name ${pods} instead`;
  const missing = names.find((name) => labelsOf(name) === undefined);
  // If the namespace exists without the label, the peer must select the label on the Pods.
  const isOfNamespace = agrees && peer.namespaceSelector !== undefined && (names.length === 0 || missing !== undefined);
  const isNamed = namesKey(key, peer);
  const change = `${isNamed ? 'set' : 'add'} ${values.map((value) => `${key}: ${value}`).join(' or ')} ${isNamed ? 'in' : 'to'}`;
  const narrowed = `${change} its ${isOfNamespace ? 'namespaceSelector' : 'podSelector'}`;
  return missing === undefined ? narrowed : `namespace ${missing} is not known, so it may be any; ${narrowed}`;
}

/**
 * Describes what to do if the selected Pods may have several values for a key. In a namespace
 * without the label they may have any.
 */
export function selectOne(key: string, own: readonly string[], subject: Subject, config: PolicyConfig): string {
  const instead = `select one ${key} in podSelector`;
  return causedByNamespace(key, subject, config) === undefined
    ? `its own Pods may be ${own.join(', ')}, so ${instead}`
    : `namespace ${subject.namespace} has no ${key}, so label it, or ${instead}`;
}

/**
 * Describes what to do about addresses. A private address may belong to any Pod, which the rule can
 * name instead. The address of a node or an API server has no Pod, so the configuration has to name
 * it. A range that is broad cannot be a list of nodes.
 */
function narrowAddresses(
  pods: string,
  { ranges, peer: { cidr } }: Extract<JudgedOpening['other'], { kind: 'addresses' }>,
  config: PolicyConfig,
): string {
  const named = `add to peers: {name: nodes, role: nodes, cidrs: [${cidr}]}`;
  if (subtract(ranges, linkLocal).length === 0)
    return `link-local addresses are the node's own, so the configuration must name it; ${named}`;
  const instead = `a private address may be any Pod's, so name ${pods} instead`;
  if (broadFamilies(ranges, config).length > 0) return instead;
  return `${instead}; if nodes or API servers have it, the configuration must name it; ${named}`;
}

/** RFC 3927 and RFC 4291. */
const linkLocal = ['169.254.0.0/16', 'fe80::/10'].flatMap((cidr) => readCidr(cidr) ?? []);

function namesKey(key: string, { namespaceSelector, podSelector }: PodPeer): boolean {
  return [...(namespaceSelector?.requirements ?? []), ...podSelector.requirements].some((one) => one.key === key);
}

/** Returns the namespaces that a peer names. */
function namesOf({ namespaceSelector }: PodPeer): readonly string[] {
  if (namespaceSelector === undefined) return [];
  const named = boxesOf(namespaceSelector)?.get(metadataNameLabel);
  return named === undefined || named.negated ? [] : [...named.values];
}
