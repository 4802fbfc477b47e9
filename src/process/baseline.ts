import type { ValidatePorts } from '../admission/ports.ts';
import { type Controller, createController } from '../baseline/controller.ts';
import { createGate } from '../baseline/gate.ts';
import { type NamespaceView, readNamespace } from '../baseline/namespace.ts';
import { createReconciler } from '../baseline/reconcile.ts';
import { shareNext } from '../baseline/shared-read.ts';
import { readNetworkPolicy } from '../baseline/wall.ts';
import { type Reflector, reflect } from '../cluster/reflector.ts';
import { namespaces, namespacesPath, networkPolicies, networkPoliciesPath } from '../cluster/resources.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { OpenCluster } from './cluster.ts';
import { reviewPorts } from './review-ports.ts';

/**
 * What the cluster holds as far as the baseline asks, and what keeps the baseline true. Nothing of
 * it has started.
 */
export interface OpenBaseline {
  readonly namespaces: Reflector<NamespaceView>;
  readonly policies: Reflector<NetworkPolicy>;
  /** Makes the baseline true. */
  readonly controller: Controller;
  /**
   * The facts that reviews ask for. The gate is among them, which lets no Pod in before its
   * baseline.
   */
  readonly ports: ValidatePorts;
  /** Resolves once both informers have heard what the cluster holds. */
  listen(signal: AbortSignal): Promise<void>;
}

export function openBaseline(
  { relistSeconds }: { readonly relistSeconds: number },
  { cluster, config, liveVersion }: Pick<OpenCluster, 'cluster' | 'config' | 'liveVersion'>,
  report: { readonly log: Log; readonly metrics: Metrics },
): OpenBaseline {
  const { log, metrics } = report;
  const informer = { cluster, log, relistMs: relistSeconds * 1000 };
  const namespaceStore = reflect({ ...informer, path: namespacesPath, project: readNamespace });
  const policyStore = reflect({ ...informer, path: networkPoliciesPath, project: readNetworkPolicy });
  const stores = { namespaces: namespaceStore, policies: policyStore };
  const calls = {
    namespaces: namespaces(cluster),
    policies: networkPolicies(cluster),
    // A changed configuration has many namespaces asked about at once: they share the reads.
    liveVersion: shareNext(liveVersion).bind(undefined, ''),
  };
  const onReplaced = (namespace: string, name: string) =>
    log.warn({ namespace, name }, 'NetworkPolicy replaced by the baseline');
  const reconcile = createReconciler({ ...calls, onReplaced }, config);
  const controller = createController({ ...stores, reconcile, ...report }, config);
  const gate = createGate(
    {
      ...calls,
      cachedNamespace: (name) => namespaceStore.get(name),
      onDrift: (name) => controller.enqueue(name),
      metrics,
    },
    config,
  );
  return {
    ...stores,
    controller,
    ports: reviewPorts({ ...stores, cluster, gate, metrics }),
    async listen(signal) {
      await Promise.all([namespaceStore.start(signal), policyStore.start(signal)]);
    },
  };
}
