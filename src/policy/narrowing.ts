import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import { boxesOf } from '../network/identities.ts';
import type { PodPeer } from '../network/rules.ts';
import type { PolicyConfig } from './check.ts';
import type { JudgedOpening } from './opening.ts';
import type { Subject } from './subject.ts';

/**
 * The narrowest change of a rule after which its other end has one of these values for a key: `add
 * tier: web or tier: api to its namespaceSelector`.
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
  // A Pod may have any address that is private.
  if (other.kind === 'addresses') return `a private address may be any Pod's, so name ${pods} instead`;
  const { peer } = other;
  const agrees = config.taxonomy.keys.get(key)?.agrees === true;
  const labelsOf = (name: string) => subject.surroundings?.namespaceLabels(name);
  const names = namesOf(peer);
  const settled = names.find((name) => agrees && !values.includes(labelsOf(name)?.get(key) ?? values[0] ?? ''));
  if (settled !== undefined)
    return `namespace ${settled} is ${key}=${labelsOf(settled)?.get(key)}, so name ${pods} instead`;
  const missing = names.find((name) => labelsOf(name) === undefined);
  // A namespace that is there without the label says nothing of its Pods: they must say it
  // themselves.
  const isOfNamespace = agrees && peer.namespaceSelector !== undefined && (names.length === 0 || missing !== undefined);
  const isNamed = namesKey(key, peer);
  const change = `${isNamed ? 'set' : 'add'} ${values.map((value) => `${key}: ${value}`).join(' or ')} ${isNamed ? 'in' : 'to'}`;
  const narrowed = `${change} its ${isOfNamespace ? 'namespaceSelector' : 'podSelector'}`;
  return missing === undefined ? narrowed : `namespace ${missing} is not known, so it may be any; ${narrowed}`;
}

function namesKey(key: string, { namespaceSelector, podSelector }: PodPeer): boolean {
  return [...(namespaceSelector?.requirements ?? []), ...podSelector.requirements].some((one) => one.key === key);
}

/** The namespaces that a peer names. */
function namesOf({ namespaceSelector }: PodPeer): readonly string[] {
  if (namespaceSelector === undefined) return [];
  const named = boxesOf(namespaceSelector)?.get(metadataNameLabel);
  return named === undefined || named.negated ? [] : [...named.values];
}
