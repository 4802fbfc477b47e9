import type { Config } from '../config/config.ts';
import { buildAnchor } from './anchor.ts';
import { buildBaselineGuard, buildGate } from './baseline.ts';
import type { BackstopManifest } from './manifest.ts';
import { buildMark } from './mark.ts';
import { buildNamespacePolicies } from './namespaces.ts';
import { buildObjectPolicies } from './objects.ts';
import { buildOtherPolicies } from './other-policies.ts';
import { buildQuotaGuard } from './quota.ts';

/** What to print. */
export interface BackstopOptions {
  /** Ringfence's own user, whom no policy stops. */
  readonly ownUsername: string;
  /**
   * Whether the cluster serves MutatingAdmissionPolicy as v1 (Kubernetes 1.36): without it nothing
   * but the webhook marks new namespaces.
   */
  readonly mutating: boolean;
}

/**
 * The backstop: policies that the API server evaluates by itself, so that the checks that need no
 * more than the request and its namespace, the baseline's protection and the gate hold while the
 * webhook is down. The same configuration gives the same verdicts.
 */
export function buildBackstop(config: Config, { ownUsername, mutating }: BackstopOptions): readonly BackstopManifest[] {
  const backing = { config, ownUsername };
  return [
    ...buildAnchor(backing),
    ...buildObjectPolicies(backing),
    ...buildNamespacePolicies(backing),
    ...buildOtherPolicies(backing),
    ...buildBaselineGuard(backing),
    ...buildQuotaGuard(backing),
    ...buildGate(backing),
    ...(mutating ? buildMark(backing) : []),
  ];
}
