import type { RawNamespace } from '../../src/baseline/ports.ts';
import type { Config } from '../../src/config/config.ts';
import { defaultConfig } from '../../src/config/load.ts';
import type { NetworkPolicy, NetworkPolicySpec } from '../../src/kubernetes/network-policy.ts';
import type { ObjectMeta } from '../../src/kubernetes/object-meta.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import type { CallLimits } from '../../src/retry/limits.ts';

export const shopLabels = { env: 'prod', tier: 'web', team: 'shop', [fenceMark]: 'true' } as const;

/** The defaults, at some version. */
export function configAt(version: string): Config {
  return { ...defaultConfig({ version: '0', ownNamespace: 'ringfence-system' }), version };
}

/** An error as the cluster's adapters throw it. */
export function apiError(code: number, message = `answered ${code}`): Error {
  return Object.assign(new Error(message), { code, reason: '' });
}

/**
 * A small API server in memory: one resourceVersion for all, uids, deletion of a namespace with what is in it, server-side apply that owns the
 * labels it sent and takes them away when they are sent no more, merge patches with a precondition.
 */
export function createClusterDouble() {
  const stored = { namespaces: new Map<string, RawNamespace>(), policies: new Map<string, NetworkPolicy>() };
  const appliedLabels = new Map<string, readonly string[]>();
  const calls: string[] = [];
  const applied: NetworkPolicy[] = [];
  let resourceVersion = 100;
  const next = () => String(++resourceVersion);

  function store(key: string, { metadata, ...rest }: NetworkPolicy): NetworkPolicy {
    const previous = stored.policies.get(key)?.metadata;
    const uid = previous?.uid ?? `uid-${next()}`;
    const kept: NetworkPolicy = { ...rest, metadata: { ...metadata, uid, resourceVersion: next() } };
    stored.policies.set(key, structuredClone(kept));
    return structuredClone(kept);
  }

  function existing(key: string): NetworkPolicy {
    const found = stored.policies.get(key);
    if (found === undefined) throw apiError(404, `networkpolicies ${key} not found`);
    return found;
  }

  /** Runs before each call is answered, with the call's text: to fail, to wait, or to change the world meanwhile. */
  const hooks: { before: (call: string) => Promise<void> | void; stored: (policy: NetworkPolicy) => NetworkPolicy } = {
    before: () => undefined,
    stored: (policy) => policy,
  };
  async function answer(call: string): Promise<void> {
    calls.push(call);
    await hooks.before(call);
  }

  const double = {
    calls,
    applied,
    hooks,
    writes: () => calls.filter((call) => !call.startsWith('get ')),
    policy: (namespace: string, name: string) => stored.policies.get(`${namespace}/${name}`),
    namespace: (name: string) => stored.namespaces.get(name),
    setNamespace(name: string, labels: Readonly<Record<string, string>>, more: Partial<ObjectMeta> = {}): RawNamespace {
      const uid = stored.namespaces.get(name)?.metadata.uid ?? `uid-${next()}`;
      const raw = { metadata: { name, uid, labels, resourceVersion: next(), ...more } };
      stored.namespaces.set(name, raw);
      return raw;
    },
    removeNamespace(name: string): void {
      stored.namespaces.delete(name);
      for (const key of stored.policies.keys()) if (key.startsWith(`${name}/`)) stored.policies.delete(key);
    },
    /** Stores an object as someone else, past every webhook. */
    setPolicy(namespace: string, name: string, spec: unknown, metadata: ObjectMeta = {}): NetworkPolicy {
      const key = `${namespace}/${name}`;
      const { resourceVersion: _own, ...previous } = stored.policies.get(key)?.metadata ?? {};
      return store(key, {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { ...previous, name, namespace, ...metadata },
        spec: spec as NetworkPolicySpec,
      });
    },
    /** As the cluster has it; a test may set another. */
    configVersion: '90',
    async liveVersion(): Promise<string> {
      await answer('get version');
      return double.configVersion;
    },
    removePolicy(namespace: string, name: string): void {
      stored.policies.delete(`${namespace}/${name}`);
    },
    namespaces: {
      async get(name: string, _options?: CallLimits): Promise<RawNamespace | undefined> {
        await answer(`get namespace ${name}`);
        return structuredClone(stored.namespaces.get(name));
      },
    },
    policies: {
      async get(namespace: string, name: string, _options?: CallLimits): Promise<NetworkPolicy | undefined> {
        await answer(`get ${namespace}/${name}`);
        return structuredClone(stored.policies.get(`${namespace}/${name}`));
      },
      async apply(policy: NetworkPolicy): Promise<NetworkPolicy> {
        const { namespace = '', name = '' } = policy.metadata;
        const key = `${namespace}/${name}`;
        await answer(`apply ${key}`);
        const parent = stored.namespaces.get(namespace);
        if (parent === undefined) throw apiError(404, `namespaces "${namespace}" not found`);
        const previous = stored.policies.get(key);
        if (previous === undefined && parent.metadata.deletionTimestamp !== undefined)
          throw apiError(403, `unable to create new content in namespace ${namespace} because it is being terminated`);
        applied.push(structuredClone(policy));
        const labels: Record<string, string> = { ...previous?.metadata.labels };
        for (const owned of appliedLabels.get(key) ?? []) delete labels[owned];
        Object.assign(labels, policy.metadata.labels);
        appliedLabels.set(key, Object.keys(policy.metadata.labels ?? {}));
        const annotations = { ...previous?.metadata.annotations, ...policy.metadata.annotations };
        // Fields that the apply does not name stay: others own them.
        const spec = { ...previous?.spec, ...policy.spec };
        return store(
          key,
          hooks.stored({
            ...policy,
            metadata: { ...previous?.metadata, ...policy.metadata, labels, annotations },
            spec,
          }),
        );
      },
      async clearOwnerReferences(namespace: string, name: string, version: string): Promise<NetworkPolicy> {
        const key = `${namespace}/${name}`;
        await answer(`clear ${key}`);
        const found = existing(key);
        if (found.metadata.resourceVersion !== version) throw apiError(409);
        const { ownerReferences: _cleared, ...metadata } = found.metadata;
        return store(key, { ...found, metadata });
      },
      async patchLabels(
        namespace: string,
        name: string,
        changes: Readonly<Record<string, string | null>>,
      ): Promise<NetworkPolicy> {
        const key = `${namespace}/${name}`;
        await answer(`label ${key} ${JSON.stringify(changes)}`);
        const found = existing(key);
        const labels: Record<string, string> = { ...found.metadata.labels };
        for (const [label, value] of Object.entries(changes)) {
          if (value === null) delete labels[label];
          else labels[label] = value;
        }
        return store(key, { ...found, metadata: { ...found.metadata, labels } });
      },
    },
  };
  return double;
}

/** Lets everything run that waits for no timer and no call. */
export async function settleMicrotasks(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}
