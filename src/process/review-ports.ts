import { namespacesNamedBy } from '../admission/named-namespaces.ts';
import type { ValidatePorts } from '../admission/ports.ts';
import { createTurns } from '../admission/turns.ts';

import type { Gate } from '../baseline/gate.ts';
import { denyAllName } from '../baseline/names.ts';
import { type NamespaceView, readNamespace } from '../baseline/namespace.ts';
import { shareNext } from '../baseline/shared-read.ts';
import { type CachedPolicy, isWalled } from '../baseline/wall.ts';
import type { Cluster } from '../cluster/connection.ts';
import { groupObjects } from '../cluster/grouping.ts';
import type { Reflector } from '../cluster/reflector.ts';
import { namespaces, networkPolicies, pods, residents } from '../cluster/resources.ts';
import { accessReviews } from '../cluster/reviews.ts';
import { permissionGroup } from '../policy/permissions.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { AccessAnswer } from './vocabulary.ts';

/** The sources of facts: the connection, the caches and the gate. */
export interface ReviewSources {
  readonly cluster: Cluster;
  readonly namespaces: Reflector<NamespaceView>;
  readonly policies: Reflector<CachedPolicy>;
  readonly gate: Gate;
  readonly metrics: Pick<Metrics, 'asked'>;
}

/**
 * A live read or SubjectAccessReview that takes longer counts as failed, because the timeout of the
 * webhook is 5 s.
 */
const callTimeoutMs = 2_000;

/**
 * Returns the facts that reviews need, from the caches and by live calls. Call it before the
 * reflectors start, because it groups the objects that they report.
 */
export function reviewPorts({
  cluster,
  namespaces: namespaceStore,
  policies,
  gate,
  metrics,
}: ReviewSources): ValidatePorts {
  const policiesIn = groupObjects(policies, ({ metadata }) => [metadata.namespace ?? '']);
  const policiesNaming = groupObjects(policies, ({ spec, isLeftOut }) => isLeftOut?.names ?? namespacesNamedBy(spec));
  const limits = { timeoutMs: callTimeoutMs };
  const namespaceCalls = namespaces(cluster);
  const policyCalls = networkPolicies(cluster);
  const podCalls = pods(cluster);
  const residentCalls = residents(cluster);
  const access = accessReviews(cluster);
  return {
    gate,
    caches: {
      namespace: (name) => namespaceStore.get(name),
      networkPolicies: (name) => policiesIn.get(name),
      policiesNaming: (name) => policiesNaming.get(name),
      isWalled: (name) => isWalled(policies.get(`${name}/${denyAllName}`)),
    },
    // All reviews that ask before a read begins share the read.
    readNamespace: shareNext(async (name) => {
      const raw = await namespaceCalls.get(name, limits);
      return raw === undefined ? undefined : readNamespace(raw);
    }),
    readNetworkPolicy: (namespace, name) => policyCalls.get(namespace, name, limits),
    readPod: (namespace, name) => podCalls.get(namespace, name, limits),
    anyPod: (namespace) => podCalls.any(namespace, limits),
    turns: createTurns(),
    residents: { list: (namespace, resource) => residentCalls.list(namespace, resource, limits) },
    async isAllowed({ username: user = '', uid, groups = [], extra }, { verb, resource, name }) {
      const begun = performance.now();
      const asked = (outcome: AccessAnswer) => metrics.asked(outcome, performance.now() - begun);
      try {
        const attributes = { group: permissionGroup, verb, resource, name };
        const allowed = await access.isAllowed({ user, uid, groups, extra }, attributes, limits);
        asked(allowed ? 'allowed' : 'denied');
        return allowed;
      } catch (error) {
        asked('failed');
        throw error;
      }
    },
  };
}
