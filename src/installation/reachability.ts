import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { textAt } from '../kubernetes/raw-object.ts';
import { retry } from '../retry/retry.ts';
import { unknownRelease } from './precedence.ts';

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
  await retry(() => ask(url, caBundle(), 5_000), {
    firstMs: 100,
    longestMs: 2_000,
    signal,
    onFailure: (error) => onFailure(error instanceof Error ? error.message : String(error)),
  });
}

/**
 * The releases of the replicas that answer at our webhook address. Each call is a new connection,
 * so a Service spreads them: eight miss one of two replicas once in 256 times. What does not answer
 * in a second is left out. Never rejects.
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
    // As the API server's patience with a webhook: an address that answers later than that is not
    // reachable for it. And like the API server's, trust ends at whatever stands in the bundle, be
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
