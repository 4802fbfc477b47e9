import type { CachedNamespace } from '../admission/kept-namespaces.ts';
import { namespacesNamedBy } from '../admission/named-namespaces.ts';
import type { ValidatePorts } from '../admission/ports.ts';
import { createTurns } from '../admission/turns.ts';
import type { Gate } from '../baseline/gate.ts';
import { denyAllName } from '../baseline/names.ts';
import { readNamespace } from '../baseline/namespace.ts';
import { shareNext } from '../baseline/shared-read.ts';
import { asOf } from '../baseline/trial.ts';
import { type CachedPolicy, isWalled } from '../baseline/wall.ts';
import { groupObjects } from '../cluster/grouping.ts';
import type { Reflector } from '../cluster/reflector.ts';
import { namespaces, networkPolicies, pods, residents } from '../cluster/resources.ts';
import { type AccessAttributes, type AccessUser, accessReviews } from '../cluster/reviews.ts';
import type { Kind } from '../kubernetes/kinds.ts';
import { permissionGroup } from '../policy/permissions.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Connections } from './connections.ts';
import { exposurePorts } from './exposure-ports.ts';
import type { AccessAnswer } from './vocabulary.ts';

/** The sources of facts: the connections, the caches and the gate. */
export interface ReviewSources {
  readonly connections: Pick<Connections, 'reviews' | 'lists' | 'now'>;
  readonly namespaces: Reflector<CachedNamespace>;
  readonly policies: Reflector<CachedPolicy>;
  readonly gate: Gate;
  readonly metrics: Pick<Metrics, 'asked'>;
}

/** One SubjectAccessReview. */
interface Question {
  readonly user: AccessUser;
  readonly attributes: AccessAttributes;
}

/**
 * A live read or SubjectAccessReview that takes longer counts as failed, because the timeout of the
 * webhook is 5 s.
 */
const callTimeoutMs = 2_000;
/** How long a review waits for a call of others, before it makes its own. */
const patienceMs = 1_000;

/**
 * Returns the facts that reviews need, from the caches and by live calls. Call it before the
 * reflectors start, because it groups the objects that they report.
 */
export function reviewPorts({
  connections: { reviews, lists, now },
  namespaces: namespaceStore,
  policies,
  gate,
  metrics,
}: ReviewSources): ValidatePorts {
  const policiesIn = groupObjects(policies, ({ metadata }) => [metadata.namespace ?? '']);
  const policiesNaming = groupObjects(policies, ({ spec, isLeftOut }) => isLeftOut?.names ?? namespacesNamedBy(spec));
  const limits = { timeoutMs: callTimeoutMs };
  const namespaceCalls = namespaces(reviews);
  const policyCalls = networkPolicies(reviews);
  const podCalls = pods(reviews);
  const residentCalls = residents(lists);
  const access = accessReviews(reviews);
  // Reviews share a read, list or question if they ask for the same before it begins.
  const list = shareNext(
    ({ namespace, resource }: { readonly namespace: string; readonly resource: Kind }) =>
      residentCalls.list(namespace, resource, limits),
    ({ namespace, resource: { group, resource } }) => JSON.stringify([namespace, group, resource]),
    patienceMs,
  );
  const ask = shareNext(
    async ({ user, attributes }: Question) => {
      const begun = performance.now();
      const asked = (outcome: AccessAnswer) => metrics.asked(outcome, performance.now() - begun);
      try {
        const allowed = await access.isAllowed(user, attributes, limits);
        asked(allowed ? 'allowed' : 'denied');
        return allowed;
      } catch (error) {
        asked('failed');
        throw error;
      }
    },
    JSON.stringify,
    patienceMs,
  );
  return {
    gate,
    caches: {
      namespace(name) {
        const namespace = namespaceStore.get(name);
        return namespace && asOf(namespace, now());
      },
      networkPolicies: (name) => policiesIn.get(name),
      policiesNaming: (name) => policiesNaming.get(name),
      isWalled: (name) => isWalled(policies.get(`${name}/${denyAllName}`)),
    },
    readNamespace: shareNext(
      async (name) => {
        const raw = await namespaceCalls.get(name, limits);
        return raw === undefined ? undefined : asOf(readNamespace(raw), now());
      },
      String,
      patienceMs,
    ),
    readNetworkPolicy: (namespace, name) => policyCalls.get(namespace, name, limits),
    readPod: (namespace, name) => podCalls.get(namespace, name, limits),
    anyPod: (namespace) => podCalls.any(namespace, limits),
    turns: createTurns(),
    now,
    exposure: exposurePorts({ reviews, lists }, limits),
    residents: { list: (namespace, resource) => list({ namespace, resource }) },
    isAllowed: ({ username: user = '', uid, groups = [], extra }, { verb, resource, name }) =>
      ask({ user: { user, uid, groups, extra }, attributes: { group: permissionGroup, verb, resource, name } }),
  };
}
