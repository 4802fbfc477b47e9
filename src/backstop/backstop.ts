import type { Config } from '../config/config.ts';
import { buildAnchor } from './anchor.ts';
import { buildBaselineGuard, buildGate } from './baseline.ts';
import type { BackstopManifest } from './manifest.ts';
import { buildMark } from './mark.ts';
import { buildNamespacePolicies } from './namespaces.ts';
import { buildObjectPolicies } from './objects.ts';
import { buildOtherPolicies } from './other-policies.ts';
import { buildQuotaGuard } from './quota.ts';

/** The options of the backstop. */
export interface BackstopOptions {
  /** Ringfence's own user, whose requests no policy refuses. */
  readonly ownUsername: string;
  /**
   * Whether the cluster serves MutatingAdmissionPolicy as v1 (Kubernetes 1.36). Without it, only
   * the webhook marks new namespaces.
   */
  readonly mutating: boolean;
}

/**
 * Builds the backstop: policies that the API server evaluates itself, also while the webhook is
 * down. They contain the gate, the guard of the baseline, and the checks that need only the request
 * and its namespace. The same configuration gives the same verdicts as the webhook.
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
