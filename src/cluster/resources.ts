// The calls that the process may make, resource by resource. Its ServiceAccount is granted these
// calls and no others, and a test compares the two (test/manifests/access.test.ts). Only this file,
// dns.ts and secrets.ts create resources.
import { gatewayGroup } from '../kubernetes/exposing-kinds.ts';
import { apiPathOf, getKind, type Kind, type KindName, type WorkloadKind } from '../kubernetes/kinds.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import type { ObjectMeta, RawNamespace, RawObject } from '../kubernetes/object-meta.ts';
import type { CallLimits } from '../retry/limits.ts';
import { ApiError } from './api-error.ts';
import type { Cluster } from './connection.ts';
import { listAll } from './list.ts';
import { resource, type Served } from './resource.ts';
import { resourcePath } from './resource-path.ts';

/** The paths of the collections across namespaces, for `reflect`. */
export const namespacesPath = collectionPath('Namespace');
export const networkPoliciesPath = collectionPath('NetworkPolicy');

export function namespaces(cluster: Pick<Cluster, 'request'>) {
  const { get } = resource<RawNamespace>(cluster, getKind('Namespace'));
  return { get: (name: string, options?: CallLimits) => get({ name }, options) };
}

/**
 * networking.k8s.io/v1 NetworkPolicy. Policies are read one at a time, because a list takes forty
 * times as long.
 */
export function networkPolicies(cluster: Pick<Cluster, 'request'>) {
  const { get, apply, patch } = resource<NetworkPolicy>(cluster, getKind('NetworkPolicy'));
  return {
    get: (namespace: string, name: string, options?: CallLimits) => get({ namespace, name }, options),
    apply,
    /**
     * Removes every ownerReference if the object is still at that resourceVersion (otherwise
     * ApiError 409).
     */
    clearOwnerReferences(namespace: string, name: string, resourceVersion: string, options?: CallLimits) {
      return patch({ namespace, name }, { metadata: { resourceVersion, ownerReferences: null } }, options);
    },
    /** Sets labels, or removes them with null, whichever field manager owns them. */
    patchLabels(
      namespace: string,
      name: string,
      labels: Readonly<Record<string, string | null>>,
      options?: CallLimits,
    ) {
      return patch({ namespace, name }, { metadata: { labels } }, options);
    },
    /** Sets annotations, or removes them with null, whichever field manager owns them. */
    patchAnnotations(
      namespace: string,
      name: string,
      annotations: Readonly<Record<string, string | null>>,
      options?: CallLimits,
    ) {
      return patch({ namespace, name }, { metadata: { annotations } }, options);
    },
  };
}

/** core/v1 Pod, unchanged. */
interface RawPod {
  readonly metadata: ObjectMeta;
  readonly spec?: unknown;
}

export function pods(cluster: Pick<Cluster, 'request'>) {
  const { get } = resource<RawPod>(cluster, getKind('Pod'));
  const { list } = resource(cluster, getKind('Pod'), 'metadata');
  return {
    get: (namespace: string, name: string, options?: CallLimits) => get({ namespace, name }, options),
    /** Whether a namespace holds a Pod. */
    any: async (namespace: string, options?: CallLimits) => (await list(namespace, 1, options)).objects.length > 0,
  };
}

/** ClusterRoles, of which only the metadata is read. */
export function clusterRoles(cluster: Pick<Cluster, 'request'>) {
  const group = 'rbac.authorization.k8s.io';
  const { get } = resource(cluster, { group, version: 'v1', resource: 'clusterroles', scope: 'Cluster' }, 'metadata');
  return { get: (name: string, options?: CallLimits) => get({ name }, options) };
}

/** The workloads that control Pods or other workloads. Only their metadata is read. */
export function owners(cluster: Pick<Cluster, 'request'>) {
  return {
    get: (kind: WorkloadKind, namespace: string, name: string, options?: CallLimits) =>
      resource(cluster, getKind(kind), 'metadata').get({ namespace, name }, options),
  };
}

/**
 * client-go's page size: large enough to state a number, and small enough to read while a person
 * waits.
 */
const residentsLimit = 500;

/** A sixteenth of that. Objects that are still too large for one page are not counted. */
const fewResidents = 31;

/** The objects of one resource in a namespace: the first page, and whether it holds all of them. */
export function residents(cluster: Pick<Cluster, 'request'>) {
  return {
    async list(namespace: string, served: Pick<Kind, 'group' | 'resource'>, options?: CallLimits) {
      const { list } = resource<RawObject>(cluster, { ...served, version: 'v1', scope: 'Namespaced' });
      try {
        return await list(namespace, residentsLimit, options);
      } catch (error) {
        if (!(error instanceof ApiError) || error.reason !== 'AnswerTooLarge') throw error;
        return list(namespace, fewResidents, options);
      }
    },
    /** Passes every object on, page by page. */
    async each(
      namespace: string,
      served: Kind,
      onObject: (object: RawObject) => void,
      options: Pick<CallLimits, 'signal'> = {},
    ): Promise<void> {
      const path = resourcePath({ api: apiPathOf(served), resource: served.resource, namespace });
      const { signal } = options;
      await listAll(cluster, path, signal === undefined ? {} : { signal }, onObject);
    },
  };
}

/** What an Ingress or a route refers to, unchanged: Services, Gateways and ReferenceGrants. */
export function exposureReferences(cluster: Pick<Cluster, 'request'>) {
  const namespaced = (group: string, version: string, name: string) =>
    resource<RawObject>(cluster, { group, version, resource: name, scope: 'Namespaced' });
  const service = namespaced('', 'v1', 'services');
  const gateway = namespaced(gatewayGroup, 'v1', 'gateways');
  // Later releases of the Gateway API serve v1, all releases serve v1beta1.
  const grants = ['v1beta1', 'v1'].map((version) => namespaced(gatewayGroup, version, 'referencegrants'));
  return {
    service: (namespace: string, name: string, options?: CallLimits) => service.get({ namespace, name }, options),
    gateway: (namespace: string, name: string, options?: CallLimits) =>
      unlessNotServed(gateway.get({ namespace, name }, options)),
    /** Of a namespace; none where they are not served. `isWhole` says whether these are all. */
    async grants(namespace: string, options?: CallLimits) {
      for (const { list } of grants) {
        const found = await unlessNotServed(list(namespace, residentsLimit, options));
        if (found !== undefined) return found;
      }
      return { objects: [], isWhole: true };
    },
  };
}

/** Undefined if the API server serves no such path. Its answer is then no Status. */
async function unlessNotServed<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) return undefined;
    throw error;
  }
}

/** core/v1 ConfigMap, with the fields that Ringfence reads. */
export interface RawConfigMap {
  readonly metadata: ObjectMeta;
  readonly data?: Readonly<Record<string, string>>;
}

export interface ConfigMaps {
  get(namespace: string, name: string): Promise<RawConfigMap | undefined>;
  /** Only the resourceVersion; the data is not sent. Undefined if the ConfigMap does not exist. */
  version(namespace: string, name: string): Promise<string | undefined>;
}

export function configMaps(cluster: Pick<Cluster, 'request'>): ConfigMaps {
  const whole = resource<RawConfigMap>(cluster, configMapKind);
  const metadata = resource(cluster, configMapKind, 'metadata');
  return {
    get: (namespace, name) => whole.get({ namespace, name }),
    version: async (namespace, name) => (await metadata.get({ namespace, name }))?.metadata.resourceVersion,
  };
}

const configMapKind: Served = { group: '', version: 'v1', resource: 'configmaps', scope: 'Namespaced' };

/** core/v1 Event, unchanged. */
interface RawEvent {
  readonly metadata: ObjectMeta;
  readonly count?: unknown;
}

/**
 * Events of core/v1, whose count and message may change. In an events.k8s.io/v1 Event only `series`
 * may change, and kubectl would show the first note forever.
 */
export function events(cluster: Pick<Cluster, 'request'>) {
  const { create, tryCreate, patch } = resource<RawEvent>(cluster, {
    group: '',
    version: 'v1',
    resource: 'events',
    scope: 'Namespaced',
  });
  return {
    create,
    /** A dry run: nothing is stored. Resolves to what admission warned of. */
    async tryCreate(event: RawEvent, options?: CallLimits): Promise<readonly string[]> {
      const warnings: string[] = [];
      await tryCreate(event, (text) => void warnings.push(text), options);
      return warnings;
    },
    patch: (namespace: string, name: string, change: object, options?: CallLimits) =>
      patch({ namespace, name }, change, options),
  };
}

type WebhookConfigurationKind = 'Validating' | 'Mutating';

/**
 * admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration or MutatingWebhookConfiguration,
 * unchanged.
 */
export interface RawWebhookConfiguration {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
  readonly webhooks?: readonly unknown[];
}

export type WebhookConfigurations = ReturnType<typeof webhookConfigurations>;

export function webhookConfigurations(cluster: Pick<Cluster, 'request'>) {
  const served = { group: 'admissionregistration.k8s.io', version: 'v1', scope: 'Cluster' } as const;
  const of = {
    Validating: resource<RawWebhookConfiguration>(cluster, { ...served, resource: 'validatingwebhookconfigurations' }),
    Mutating: resource<RawWebhookConfiguration>(cluster, { ...served, resource: 'mutatingwebhookconfigurations' }),
  };
  return {
    get: (kind: WebhookConfigurationKind, name: string) => of[kind].get({ name }),
    create: (kind: WebhookConfigurationKind, configuration: RawWebhookConfiguration) => of[kind].create(configuration),
    replace: (kind: WebhookConfigurationKind, configuration: RawWebhookConfiguration) =>
      of[kind].replace(configuration),
  };
}

function collectionPath(name: KindName): string {
  const kind = getKind(name);
  return `${apiPathOf(kind)}/${kind.resource}`;
}
