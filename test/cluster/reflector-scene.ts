import { expect, onTestFinished } from 'vitest';
import { connect } from '../../src/cluster/connection.ts';
import { type Reflector, type ReflectorOptions, reflect } from '../../src/cluster/reflector.ts';
import { waitFor } from '../waiting.ts';
import { serveCollection, type WatchServer } from './watch-server.ts';

type Labels = Readonly<Record<string, string>>;
type Change = readonly [key: string, current: Labels | undefined, previous: Labels | undefined];

export interface Scene {
  readonly server: WatchServer;
  readonly reflector: Reflector<Labels>;
  readonly changes: Change[];
  readonly logged: string[];
  readonly stop: AbortController;
}

/** A collection of two objects, and a reflector that has not started. */
export async function scene(options: Partial<ReflectorOptions<Labels>> = {}): Promise<Scene> {
  const server = await serveCollection();
  server.put('a', 'uid-a', { tier: 'web' });
  server.put('b', 'uid-b', { tier: 'api' });
  const cluster = connect({ kubeconfig: server.kubeconfig });
  const changes: Change[] = [];
  const logged: string[] = [];
  const log = (fields: object, message: string): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  const reflector = reflect<Labels>({
    cluster,
    path: '/apis/x/v1/things',
    project: (raw) => raw.metadata.labels ?? {},
    log: { info: log, warn: log, error: log },
    pauseMs: { first: 5, longest: 20 },
    ...options,
  });
  reflector.onChange((...change) => changes.push(change));
  const stop = new AbortController();
  onTestFinished(async () => {
    stop.abort();
    await cluster.close();
  });
  return { server, reflector, changes, logged, stop };
}

/** The same, started and watching, with its first changes cleared. */
export async function started(options: Partial<ReflectorOptions<Labels>> = {}): Promise<Scene> {
  const all = await scene(options);
  await all.reflector.start(all.stop.signal);
  await waitFor(() => expect(all.server.watches()).toHaveLength(1));
  all.changes.length = 0;
  return all;
}
