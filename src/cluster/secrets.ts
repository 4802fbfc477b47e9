import type { ObjectMeta, OwnerReference } from '../kubernetes/object-meta.ts';
import type { Cluster } from './connection.ts';
import { resource } from './resource.ts';

/** core/v1 Secret with its data as UTF-8 text. */
export interface SecretText {
  readonly name: string;
  readonly namespace: string;
  /**
   * The version of the object that was read. A replacement fails with 409 if the object has changed
   * since.
   */
  readonly resourceVersion?: string;
  /** Kept when the object is replaced. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly data: Readonly<Record<string, string>>;
  readonly type: string;
}

export interface Secrets {
  get(namespace: string, name: string): Promise<SecretText | undefined>;
  /** Throws an ApiError 409 AlreadyExists if another replica was first. */
  create(secret: SecretText): Promise<SecretText>;
  /**
   * Throws an ApiError 409 Conflict if the object changed since `resourceVersion`, and 404 if it is
   * gone.
   */
  replace(secret: SecretText): Promise<SecretText>;
}

export function secrets(cluster: Pick<Cluster, 'request'>): Secrets {
  const raw = resource<RawSecret>(cluster, { group: '', version: 'v1', resource: 'secrets', scope: 'Namespaced' });
  return {
    async get(namespace, name) {
      const found = await raw.get({ namespace, name });
      return found === undefined ? undefined : decoded(found);
    },
    async create(secret) {
      const { resourceVersion: _, ...fresh } = secret;
      return decoded(await raw.create(encoded(fresh)));
    },
    async replace(secret) {
      return decoded(await raw.replace(encoded(secret)));
    },
  };
}

interface RawSecret {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>> | null;
}

function decoded({ metadata, type, data }: RawSecret): SecretText {
  return {
    name: metadata.name ?? '',
    namespace: metadata.namespace ?? '',
    type: type ?? 'Opaque',
    ...(metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
    ...(metadata.labels === undefined ? {} : { labels: metadata.labels }),
    ...(metadata.annotations === undefined ? {} : { annotations: metadata.annotations }),
    ...(metadata.ownerReferences === undefined ? {} : { ownerReferences: metadata.ownerReferences }),
    data: mapValues(data ?? {}, (value) => Buffer.from(value, 'base64').toString('utf8')),
  };
}

function encoded({ type, data, ...metadata }: SecretText): RawSecret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    type,
    data: mapValues(data, (value) => Buffer.from(value, 'utf8').toString('base64')),
  };
}

function mapValues(
  record: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
