// The stored objects, past the API server, by etcd's JSON gateway
// (etcd.io/docs/v3.6/dev-guide/api_grpc_gateway).

/**
 * The raw objects by their keys, such as `/registry/namespaces/default`. Both are in base64, as
 * etcd sends them.
 */
export type Contents = ReadonlyMap<string, string>;

export interface Store {
  read(): Promise<Contents>;
  /** Writes and removes keys in the given order, in transactions of at most 100. */
  change(changes: readonly Change[]): Promise<void>;
}

/** A key in base64 with its new value; without a value, the key is removed. */
export interface Change {
  readonly key: string;
  readonly value?: string;
}

/** etcd allows 128 operations in one transaction (`--max-txn-ops`). */
const mostChanges = 100;

export function openStore(url: string): Store {
  async function ask<T>(path: string, body: unknown): Promise<T> {
    const answer = await fetch(`${url}/v3/kv/${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`etcd answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  return {
    async read() {
      // A range excludes its second key. "0" comes after "/".
      const range = { key: encodeKey('/registry/'), range_end: encodeKey('/registry0') };
      const { kvs = [] } = await ask<{ kvs?: readonly { key: string; value?: string }[] }>('range', range);
      return new Map(kvs.map(({ key, value = '' }) => [key, value]));
    },
    async change(changes) {
      for (let from = 0; from < changes.length; from += mostChanges) {
        const success = changes
          .slice(from, from + mostChanges)
          .map(({ key, value }) =>
            value === undefined ? { request_delete_range: { key } } : { request_put: { key, value } },
          );
        await ask('txn', { success });
      }
    },
  };
}

export function encodeKey(text: string): string {
  return Buffer.from(text).toString('base64');
}

export function decodeKey(key: string): string {
  return Buffer.from(key, 'base64').toString('utf8');
}
