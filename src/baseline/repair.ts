import type { Config } from '../config/config.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import { driftOf, hasOwnerReferences, isForged, isNewer, isTerminating, labelChanges } from './drift.ts';
import { hasDesiredSpec } from './equality.ts';
import { denyAllName } from './names.ts';
import type { LiveVersion, NetworkPolicyWriter } from './ports.ts';

/**
 * What became of one object of the baseline: nothing to do, made true, or left to the newer
 * configuration that wrote it.
 */
export type Repair = 'equal' | 'repaired' | 'newer';

export interface RepairPorts {
  readonly policies: NetworkPolicyWriter;
  readonly liveVersion: LiveVersion;
}

/**
 * Makes one object of the baseline what it must be, from what a live read showed of it. Writes only
 * where there is drift. Throws where it is not true afterwards: no answer, a refusal, a deletion
 * under way, something on the way that changes what we write, or doubt whether a newer
 * configuration wrote it.
 */
export async function repair(
  { policies: writer, liveVersion }: RepairPorts,
  actual: NetworkPolicy | undefined,
  desired: NetworkPolicy,
  config: Config,
): Promise<Repair> {
  const drift = driftOf(actual, desired, config.taxonomy);
  if (drift.length === 0) return 'equal';
  const { namespace = '', name = '' } = desired.metadata;
  const left = actual !== undefined && (await isLeftAlone(actual, name, drift.includes('spec'), liveVersion, config));
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
 * from no configuration: a hole in it is nobody's will. The live version is asked for only where
 * the answer leaves a specification as it is; other drift is mended field by field in either case.
 */
async function isLeftAlone(
  actual: NetworkPolicy,
  name: string,
  hasSpecDrift: boolean,
  liveVersion: LiveVersion,
  config: Config,
): Promise<boolean> {
  if (!isNewer(actual, config)) return false;
  if (!hasSpecDrift) return true;
  return name !== denyAllName && !isForged(actual, await liveVersion());
}
