import type { Config } from '../config/config.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import { driftOf, hasOwnerReferences, isNewer, isTerminating, labelChanges } from './drift.ts';
import { hasDesiredSpec } from './equality.ts';
import { denyAllName } from './names.ts';
import type { NetworkPolicyWriter } from './ports.ts';

/**
 * What became of one object of the baseline: nothing to do, made true, or left to the newer
 * configuration that wrote it.
 */
export type Repair = 'equal' | 'repaired' | 'newer';

/**
 * Makes one object of the baseline what it must be, from what a live read showed of it. Writes only
 * where there is drift. Throws where it is not true afterwards: no answer, a refusal, a deletion
 * under way, something on the way that changes what we write.
 */
export async function repair(
  writer: NetworkPolicyWriter,
  actual: NetworkPolicy | undefined,
  desired: NetworkPolicy,
  config: Config,
): Promise<Repair> {
  const drift = driftOf(actual, desired, config.taxonomy);
  if (drift.length === 0) return 'equal';
  const { namespace = '', name = '' } = desired.metadata;
  const left = actual !== undefined && isLeftAlone(actual, name, drift.includes('spec'), config);
  const isApplied = !left && (drift.includes('missing') || drift.includes('spec') || drift.includes('labels'));
  const current = isApplied || actual === undefined ? await writer.apply(desired) : actual;
  if (isTerminating(current)) throw new Error(`NetworkPolicy ${namespace}/${name} is being deleted`);
  if (!left && !hasDesiredSpec(current, desired))
    throw new Error(`NetworkPolicy ${namespace}/${name} was stored with another specification than the one applied`);
  // No apply can take these away: others manage them.
  if (hasOwnerReferences(current))
    await writer.clearOwnerReferences(namespace, name, current.metadata.resourceVersion ?? '');
  const changes = labelChanges(current, desired, config.taxonomy);
  if (Object.keys(changes).length > 0) await writer.patchLabels(namespace, name, changes);
  return left && drift.includes('spec') ? 'newer' : 'repaired';
}

/**
 * Whether our older configuration must not write an object whole. The wall's specification comes
 * from no configuration: a hole in it is nobody's will.
 */
function isLeftAlone(actual: NetworkPolicy, name: string, hasSpecDrift: boolean, config: Config): boolean {
  return isNewer(actual, config) && !(name === denyAllName && hasSpecDrift);
}
