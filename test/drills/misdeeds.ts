// Wrong writes without pause: by an administrator who makes mistakes, and by a developer who wants
// no fence.
import { ApiError } from '../../src/cluster/api-error.ts';
import type { Cluster } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import { startBeat } from '../e2e/beat.ts';
import { type Manifest, namespace, namespaceLabels, networkPolicy, pod, podLabels } from '../e2e/objects.ts';

export interface Misdeeds {
  /** The number of writes that were sent and answered. */
  sent(): number;
  /** The admitted ones, a line each. */
  admitted(): readonly string[];
  /** Resolves when every write has its answer. */
  stop(): Promise<void>;
}

/**
 * The users who write. `any` may write every kind and claim every identity; `developer` has no
 * permission on fences.
 */
export interface Writers {
  readonly any: Cluster;
  readonly developer: Cluster;
}

interface Misdeed {
  readonly by: keyof Writers;
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
}

/**
 * Starts twenty writes a second in and on an existing fenced namespace. `first` is the number of
 * the first name; no name comes twice.
 */
export function startMisdeeds(writers: Writers, standing: string): Misdeeds {
  const admitted: string[] = [];
  let turn = 0;
  let sent = 0;

  async function commit(): Promise<void> {
    const list = misdeedsIn(standing, turn);
    const misdeed = list[turn % list.length];
    turn += 1;
    if (misdeed === undefined) return;
    const { by, method, path, body } = misdeed;
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : undefined;
    try {
      await writers[by].request(method, path, {
        timeoutMs: 60_000,
        ...(body === undefined ? {} : { body }),
        ...(contentType === undefined ? {} : { contentType }),
      });
      admitted.push(`${method} ${path} ${JSON.stringify(body ?? '')}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
    sent += 1;
  }

  const beat = startBeat(everyMs, commit);
  return {
    sent: () => sent,
    admitted: () => admitted,
    stop: () => beat.stop(),
  };
}

/** Twenty a second, like the other writes of the drills. */
const everyMs = 50;

function misdeedsIn(standing: string, turn: number): readonly Misdeed[] {
  const home = `${namespacesPath}/${standing}`;
  const name = `wrong-${Date.now()}-${turn}`;
  const policies = `/apis/networking.k8s.io/v1/namespaces/${standing}/networkpolicies`;
  const inHome = (manifest: Manifest): object => ({
    ...manifest,
    metadata: { ...metadataOf(manifest), namespace: standing },
  });
  const post = (path: string, body: object): Misdeed => ({ by: 'any', method: 'POST', path, body });
  return [
    post(namespacesPath, namespace(name, { ...namespaceLabels, env: 'prd' })),
    post(`${home}/pods`, inHome(pod(name, { ...podLabels, expose: 'maybe' }))),
    post(`${home}/pods`, inHome(pod(name, { env: 'prod', tier: 'api', team: 'shop' }))),
    post(`${home}/pods`, inHome(pod(name, { ...podLabels, tier: 'data' }))),
    post(`${home}/pods`, inHome(pod(name, podLabels, { hostNetwork: true }))),
    post(policies, inHome(networkPolicy(name, namespaceLabels, { ingress: [{}] }))),
    { by: 'developer', method: 'DELETE', path: `${policies}/deny-all-baseline` },
    {
      by: 'developer',
      method: 'PATCH',
      path: home,
      body: { metadata: { labels: { 'ringfence.dev/mode': 'observe' } } },
    },
    { by: 'developer', method: 'PATCH', path: home, body: { metadata: { labels: { tier: 'data' } } } },
  ];
}

function metadataOf(manifest: Manifest): object {
  return manifest['metadata'] as object;
}
