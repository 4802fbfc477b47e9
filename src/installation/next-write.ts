import { recordOf } from '../kubernetes/raw-object.ts';
import { differencesOf, isNewer, versionOf } from './difference.ts';
import type { WebhookConfiguration } from './webhook-configuration.ts';

/** What the decision depends on besides the two configurations. */
export interface WriteState {
  /**
   * Whether a new version may be written. The side that goes second waits until API servers know
   * the first. Damage is repaired without waiting.
   */
  readonly isDue: boolean;
  /** The annotation that orders configurations among replicas. */
  readonly versionAnnotation: string;
  /** The version of our configuration that the cluster holds, as text; undefined where unknown. */
  readonly clusterVersion: string | undefined;
}

/** What is to be done with one webhook configuration. */
export type NextWrite =
  /** It is as desired. */
  | { readonly does: 'nothing' }
  /** It is to be made or brought to another version, but not yet. */
  | { readonly does: 'wait' }
  /** It was made from a newer configuration than ours. */
  | { readonly does: 'leave' }
  | { readonly does: 'create' }
  /** It differs from what is desired, in these fields. */
  | { readonly does: 'replace'; readonly differences: readonly string[] };

/**
 * The next write that a webhook configuration needs. Any replica may make it: all that is under way
 * is read from the live object.
 * @param live the object as the API server sent it; undefined where there is none
 * @param desired complete, with the authorities and the owner
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
 * A version that our configuration never had would keep every replica from repairing what carries
 * it.
 */
function isForged(live: unknown, { versionAnnotation, clusterVersion }: WriteState): boolean {
  const annotations = recordOf(recordOf(recordOf(live)['metadata'])['annotations']);
  const found = versionOf(annotations[versionAnnotation]);
  const own = versionOf(clusterVersion);
  return own !== undefined && found !== undefined && found > own;
}
