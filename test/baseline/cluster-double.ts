import type { Config } from '../../src/config/config.ts';
import { defaultConfig } from '../../src/config/load.ts';
import type { NetworkPolicy } from '../../src/kubernetes/network-policy.ts';
import type { ObjectMeta, RawNamespace } from '../../src/kubernetes/object-meta.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import type { CallLimits } from '../../src/retry/limits.ts';
import { createObjectStore, lifecycleRefusal } from '../api-server/object-store.ts';

export const shopLabels = { env: 'prod', tier: 'web', team: 'shop', [fenceMark]: 'true' } as const;

/** The default configuration with this version. */
export function configAt(version: string): Config {
  return { ...defaultConfig({ version: '0', ownNamespace: 'ringfence-system' }), version };
}

/**
 * The ports of the baseline, with objects in memory. A namespace is removed with its content, and
 * nothing can be created in a terminating one.
 */
export function createClusterDouble() {
  const store = createObjectStore();
  const namespaces = store.all('namespaces');
  const policies = store.all('networkpolicies') as unknown as Map<string, NetworkPolicy>;
  const calls: string[] = [];
  const applied: NetworkPolicy[] = [];
  const copied = (object: object): NetworkPolicy => structuredClone(object) as NetworkPolicy;

  /**
   * Called before each call is answered, with the text of the call. It may fail, wait, or change
   * objects.
   */
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
    policy: (namespace: string, name: string) => policies.get(`${namespace}/${name}`),
    namespace: (name: string): RawNamespace | undefined => namespaces.get(name),
    setNamespace: (name: string, labels: Readonly<Record<string, string>>, more: ObjectMeta = {}): RawNamespace =>
      store.put('namespaces', name, { metadata: { name, labels, ...more } }),
    removeNamespace(name: string): void {
      store.remove('namespaces', name);
      for (const key of policies.keys()) if (key.startsWith(`${name}/`)) store.remove('networkpolicies', key);
    },
    /** Stores an object on behalf of somebody else, past every webhook. */
    setPolicy(namespace: string, name: string, spec: unknown, metadata: ObjectMeta = {}): NetworkPolicy {
      const key = `${namespace}/${name}`;
      const policy = {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { ...policies.get(key)?.metadata, name, namespace, ...metadata },
        spec,
      };
      return copied(store.put('networkpolicies', key, policy));
    },
    /** The time of the API server. A test may set another. */
    time: 0,
    now: (): number => double.time,
    /** The version of the configuration in the cluster. A test may set another. */
    configVersion: '90',
    async liveVersion(): Promise<string> {
      await answer('get version');
      return double.configVersion;
    },
    removePolicy: (namespace: string, name: string): void => store.remove('networkpolicies', `${namespace}/${name}`),
    namespaces: {
      async get(name: string, _options?: CallLimits): Promise<RawNamespace | undefined> {
        await answer(`get namespace ${name}`);
        return structuredClone(namespaces.get(name));
      },
    },
    policies: {
      async get(namespace: string, name: string, _options?: CallLimits): Promise<NetworkPolicy | undefined> {
        await answer(`get ${namespace}/${name}`);
        return structuredClone(policies.get(`${namespace}/${name}`));
      },
      async apply(policy: NetworkPolicy): Promise<NetworkPolicy> {
        const { namespace = '', name = '' } = policy.metadata;
        const key = `${namespace}/${name}`;
        await answer(`apply ${key}`);
        const parent = namespaces.get(namespace);
        const refused = lifecycleRefusal(namespace, parent);
        if (refused !== undefined && (parent === undefined || !policies.has(key))) throw refused;
        applied.push(structuredClone(policy));
        return copied(store.apply('networkpolicies', key, policy, hooks.stored));
      },
      async clearOwnerReferences(namespace: string, name: string, resourceVersion: string): Promise<NetworkPolicy> {
        const key = `${namespace}/${name}`;
        await answer(`clear ${key}`);
        return copied(store.patch('networkpolicies', key, { metadata: { resourceVersion, ownerReferences: null } }));
      },
      async patchLabels(
        namespace: string,
        name: string,
        labels: Readonly<Record<string, string | null>>,
      ): Promise<NetworkPolicy> {
        const key = `${namespace}/${name}`;
        await answer(`label ${key} ${JSON.stringify(labels)}`);
        return copied(store.patch('networkpolicies', key, { metadata: { labels } }));
      },
      async patchAnnotations(
        namespace: string,
        name: string,
        annotations: Readonly<Record<string, string | null>>,
      ): Promise<NetworkPolicy> {
        const key = `${namespace}/${name}`;
        await answer(`annotate ${key} ${JSON.stringify(annotations)}`);
        return copied(store.patch('networkpolicies', key, { metadata: { annotations } }));
      },
    },
  };
  return double;
}

/** Runs everything that waits for neither a timer nor a call. */
export async function settleMicrotasks(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}
