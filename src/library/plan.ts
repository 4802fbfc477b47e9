import { findExemption } from '../fencing/candidate.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import { createPlanner } from '../plan/plan.ts';
import { type PlanData, planData } from '../plan/plan-data.ts';
import type { PeerNaming } from '../plan/selection.ts';
import { readConfiguration } from './configuration.ts';
import type { Manifest } from './manifests.ts';
import { startPlan } from './planning.ts';
import { readManifests, readNetworks, type WorldOptions } from './read.ts';

/** What a plan assumes and writes. */
export interface PlanOptions extends Omit<WorldOptions, 'namespace' | 'fenced'> {
  /** Whether policies name peers of other namespaces by their name or by their identity. */
  readonly peers?: PeerNaming | undefined;
  /** Whether policies are also written for blocks of addresses without a name. */
  readonly external?: boolean | undefined;
  /** Whether policies are also written for ports from 32768 that nothing declares. */
  readonly ephemeral?: boolean | undefined;
}

/** A plan (schemas/plan.schema.json), and the policies that keep what is lawful. */
export interface PlanAnswer {
  readonly plan: PlanData;
  readonly networkPolicies: readonly NetworkPolicy[];
}

/**
 * Says which flows a fence on a namespace would cut, as `ringfence plan -o json` does, from what
 * the manifests declare. Flow logs are read by the command alone.
 *
 * @throws an Error with one line for each object that cannot be read, or if the namespace is not
 *   there or is never fenced
 */
export async function plan(
  namespace: string,
  manifests: readonly Manifest[],
  options: PlanOptions = {},
): Promise<PlanAnswer> {
  const podNetworks = readNetworks(options);
  const config = await readConfiguration(options);
  const reading = startPlan(config);
  const read = await readManifests(manifests, options, 'manifests', {
    config,
    exposures: reading.exposures,
    declarations: { ...reading.declarations, isOwn: () => false },
  });
  const { source, notes } = reading.finish(read, {
    observation: undefined,
    podNetworks,
    naming: options.peers ?? 'name',
    options: { ephemeral: options.ephemeral === true, external: options.external === true },
  });
  const planner = createPlanner(source);
  requirePlannable(namespace, planner.namespaces, config);
  const planned = planner.plan(namespace);
  return {
    plan: planData(planned, undefined, planner.leftOut, notes),
    networkPolicies: planned.policies.map(({ policy }) => policy),
  };
}

/** Throws an Error if a namespace is never fenced, or is not there. */
export function requirePlannable(
  namespace: string,
  known: readonly string[],
  config: Parameters<typeof findExemption>[1],
): void {
  const exemption = findExemption(namespace, config);
  if (exemption !== undefined) throw new Error(exemption);
  if (!known.includes(namespace))
    throw new Error(`there is no namespace ${namespace} here: neither a Namespace object nor a Pod`);
}
