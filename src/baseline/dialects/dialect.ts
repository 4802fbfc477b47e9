import type { Config } from '../../config/config.ts';
import type { BaselineNamespace } from '../desired.ts';
import { renderCalico } from './calico.ts';
import { renderCilium } from './cilium.ts';
import { type ClusterNetworkPolicyVersion, renderClusterNetworkPolicy } from './cluster-network-policy.ts';
import type { Rendered } from './rendered.ts';

/** The kinds of policy, other than NetworkPolicy, in which a baseline can be printed. */
export const dialects = ['calico', 'cilium', 'clusternetworkpolicy'] as const;
export type Dialect = (typeof dialects)[number];

/**
 * Returns the baseline of a namespace in another dialect, what allows traffic first, so that
 * applying the objects in order never cuts what a part allows. `version` is that of
 * ClusterNetworkPolicy.
 */
export function renderBaseline(
  dialect: Dialect,
  namespace: BaselineNamespace,
  config: Config,
  version: ClusterNetworkPolicyVersion,
): readonly Rendered[] {
  switch (dialect) {
    case 'calico':
      return renderCalico(namespace, config);
    case 'cilium':
      return renderCilium(namespace, config);
    case 'clusternetworkpolicy':
      return renderClusterNetworkPolicy(namespace, config, version);
  }
}
