// A cluster with Ringfence in it, in memory, and the ports of a person who works on it.
import { objects } from '../../src/cluster/objects.ts';
import { ownAccess } from '../../src/cluster/reviews.ts';
import { defaultConfig } from '../../src/config/load.ts';
import type { Cuts } from '../../src/fencing/cuts.ts';
import type { FencePorts } from '../../src/fencing/fence.ts';
import { baselineManifest } from '../../src/fencing/manifest.ts';
import type { Intent } from '../../src/fencing/ports.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import { paths } from '../api-server/address.ts';
import { createMemoryApi, type MemoryApi } from '../api-server/memory-api.ts';

export const config = defaultConfig({ version: '7', ownNamespace: 'ringfence-system' });
export const labels = { env: 'prod', tier: 'web', team: 'shop' } as const;
export const marked = { ...labels, [fenceMark]: 'true' } as const;
export const wall = 'deny-all-baseline';
export const dns = 'allow-dns-egress';

/** Who manages what, as the API server writes it down. */
export function managedBy(...managers: readonly string[]): readonly object[] {
  return managers.map((manager) => ({
    manager,
    operation: 'Apply',
    fieldsV1: {
      'f:metadata': {
        'f:labels': { 'f:app.kubernetes.io/managed-by': {} },
        'f:annotations': { 'f:ringfence.dev/config-version': {} },
      },
      'f:spec': { 'f:podSelector': {}, 'f:policyTypes': {} },
    },
  }));
}

/** The time of the API server when a scene opens. */
export const serverTime = Date.parse('2026-03-01T12:00:00Z');

export function openScene(options: { readonly pageSize?: number } = {}) {
  const api = createMemoryApi(options);
  const lines: string[] = [];
  const intents: Intent[] = [];
  let elapsed = 0;
  const person = { says: true };
  /** What happens while a command sleeps. */
  const meanwhile = { sleep: (_elapsed: number): void => undefined };
  const kept: (readonly object[])[] = [];
  /** What the plan says. It may throw. */
  const plan = {
    cuts: (): Cuts => ({
      flows: [],
      unseen: [],
      forbidden: [],
      stillOpen: [],
      undecided: [],
      notes: ['from what the cluster declares; --observed FILE reads flow logs too'],
    }),
  };
  /** What flow logs say during a trial, if they are followed. */
  const logs: { follow?: FencePorts['follow'] } = {};
  const ports: FencePorts = {
    get follow() {
      return logs.follow;
    },
    objects: objects(api.cluster),
    isAllowed: ownAccess(api.cluster).isAllowed,
    clock: {
      uptime: () => elapsed,
      async sleep(ms) {
        elapsed += ms;
        meanwhile.sleep(elapsed);
      },
    },
    progress: (line) => void lines.push(line),
    async confirm(intent) {
      intents.push(intent);
      return person.says;
    },
    keep: async (objects) => void kept.push(objects),
    now: () => serverTime + elapsed,
    cuts: async () => plan.cuts(),
  };
  return { api, plan, logs, ports, lines, intents, kept, person, meanwhile, elapsed: () => elapsed };
}

export type FencingScene = ReturnType<typeof openScene>;

/** Ringfence as its manifests install it. */
export function installRingfence(api: MemoryApi): void {
  const own = { 'app.kubernetes.io/part-of': 'ringfence' };
  api.put(paths.namespace('ringfence-system'), { metadata: { labels: own } });
  for (const name of ['ringfence', 'ringfence-webhooks']) {
    api.put(paths.clusterRole(name), { metadata: { labels: own } });
    api.put(paths.clusterRoleBinding(name), { metadata: { labels: own }, roleRef: { name } });
  }
  for (const kind of ['validating', 'mutating'] as const) api.put(paths.webhooks(kind), {});
  for (const kind of ['validatingadmissionpolicies', 'validatingadmissionpolicybindings'])
    api.put(paths.admission(kind, 'own-webhooks.ringfence.dev'), { metadata: { labels: own } });
}

/**
 * Both objects of a namespace's baseline as the process makes them, or as others do who hold the
 * same in Git.
 */
export function makeBaseline(api: MemoryApi, namespace: string, ...managers: readonly string[]): void {
  const identity = new Map<string, string>(Object.entries(labels));
  for (const policy of baselineManifest({ name: namespace, labels: identity }, config, { emptyLists: true }))
    putPolicy(api, namespace, policy.metadata.name ?? '', managers.length === 0 ? ['ringfence'] : managers);
}

export function putPolicy(api: MemoryApi, namespace: string, name: string, managers: readonly string[]): void {
  const identity = new Map<string, string>(Object.entries(labels));
  const desired = baselineManifest({ name: namespace, labels: identity }, config, { emptyLists: true }).find(
    (one) => one.metadata.name === name,
  );
  const isOurs = managers.includes('ringfence');
  api.put(paths.policy(namespace, name), {
    spec: desired?.spec,
    metadata: {
      labels: { ...labels, ...(isOurs ? { 'app.kubernetes.io/managed-by': 'ringfence' } : {}) },
      ...(isOurs ? { annotations: { 'ringfence.dev/config-version': '7' } } : {}),
      managedFields: managedBy(...managers),
    },
  });
}
