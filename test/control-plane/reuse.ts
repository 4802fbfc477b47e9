// One control plane for many test files, one after the other. Between two files, the store is reset
// to its first content, past the API server, which learns of it by its watches.
import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { readAuditLog } from './audit-log.ts';
import type { ControlPlane, ControlPlaneOptions } from './control-plane.ts';
import { startControlPlane } from './control-plane.ts';
import type { Change, Contents, Store } from './store.ts';
import { decodeKey, openStore } from './store.ts';

export interface SharedControlPlane {
  /**
   * Lends the control plane to a file of tests. Its audit log begins now, and its API server must
   * not be stopped.
   */
  lend(): ControlPlane;
  /**
   * Removes everything that was stored since the start. Throws if something keeps writing, or if
   * the API server does not forget in time what there was.
   */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSharedControlPlane(options: ControlPlaneOptions): Promise<SharedControlPlane> {
  const controlPlane = await startControlPlane({ ...options, auditLog: true });
  const store = openStore(controlPlane.etcdUrl);
  const first = await store.read();
  return {
    lend() {
      const offset = statSync(controlPlane.auditLog, { throwIfNoEntry: false })?.size ?? 0;
      return {
        ...controlPlane,
        auditEvents: async () => readAuditLog(controlPlane.auditLog, offset),
        stopApiServer: refuse,
        startApiServer: refuse,
        stop: refuse,
      };
    },
    async reset() {
      const { hadWebhooks } = await restore(store, first);
      if (hadWebhooks) await untilForgotten(controlPlane);
    },
    stop: () => controlPlane.stop(),
  };
}

async function refuse(): Promise<never> {
  throw new Error('this control plane is shared: `describeWithControlPlane` gives a test one of its own');
}

/**
 * The keys of the components, which they write at any time. They include the service accounts of
 * the controllers, whose tokens would otherwise be invalid.
 */
const ownKeys = [
  /^\/registry\/(leases|masterleases|peerserverleases|ranges|flowschemas|prioritylevelconfigurations|health)\//,
  /^\/registry\/(apiregistration\.k8s\.io|servicecidrs|storageversions)\//,
  /^\/registry\/(serviceaccounts|secrets)\/(kube-system|kube-public|kube-node-lease)\//,
  /^\/registry\/configmaps\/(kube-system|kube-public|kube-node-lease)\/(kube-|extension-|cluster-info$)/,
  // A controller aggregates these from other roles, and may finish after everything else is ready.
  /^\/registry\/clusterroles\/(admin|edit|view)$/,
  /^\/registry\/(serviceaccounts\/default\/default|configmaps\/default\/kube-root-ca\.crt)$/,
];

/**
 * The order of removal: first objects that judge writes, then objects that make others, then the
 * rest. Otherwise some would be created again.
 */
const order = [
  /^\/registry\/(validating|mutating)(webhookconfigurations|admissionpolic)/,
  /^\/registry\/(deployments|replicasets|statefulsets|daemonsets|cronjobs|jobs)\//,
];

/** Controllers finish their work within milliseconds. Three looks apart from each other show it. */
const looks = 3;
const lookMs = 100;
const mostLooks = 100;

const webhooks = /^\/registry\/(?:validating|mutating)webhookconfigurations\//;

/** Not the one that each installation has, which judges Ringfence's own webhook configurations. */
const policies = /^\/registry\/(?:validating|mutating)admissionpolicies\/(?!own-webhooks\.)/;

async function restore(store: Store, first: Contents): Promise<{ readonly hadWebhooks: boolean }> {
  let quiet = 0;
  let hadWebhooks = false;
  for (let look = 0; look < mostLooks; look += 1) {
    const changes = differences(first, await store.read());
    quiet = changes.length === 0 ? quiet + 1 : 0;
    if (quiet === looks) return { hadWebhooks };
    hadWebhooks ||= changes.some(({ key }) => webhooks.test(decodeKey(key)));
    // The API server goes on evaluating a policy for a while after it and its parameters are gone.
    if (changes.some(({ key }) => policies.test(decodeKey(key))))
      throw new Error('it has had admission policies, which the API server forgets at a time of its own');
    await store.change(changes);
    await delay(lookMs);
  }
  const left = differences(first, await store.read()).map(({ key }) => decodeKey(key));
  throw new Error(`the control plane does not come to rest: ${left.slice(0, 5).join(', ')}`);
}

/** Waits until the API server calls no webhook any more that has gone: its informers lag behind. */
async function untilForgotten(controlPlane: ControlPlane): Promise<void> {
  let refusal = '';
  for (let look = 0; look < mostLooks; look += 1) {
    const { exitCode, stderr } = await controlPlane.kubectl(['create', 'namespace', 'probe', '--dry-run=server']);
    if (exitCode === 0) return;
    refusal = stderr.trim();
    await delay(lookMs);
  }
  throw new Error(`the control plane still calls webhooks that have gone: ${refusal}`);
}

function differences(first: Contents, now: Contents): readonly Change[] {
  const added = [...now.keys()].filter((key) => !first.has(key)).map((key) => ({ key }));
  const changed = [...first].filter(([key, value]) => now.get(key) !== value).map(([key, value]) => ({ key, value }));
  return [...added, ...changed]
    .map((change) => ({ change, name: decodeKey(change.key) }))
    .filter(({ name }) => !ownKeys.some((own) => own.test(name)))
    .toSorted((one, other) => rank(one.name) - rank(other.name))
    .map(({ change }) => change);
}

function rank(name: string): number {
  const place = order.findIndex((pattern) => pattern.test(name));
  return place === -1 ? order.length : place;
}
