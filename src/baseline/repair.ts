import type { Config } from '../config/config.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import { apiCode } from '../retry/answer.ts';
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
 * drift. An object that was deleted after the read (the garbage collector deletes one whose only
 * owner does not exist) is made again. Throws if the object is not correct afterwards: there was no
 * answer, the write was refused, the object is being deleted, something else changed the written
 * object, or the live version of the configuration could not be read.
 */
export async function repair(
  ports: RepairPorts,
  actual: NetworkPolicy | undefined,
  desired: NetworkPolicy,
  config: Config,
): Promise<Repair> {
  const { policies: writer, liveVersion } = ports;
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
  try {
    await takeAway(writer, current, desired, config);
  } catch (error) {
    if (actual === undefined || apiCode(error) !== 404) throw error;
    return repair(ports, undefined, desired, config);
  }
  return left && drift.includes('spec') ? 'newer' : 'repaired';
}

/** Removes what an apply cannot, because somebody else manages it or has written it too. */
async function takeAway(
  writer: NetworkPolicyWriter,
  current: NetworkPolicy,
  desired: NetworkPolicy,
  { taxonomy }: Config,
): Promise<void> {
  const { namespace = '', name = '' } = desired.metadata;
  if (hasOwnerReferences(current))
    await writer.clearOwnerReferences(namespace, name, current.metadata.resourceVersion ?? '');
  const changes = labelChanges(current, desired, taxonomy);
  if (Object.keys(changes).length > 0) await writer.patchLabels(namespace, name, changes);
  const trialUntil = readTrial(desired.metadata);
  if (!hasTrial(current, trialUntil))
    await writer.patchAnnotations(namespace, name, { [trialAnnotation]: trialUntil ?? null });
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
