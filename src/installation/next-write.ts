import { recordOf } from '../kubernetes/raw-object.ts';
import { readResourceVersion } from '../kubernetes/resource-version.ts';
import { differencesOf, isNewer } from './difference.ts';
import type { WebhookConfiguration } from './webhook-configuration.ts';

/** The facts for the decision, besides the live and the desired configuration. */
export interface WriteState {
  /**
   * Whether a new version may be written. The second configuration waits until API servers know the
   * first. Damage is repaired without waiting.
   */
  readonly isDue: boolean;
  /** The annotation that orders configurations among replicas. */
  readonly versionAnnotation: string;
  /** The version of Ringfence's configuration in the cluster, as text; undefined if unknown. */
  readonly clusterVersion: string | undefined;
}

/** The next write to one webhook configuration. */
export type NextWrite =
  /** It is as desired. */
  | { readonly does: 'nothing' }
  /** It has to be created or changed to another version, but not yet. */
  | { readonly does: 'wait' }
  /** It was made from a newer configuration than this process has. */
  | { readonly does: 'leave' }
  | { readonly does: 'create' }
  /** It differs from the desired configuration in these fields. */
  | { readonly does: 'replace'; readonly differences: readonly string[] };

/**
 * Returns the next write that a webhook configuration needs. Any replica may make it, because the
 * whole state is read from the live object.
 * @param live the object as the API server sent it; undefined if it does not exist
 * @param desired the complete configuration, with the authorities and the owner
 */
export function nextWrite(state: WriteState, live: unknown, desired: WebhookConfiguration): NextWrite {
  const { isDue, versionAnnotation } = state;
  if (live === undefined) return isDue ? { does: 'create' } : { does: 'wait' };
  const differences = differencesOf(live, desired);
  if (differences.length === 0) return { does: 'nothing' };
  if (isNewer(live, desired, versionAnnotation) && !isForged(live, state)) return { does: 'leave' };
  if (!isDue && differences.includes(`metadata.annotations.${versionAnnotation}`)) return { does: 'wait' };
  return { does: 'replace', differences };
}

/**
 * Whether the configuration never had this version. Without this test, such a version would stop
 * every replica from repairing the object.
 */
function isForged(live: unknown, { versionAnnotation, clusterVersion }: WriteState): boolean {
  const annotations = recordOf(recordOf(recordOf(live)['metadata'])['annotations']);
  const found = readResourceVersion(annotations[versionAnnotation]);
  const own = readResourceVersion(clusterVersion);
  return own !== undefined && found !== undefined && found > own;
}
