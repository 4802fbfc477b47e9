import { type CachedNamespace, keepNamespace } from '../admission/kept-namespaces.ts';
import { keepPolicies } from '../admission/kept-policies.ts';
import type { ValidatePorts } from '../admission/ports.ts';
import { type Controller, createController } from '../baseline/controller.ts';
import { createGate, type Gate } from '../baseline/gate.ts';
import { createReconciler } from '../baseline/reconcile.ts';
import { shareNext } from '../baseline/shared-read.ts';
import { asOf } from '../baseline/trial.ts';
import type { CachedPolicy } from '../baseline/wall.ts';
import type { Cluster } from '../cluster/connection.ts';
import { type Reflector, reflect } from '../cluster/reflector.ts';
import { namespaces, namespacesPath, networkPolicies, networkPoliciesPath } from '../cluster/resources.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { tellSometimes } from '../telemetry/sometimes.ts';
import type { OpenCluster } from './cluster.ts';
import { reviewPorts } from './review-ports.ts';

/** The caches that the baseline needs, and the parts that maintain it. None of them has started. */
export interface OpenBaseline {
  readonly namespaces: Reflector<CachedNamespace>;
  readonly policies: Reflector<CachedPolicy>;
  /** Keeps the baselines correct. */
  readonly controller: Controller;
  /**
   * The facts that reviews need. They include the gate, which admits no Pod before the baseline of
   * its namespace is correct.
   */
  readonly ports: ValidatePorts;
  /** Starts both informers. Resolves when both have their first full list. */
  listen(signal: AbortSignal): Promise<void>;
}

export function openBaseline(
  { relistSeconds }: { readonly relistSeconds: number },
  {
    cluster,
    connections,
    config,
    liveVersion,
  }: Pick<OpenCluster, 'cluster' | 'connections' | 'config' | 'liveVersion'>,
  report: { readonly log: Log; readonly metrics: Metrics },
): OpenBaseline {
  const { log, metrics } = report;
  const informer = { cluster, log, relistMs: relistSeconds * 1000 };
  const namespaceStore = reflect<CachedNamespace>({
    ...informer,
    path: namespacesPath,
    project: (raw, unchanged) => keepNamespace(raw, unchanged, config()),
  });
  const tellLeftOut = tellSometimes(log, 'NetworkPolicies not kept');
  const kept = keepPolicies(() => tellLeftOut('their namespaces have more than may be kept'));
  const policyStore = reflect<CachedPolicy>({ ...informer, path: networkPoliciesPath, project: kept.keep });
  policyStore.onChange((_, current, previous) => {
    if (current === undefined && previous !== undefined) kept.forget(previous);
  });
  policyStore.onListed(() => kept.retain(policyStore.values()));
  const stores = { namespaces: namespaceStore, policies: policyStore };
  // After a change of configuration many namespaces are reconciled at once. They share the reads.
  const readVersion = shareNext(liveVersion).bind(undefined, '');
  const callsOn = (connection: Cluster) => ({
    namespaces: namespaces(connection),
    policies: networkPolicies(connection),
    liveVersion: readVersion,
  });
  const onReplaced = (namespace: string, name: string) =>
    log.warn({ namespace, name }, 'NetworkPolicy replaced by the baseline');
  const { now } = connections;
  const cachedPolicy = (namespace: string, name: string) => policyStore.get(`${namespace}/${name}`);
  const reconcile = createReconciler({ ...callsOn(cluster), now, cachedPolicy, onReplaced }, config);
  const controller = createController({ ...stores, reconcile, now, ...report }, config);
  const gateOn = (connection: Cluster) =>
    createGate(
      {
        ...callsOn(connection),
        // Where not all labels are kept, the gate reads them live.
        cachedNamespace(name) {
          const namespace = namespaceStore.get(name);
          return namespace?.hasMoreLabels === undefined ? namespace && asOf(namespace, now()) : undefined;
        },
        now,
        onDrift: (name) => controller.enqueue(name),
        metrics,
      },
      config,
    );
  const [known, unheard] = [gateOn(connections.gate), gateOn(connections.reviews)];
  // A forged review can name any number of namespaces, but only so many exist.
  const gate: Gate = {
    facts: (name, asked) => (namespaceStore.get(name) === undefined ? unheard : known).facts(name, asked),
  };
  return {
    ...stores,
    controller,
    ports: reviewPorts({ ...stores, connections, gate, metrics }),
    async listen(signal) {
      await Promise.all([namespaceStore.start(signal), policyStore.start(signal)]);
    },
  };
}
