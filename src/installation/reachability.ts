import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { textAt } from '../kubernetes/raw-object.ts';
import { retry } from '../retry/retry.ts';
import { unknownRelease } from './precedence.ts';

/**
 * Waits until the own webhook address answers over TLS. The call is like the API server's: through
 * the Service or the load balancer, with Ringfence's authority. The webhook configurations are made
 * only after it, because a fresh install must never stop a cluster. Rejects only when aborted.
 */
export async function waitUntilReachable(
  url: string,
  caBundle: () => string,
  options: { readonly signal: AbortSignal; readonly onFailure: (reason: string) => void },
): Promise<void> {
  const { signal, onFailure } = options;
  await retry(() => ask(url, caBundle(), 5_000), {
    firstMs: 100,
    longestMs: 2_000,
    signal,
    onFailure: (error) => onFailure(error instanceof Error ? error.message : String(error)),
  });
}

/**
 * Resolves to the releases of the replicas that answer at the webhook address. Each of the eight
 * calls is a new connection, so a Service spreads them over the replicas: they miss a given one of
 * two replicas once in 256 times. A replica that does not answer in a second is left out. Never
 * rejects.
 */
export async function callRoll(url: string, caBundle: string): Promise<ReadonlySet<string>> {
  const answers = await Promise.allSettled(Array.from({ length: 8 }, () => ask(url, caBundle, 1_000)));
  return new Set(answers.flatMap((answer) => (answer.status === 'fulfilled' ? [releaseIn(answer.value)] : [])));
}

function releaseIn(body: string): string {
  try {
    return textAt(JSON.parse(body), 'release') ?? unknownRelease;
  } catch {
    return unknownRelease;
  }
}

function ask(url: string, ca: string, timeout: number): Promise<string> {
  return new Promise((resolve, reject) => {
    // Like the API server, this accepts every certificate in the bundle as an anchor of trust, be
    // it a root or not.
    const call = request(url, { ca, allowPartialTrustChain: true, agent: false, timeout }, (response) => {
      if (response.statusCode === 200) text(response).then(resolve, reject);
      else {
        response.resume();
        reject(new Error(`${url} answered ${response.statusCode}`));
      }
    });
    call.on('timeout', () => call.destroy(new Error(`${url} did not answer in ${timeout / 1000} s`)));
    call.on('error', reject);
    call.end();
  });
}
