import type { SecretStore, TlsSecret } from '../../src/tls/source.ts';

/** What a call can be made to do before it is carried out: throw, or let another be quicker. */
export type Before = (verb: 'get' | 'create' | 'replace') => void | Promise<void>;

/** Secrets in memory with the API server's rules: 409 for a second creation and for a stale resourceVersion, an unchanging type. */
export interface MemorySecrets extends SecretStore {
  secret: TlsSecret | undefined;
  before: Before;
  writes: number;
}

export class HttpError extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`HTTP ${code}`);
    this.code = code;
  }
}

export function memorySecrets(): MemorySecrets {
  let revision = 0;
  const stored = (secret: TlsSecret): TlsSecret => {
    revision += 1;
    store.writes += 1;
    return structuredClone({ ...secret, resourceVersion: String(revision) });
  };
  const store: MemorySecrets = {
    secret: undefined,
    before: () => undefined,
    writes: 0,
    async get() {
      await store.before('get');
      return structuredClone(store.secret);
    },
    async create(secret) {
      await store.before('create');
      if (store.secret !== undefined) throw new HttpError(409);
      store.secret = stored(secret);
    },
    async replace(secret) {
      await store.before('replace');
      if (store.secret === undefined) throw new HttpError(404);
      if (secret.resourceVersion !== store.secret.resourceVersion) throw new HttpError(409);
      if (secret.type !== store.secret.type) throw new HttpError(422);
      store.secret = stored(secret);
    },
  };
  return store;
}

/** Puts a Secret there as another writer would. */
export function plant(store: MemorySecrets, data: Readonly<Record<string, string>>): void {
  store.secret = {
    name: 'ringfence-tls',
    namespace: 'ringfence-system',
    type: store.secret?.type ?? 'kubernetes.io/tls',
    resourceVersion: `planted-${store.writes}-${Object.keys(data).length}-${Math.random()}`,
    data,
  };
}
