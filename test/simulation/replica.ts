import type { AdmissionRequest } from '../../src/admission/review.ts';
import { validate } from '../../src/admission/validate.ts';
import { createController } from '../../src/baseline/controller.ts';
import { createGate, type GateOptions, type NamespaceState } from '../../src/baseline/gate.ts';
import { readNamespace } from '../../src/baseline/namespace.ts';
import { createReconciler } from '../../src/baseline/reconcile.ts';
import { readNetworkPolicy } from '../../src/baseline/wall.ts';
import type { Cluster } from '../../src/cluster/connection.ts';
import { reflect } from '../../src/cluster/reflector.ts';
import { namespaces, namespacesPath, networkPolicies, networkPoliciesPath } from '../../src/cluster/resources.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { reviewPorts } from '../../src/process/review-ports.ts';
import type { Owner } from './scheduler.ts';
import type { Trace } from './trace.ts';

export type Phase = 'enforced' | 'unenforced';

/** A claim of the gate in a review, and the versions of the store at its question and answer. */
export interface Claim {
  readonly namespace: string;
  readonly options: GateOptions;
  readonly from: number;
  readonly to: number;
  /** The time of the answer. */
  readonly at: number;
  readonly state: NamespaceState;
}

/** A decision, with the fields that the invariants use. */
export interface Decision {
  readonly isAllowed: boolean;
  /** The last claim of the gate; undefined if it was not asked or was in doubt. */
  readonly claim: Claim | undefined;
  readonly message: string;
}

/**
 * One process: the parts of `src/process/serve.ts` that matter for a namespace and a Pod, connected
 * as they are there.
 */
export interface Replica {
  readonly owner: Owner;
  /** Whether its caches are filled, so that it answers. */
  isReady(): boolean;
  review(request: AdmissionRequest, phase: Phase): Promise<Decision>;
  /** Stops it, as SIGTERM does after the drain. */
  stop(): void;
}

export interface ReplicaOptions {
  readonly relistMs: number;
  readonly silenceMs: number;
}

const config = defaultConfig({ version: '0', ownNamespace: 'ringfence-system' });

export function startReplica(
  owner: Owner,
  cluster: Cluster,
  options: ReplicaOptions,
  around: {
    readonly version: () => number;
    readonly trace: Trace;
    readonly onClaim: (claim: Claim) => void;
    readonly onDefect: (what: string) => void;
  },
): Replica {
  const { version, trace, onClaim, onDefect } = around;
  const stopped = new AbortController();
  let isReady = false;
  const say = (fields: object, message: string): void => trace(() => `"${message}" ${JSON.stringify(fields)}`);
  const log = {
    info: say,
    warn: say,
    error(fields: object, message: string) {
      say(fields, message);
      onDefect(`${owner.name} logs an error: ${message} ${JSON.stringify(fields)}`);
    },
  };

  const namespaceStore = reflect({ ...options, cluster, path: namespacesPath, log, project: readNamespace });
  const policyStore = reflect({ ...options, cluster, path: networkPoliciesPath, log, project: readNetworkPolicy });
  // All replicas of a simulation have the same configuration.
  const liveVersion = async () => config.version;
  const calls = { namespaces: namespaces(cluster), policies: networkPolicies(cluster), liveVersion, now: Date.now };
  const controller = createController(
    {
      namespaces: namespaceStore,
      policies: policyStore,
      reconcile: createReconciler(calls, () => config),
      now: Date.now,
      log,
    },
    () => config,
  );
  const gate = createGate(
    { ...calls, cachedNamespace: (name) => namespaceStore.get(name), onDrift: (name) => controller.enqueue(name) },
    () => config,
  );
  const ports = reviewPorts({
    connections: { reviews: cluster, lists: cluster, now: Date.now },
    namespaces: namespaceStore,
    policies: policyStore,
    gate,
    metrics: { asked: () => undefined },
  });

  async function start(): Promise<void> {
    await Promise.all([namespaceStore.start(stopped.signal), policyStore.start(stopped.signal)]);
    await controller.start(stopped.signal);
    isReady = true;
    trace(() => 'is ready');
  }
  start().catch((error: unknown) => {
    if (!stopped.signal.aborted) onDefect(`${owner.name} does not start: ${String(error)}`);
  });

  return {
    owner,
    isReady: () => isReady,
    async review(request, phase) {
      let claim: Claim | undefined;
      const facts = async (namespace: string, gateOptions: GateOptions): Promise<NamespaceState> => {
        const from = version();
        const state = await gate.facts(namespace, gateOptions);
        claim = { namespace, options: gateOptions, from, to: version(), at: performance.now(), state };
        onClaim(claim);
        return state;
      };
      try {
        const { outcome, message = '' } = await validate(request, { ...ports, gate: { facts } }, config, phase);
        return { isAllowed: outcome !== 'denied', claim, message };
      } catch (error) {
        // The handler would answer this by the mode. The error itself is a defect.
        onDefect(`${owner.name} throws while it judges: ${String(error)}`);
        return { isAllowed: phase !== 'enforced', claim, message: String(error) };
      }
    },
    stop: () => stopped.abort(),
  };
}
