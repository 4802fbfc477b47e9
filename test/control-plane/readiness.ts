import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Endpoint {
  readonly url: string;
  readonly caFile: string;
  readonly token: string;
}

/** The interval is short, because a start takes only about four seconds. */
const pollMs = 50;

/**
 * Repeats the request until `path` answers 200, or throws the reason of `signal` when it aborts.
 */
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
