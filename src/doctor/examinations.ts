import { baselines } from './baselines.ts';
import { certificates } from './certificates.ts';
import { ciliumAddresses, ciliumEnforcement, ciliumLabels } from './cilium.ts';
import { configuration, exceptions, references } from './configuration.ts';
import { dnsPods, nodeLocalDns } from './dns.ts';
import type { Examination } from './examination.ts';
import type { Facts } from './facts.ts';
import { hostNetwork } from './host-network.ts';
import { kubernetesVersion } from './kubernetes-version.ts';
import type { Line } from './line.ts';
import { networkPlugin } from './network-plugin.ts';
import { baselineTier, otherPolicies } from './other-policies.ts';
import { podStart } from './pod-start.ts';
import { replicas } from './replicas.ts';
import { webhookEntries, webhookReach } from './webhooks.ts';

/** Every examination, in the order in which its lines are printed. */
export const examinations: readonly Examination[] = [
  networkPlugin,
  podStart,
  ciliumEnforcement,
  ciliumLabels,
  ciliumAddresses,
  nodeLocalDns,
  dnsPods,
  kubernetesVersion,
  baselines,
  otherPolicies,
  baselineTier,
  hostNetwork,
  webhookReach,
  webhookEntries,
  certificates,
  replicas,
  configuration,
  references,
  exceptions,
];

/** Returns the lines of every examination, in the order of the table. */
export function examine(facts: Facts): readonly Line[] {
  return examinations.flatMap(({ run }) => run(facts));
}
