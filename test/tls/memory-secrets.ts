import type { SecretStore, TlsSecret } from '../../src/tls/source.ts';
import { createObjectStore, refusal, type StoredObject } from '../api-server/object-store.ts';

/** A hook that runs before a call, to throw or to let another writer be faster. */
export type Before = (verb: 'get' | 'create' | 'replace') => void | Promise<void>;

/** One Secret in memory. Its type never changes (core/v1 validation). */
export interface MemorySecrets extends SecretStore {
  secret: TlsSecret | undefined;
  before: Before;
  writes: number;
}

const key = 'ringfence-system/ringfence-tls';

export function memorySecrets(): MemorySecrets {
  const objects = createObjectStore();
  const secrets: MemorySecrets = {
    get secret() {
      const found = objects.all('secrets').get(key);
      return found === undefined ? undefined : decoded(found);
    },
    set secret(secret) {
      if (secret === undefined) objects.remove('secrets', key);
      else objects.put('secrets', key, encoded(secret));
    },
    before: () => undefined,
    writes: 0,
    async get() {
      await secrets.before('get');
      return structuredClone(secrets.secret);
    },
    async create(secret) {
      await secrets.before('create');
      objects.create('secrets', key, encoded(secret));
      secrets.writes += 1;
    },
    async replace(secret) {
      await secrets.before('replace');
      if (objects.get('secrets', key)['type'] !== secret.type) throw refusal(422, 'Invalid', 'field is immutable');
      objects.replace('secrets', key, encoded(secret));
      secrets.writes += 1;
    },
  };
  return secrets;
}

/** Stores a Secret as another writer would. */
export function plant(secrets: MemorySecrets, data: Readonly<Record<string, string>>): void {
  const type = secrets.secret?.type ?? 'kubernetes.io/tls';
  secrets.secret = { name: 'ringfence-tls', namespace: 'ringfence-system', type, data };
}

function encoded({ type, data, ...metadata }: TlsSecret) {
  return structuredClone({ metadata, type, data });
}

function decoded({ metadata, ...rest }: StoredObject): TlsSecret {
  const { name = '', namespace = '', resourceVersion, ownerReferences } = metadata;
  return { name, namespace, resourceVersion, ownerReferences, ...rest } as TlsSecret;
}
