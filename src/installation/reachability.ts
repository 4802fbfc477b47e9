import { request } from 'node:https';
import { retry } from '../retry/retry.ts';

/**
 * Waits until our own webhook address answers over TLS, as the API server will call it: through the
 * Service or the balancer, with our authority. Only then may the webhook configurations be made: a
 * fresh install must never stop a cluster. Rejects only when aborted.
 */
export async function waitUntilReachable(
  url: string,
  caBundle: () => string,
  options: { readonly signal: AbortSignal; readonly onFailure: (reason: string) => void },
): Promise<void> {
  const { signal, onFailure } = options;
  await retry(() => ask(url, caBundle()), {
    firstMs: 100,
    longestMs: 2_000,
    signal,
    onFailure: (error) => onFailure(error instanceof Error ? error.message : String(error)),
  });
}

function ask(url: string, ca: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // As the API server's patience with a webhook: an address that answers later than that is not
    // reachable for it. And like the API server's, trust ends at whatever stands in the bundle, be
    // it a root or not.
    const call = request(url, { ca, allowPartialTrustChain: true, agent: false, timeout: 5_000 }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`${url} answered ${response.statusCode}`));
    });
    call.on('timeout', () => call.destroy(new Error(`${url} did not answer in 5 s`)));
    call.on('error', reject);
    call.end();
  });
}
