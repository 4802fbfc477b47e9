// The baseline is changed past the webhook and repaired at once. Without drift, nothing is written.
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiError } from '../../src/cluster/api-error.ts';
import { type Cluster, connect, type Method } from '../../src/cluster/connection.ts';
import type { RawObject } from '../../src/kubernetes/object-meta.ts';
import type { AuditEvent } from '../control-plane/audit-log.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { createNamespace, createPod } from './burst.ts';
import { eventually, install, ownNamespace } from './installation.ts';
import { isFullRun, tell } from './scale.ts';
import { type Change, recordWalls, type WallHistory } from './wall-history.ts';

const namespace = 'drift';
const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
const rounds = isFullRun ? 10 : 1;
/** The promise is a second. Outside the full run, a busy machine gets more. */
const promisedMs = isFullRun ? 1_000 : 10_000;
const restMs = isFullRun ? 60_000 : 5_000;

const grants = [
  ['clusterrole', 'intruder', '--verb=*', '--resource=networkpolicies.networking.k8s.io'],
  ['clusterrolebinding', 'intruder', '--clusterrole=intruder', '--user=intruder'],
];

interface Drift {
  readonly title: string;
  readonly policy: 'deny-all-baseline' | 'allow-dns-egress';
  readonly method: Method;
  /** The change concerns the object or its collection. */
  readonly target: 'object' | 'collection';
  /** A merge patch, made from the current object; undefined for a deletion. */
  readonly patch?: (current: RawObject | undefined) => object;
}

const noOne = { apiVersion: 'v1', kind: 'ConfigMap', name: 'nothing', uid: '00000000-0000-0000-0000-000000000000' };
const drifts: readonly Drift[] = [
  { title: 'the wall deleted', policy: 'deny-all-baseline', method: 'DELETE', target: 'object' },
  { title: 'the DNS rule deleted', policy: 'allow-dns-egress', method: 'DELETE', target: 'object' },
  { title: 'all deleted together', policy: 'deny-all-baseline', method: 'DELETE', target: 'collection' },
  patched('the wall emptied', 'deny-all-baseline', {
    spec: { podSelector: { matchLabels: { nobody: 'here' } }, policyTypes: ['Ingress'] },
  }),
  patched('the DNS rule emptied', 'allow-dns-egress', { spec: { egress: null } }),
  patched('the wall widened', 'deny-all-baseline', { spec: { ingress: [{}] } }),
  patched('the DNS rule widened', 'allow-dns-egress', { spec: { egress: [{}] } }),
  patched('the labels removed', 'deny-all-baseline', { metadata: { labels: null } }),
  patched('a label forged', 'deny-all-baseline', { metadata: { labels: { tier: 'data', sensitivity: 'low' } } }),
  {
    // A backup of another cluster may name such a version: above the live version of the
    // configuration, and below the object's version after the write.
    ...patched('the DNS rule opened, under a version that no configuration had', 'allow-dns-egress', {}),
    patch: (current) => ({
      metadata: { annotations: { 'ringfence.dev/config-version': current?.metadata.resourceVersion } },
      spec: { egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }] },
    }),
  },
  patched('an owner that does not exist', 'deny-all-baseline', { metadata: { ownerReferences: [noOne] } }),
];

// An intruder may edit NetworkPolicies by RBAC, but has no permission to breach a fence. The
// webhook did not see a change that succeeds.
const options = { auditLog: true, users: [{ name: 'intruder' }] };

describeWithControlPlane('the baseline', options, (controlPlane) => {
  let intruder: Cluster;
  let history: WallHistory;
  let cluster: Cluster;
  const ends: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    cluster = connect({ kubeconfig: controlPlane().adminKubeconfig });
    ends.push(() => cluster.close());
    intruder = connect({ kubeconfig: controlPlane().kubeconfigFor('intruder') });
    ends.push(() => intruder.close());
    for (const grant of grants) await controlPlane().kubectl(['create', ...grant]);
    const installation = await install(controlPlane(), 'enforce');
    ends.push(() => installation.end());
    history = await recordWalls(controlPlane().adminKubeconfig);
    ends.push(() => history.stop());
    const replica = await installation.start();
    await replica.untilReady();
    await createNamespace(cluster, namespace);
    await history.catchUp();
    await eventually('the first baseline', () => history.withoutBaseline().length === 0);
  });
  afterAll(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  it.each(drifts)('is right again: $title', async (drift) => {
    const durations: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const current = history.changesOf(namespace, drift.policy).at(-1)?.object;
      const right = essence(current);
      const before = history.changesOf(namespace, drift.policy).length;
      const isRight = (change: Change): boolean =>
        change.type !== 'DELETED' && isDeepStrictEqual(essence(change.object), right);
      const changedAt = await behindTheBack(() => intruder.request(drift.method, urlOf(drift), bodyOf(drift, current)));
      const repairedAt = await eventually(`${drift.title} to be repaired`, () => {
        const changes = history.changesOf(namespace, drift.policy).slice(before);
        const end = changes.at(-1);
        return end !== undefined && isRight(end) && !changes.every(isRight) ? end.at : undefined;
      });
      durations.push(repairedAt - changedAt);
      await eventually('every baseline', () => history.withoutBaseline().length === 0);
      await eventually('the webhooks to be back', areWebhooksThere);
    }
    tell(`${drift.title}: right again after ${durations.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    expect(Math.max(...durations)).toBeLessThan(promisedMs);
  });

  describe('at rest', () => {
    it('costs not one write', { timeout: restMs + 120_000 }, async () => {
      for (let index = 0; index < 20; index += 1) await createNamespace(cluster, `rest-${index}`);
      await history.catchUp();
      await eventually('every baseline', () => history.withoutBaseline().length === 0);
      await eventually('a service account', () => createPod(cluster, 'rest-0', 'pod').catch(() => undefined));
      const callsSince = async (since: string) =>
        (await controlPlane().auditEvents()).filter(
          ({ user, requestReceivedTimestamp }) =>
            user.username === `system:serviceaccount:${ownNamespace}:ringfence` && requestReceivedTimestamp > since,
        );
      const writesAmong = (calls: Awaited<ReturnType<typeof callsSince>>) =>
        calls.filter((call) => !isRead(call.verb) && !isQuestion(call));
      // The creation of the namespaces used permissions, which causes a few Events a second. Then
      // there is rest.
      const quietMs = 4_000;
      await eventually(
        'the last Event',
        async () => writesAmong(await callsSince(new Date(Date.now() - quietMs).toISOString())).length === 0,
        60_000,
      );
      const since = new Date().toISOString();
      await delay(restMs);
      const ours = await callsSince(since);
      const writes = writesAmong(ours);
      tell(`at rest for ${restMs / 1000} s, 21 namespaces: ${writes.length} writes, ${ours.length} reads`);
      // A few are enough for the message.
      expect(writes.slice(0, 3).map(({ verb, requestURI }) => `${verb} ${requestURI}`)).toEqual([]);
      // The process was running: it checked its webhooks.
      expect(ours.length).toBeGreaterThan(0);
    });
  });

  /**
   * Deletes both webhook configurations and makes the change at once, repeatedly, because they
   * return within a second. Resolves to the time of the successful change, in milliseconds since
   * 1970.
   */
  async function behindTheBack(change: () => Promise<unknown>): Promise<number> {
    return eventually('a moment without webhooks', async () => {
      for (const kind of ['validating', 'mutating'])
        await cluster.request('DELETE', webhooks(kind)).catch(() => undefined);
      const sentAt = Date.now();
      return change().then(
        () => sentAt,
        (error: unknown) => {
          if (error instanceof ApiError && error.message.includes('ringfence.dev')) return undefined;
          throw error;
        },
      );
    });
  }

  async function areWebhooksThere(): Promise<boolean> {
    const answers = ['validating', 'mutating'].map((kind) => cluster.request('GET', webhooks(kind)));
    return Promise.all(answers).then(
      () => true,
      () => false,
    );
  }
});

function patched(title: string, policy: Drift['policy'], patch: object): Drift {
  return { title, policy, method: 'PATCH', target: 'object', patch: () => patch };
}

function urlOf({ policy, target }: Drift): string {
  return target === 'object' ? `${path}/${policy}` : path;
}

function bodyOf({ patch }: Drift, current: RawObject | undefined): object {
  return patch === undefined ? {} : { body: patch(current), contentType: 'application/merge-patch+json' };
}

function webhooks(kind: string): string {
  return `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations/ringfence`;
}

/**
 * The parts that must be the same after the repair as before the change: spec, labels and owners.
 */
function essence(policy: RawObject | undefined): object {
  const { labels, ownerReferences, deletionTimestamp } = policy?.metadata ?? {};
  return { spec: policy?.['spec'], labels, ownerReferences, deletionTimestamp };
}

function isRead(verb: string): boolean {
  return ['get', 'list', 'watch'].includes(verb);
}

/** Reviews of access, and the Event that proves reach, are created but not stored. */
function isQuestion({ objectRef, requestURI }: Pick<AuditEvent, 'objectRef' | 'requestURI'>): boolean {
  const resource = objectRef?.resource;
  if (resource === 'events') return objectRef?.namespace === ownNamespace && /[?&]dryRun=All(?:&|$)/.test(requestURI);
  return resource === 'selfsubjectreviews' || resource === 'subjectaccessreviews';
}
