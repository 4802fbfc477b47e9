import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Endpoint {
  readonly url: string;
  readonly caFile: string;
  readonly token: string;
}

/** Short, because a start takes about four seconds in all. */
const pollMs = 50;

/** Asks until `path` answers 200 or `signal` aborts (then throws its reason). */
export async function waitForAnswer(endpoint: Endpoint, path: string, signal: AbortSignal): Promise<void> {
  while ((await readStatus(endpoint, path, signal)) !== 200) {
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }
}

async function readStatus(endpoint: Endpoint, path: string, signal: AbortSignal): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const ca = readIfThere(endpoint.caFile);
  // The API server makes its certificate on its first start.
  if (ca === undefined) return 0;
  const headers = { authorization: `Bearer ${endpoint.token}` };
  const call = request(`${endpoint.url}${path}`, { ca, headers, signal, agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  call.once('error', () => resolve(0));
  call.end();
  return promise;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
