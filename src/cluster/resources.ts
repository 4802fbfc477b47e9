// What the process may call, resource by resource: its ServiceAccount is granted these calls and no
// others, and a test compares the two (test/manifests/access.test.ts). Only this file and
// secrets.ts make resources.
import { apiPathOf, getKind, type Kind, type KindName, type WorkloadKind } from '../kubernetes/kinds.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import type { ObjectMeta, RawObject } from '../kubernetes/object-meta.ts';
import type { CallLimits } from '../retry/limits.ts';
import type { Cluster } from './connection.ts';
import { resource, type Served } from './resource.ts';

/** The collections across namespaces, for `reflect`. */
export const namespacesPath = collectionPath('Namespace');
export const networkPoliciesPath = collectionPath('NetworkPolicy');

/** core/v1 Namespace: what Ringfence reads of it. */
interface RawNamespace {
  readonly metadata: ObjectMeta;
  readonly status?: { readonly phase?: string };
}

export function namespaces(cluster: Pick<Cluster, 'request'>) {
  const { get } = resource<RawNamespace>(cluster, getKind('Namespace'));
  return { get: (name: string, options?: CallLimits) => get({ name }, options) };
}

/** networking.k8s.io/v1 NetworkPolicy, one at a time: a list takes forty times as long. */
export function networkPolicies(cluster: Pick<Cluster, 'request'>) {
  const { get, apply, patch } = resource<NetworkPolicy>(cluster, getKind('NetworkPolicy'));
  return {
    get: (namespace: string, name: string, options?: CallLimits) => get({ namespace, name }, options),
    apply,
    /**
     * Takes every ownerReference away, if the object is still at that resourceVersion (else
     * ApiError 409).
     */
    clearOwnerReferences(namespace: string, name: string, resourceVersion: string, options?: CallLimits) {
      return patch({ namespace, name }, { metadata: { resourceVersion, ownerReferences: null } }, options);
    },
    /** Sets labels, or with null takes them away, whichever field manager owns them. */
    patchLabels(
      namespace: string,
      name: string,
      labels: Readonly<Record<string, string | null>>,
      options?: CallLimits,
    ) {
      return patch({ namespace, name }, { metadata: { labels } }, options);
    },
  };
}

/** core/v1 Pod, as it came. */
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

/** The workloads that control Pods, or what controls Pods: metadata only. */
export function owners(cluster: Pick<Cluster, 'request'>) {
  return {
    get: (kind: WorkloadKind, namespace: string, name: string, options?: CallLimits) =>
      resource(cluster, getKind(kind), 'metadata').get({ namespace, name }, options),
  };
}

/** client-go's page size: enough to say how many, few enough to be read while a person waits. */
const residentsLimit = 500;

/**
 * The objects of one resource in a namespace: the first page of them, and whether there are no
 * more.
 */
export function residents(cluster: Pick<Cluster, 'request'>) {
  return {
    list: (namespace: string, served: Pick<Kind, 'group' | 'resource'>, options?: CallLimits) =>
      resource<RawObject>(cluster, { ...served, version: 'v1', scope: 'Namespaced' }).list(
        namespace,
        residentsLimit,
        options,
      ),
  };
}

/** core/v1 ConfigMap: what Ringfence reads of it. */
export interface RawConfigMap {
  readonly metadata: ObjectMeta;
  readonly data?: Readonly<Record<string, string>>;
}

export interface ConfigMaps {
  get(namespace: string, name: string): Promise<RawConfigMap | undefined>;
  /** Its resourceVersion alone: the data is not sent. Undefined where there is none. */
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

/** core/v1 Event, as it came. */
interface RawEvent {
  readonly metadata: ObjectMeta;
  readonly count?: unknown;
}

/**
 * Events by core/v1: it has a count and a message that may change. Of an events.k8s.io/v1 Event
 * only `series` may, and kubectl shows the first note for ever.
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
 * as it came.
 */
export interface RawWebhookConfiguration {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
  readonly webhooks?: readonly unknown[];
}

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
