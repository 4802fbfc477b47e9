import type { Config } from '../config/config.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import { driftOf, hasOwnerReferences, isForged, isNewer, isTerminating, labelChanges } from './drift.ts';
import { hasDesiredSpec } from './equality.ts';
import { denyAllName } from './names.ts';
import type { LiveVersion, NetworkPolicyWriter } from './ports.ts';
import { hasTrial, readTrial, trialAnnotation } from './trial.ts';

/**
 * The outcome for one object of the baseline: already correct, corrected, or left to the newer
 * configuration that wrote it.
 */
export type Repair = 'equal' | 'repaired' | 'newer';

export interface RepairPorts {
  readonly policies: NetworkPolicyWriter;
  readonly liveVersion: LiveVersion;
}

/**
 * Corrects one object of the baseline, given the result of a live read. Writes only if there is
 * drift. Throws if the object is not correct afterwards: there was no answer, the write was
 * refused, the object is being deleted, something else changed the written object, or the live
 * version of the configuration could not be read.
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
  const isApplied =
    !left && drift.some((one) => one === 'missing' || one === 'spec' || one === 'labels' || one === 'trial');
  const current = isApplied || actual === undefined ? await writer.apply(desired) : actual;
  if (isTerminating(current)) throw new Error(`NetworkPolicy ${namespace}/${name} is being deleted`);
  if (!left && !hasDesiredSpec(current, desired))
    throw new Error(`NetworkPolicy ${namespace}/${name} was stored with another specification than the one applied`);
  // An apply cannot remove ownerReferences that others manage.
  if (hasOwnerReferences(current))
    await writer.clearOwnerReferences(namespace, name, current.metadata.resourceVersion ?? '');
  const changes = labelChanges(current, desired, config.taxonomy);
  if (Object.keys(changes).length > 0) await writer.patchLabels(namespace, name, changes);
  // An apply does not remove what somebody else has written too.
  const trialUntil = readTrial(desired.metadata);
  if (!hasTrial(current, trialUntil))
    await writer.patchAnnotations(namespace, name, { [trialAnnotation]: trialUntil ?? null });
  return left && drift.includes('spec') ? 'newer' : 'repaired';
}

/**
 * Whether this process must not apply the whole object, because a newer configuration wrote it. The
 * specification of the wall does not depend on the configuration, so it is always corrected. The
 * live version is read only if the specification differs; other drift is corrected field by field
 * in either case.
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
