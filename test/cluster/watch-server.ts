import type { ServerResponse } from 'node:http';
import { createObjectStore, pageOf } from '../api-server/object-store.ts';
import { type FaultServer, refuse, serveFaults } from './fault-server.ts';

/** A collection that lists and watches as the API server does, until told to fail. */
export interface WatchServer extends FaultServer {
  /** Creates or changes an object and sends the event to the watchers. */
  put(name: string, uid: string, labels?: Record<string, string>): void;
  remove(name: string): void;
  /** Sends raw text to every watcher. */
  say(text: string): void;
  /** Ends every watch cleanly. */
  endWatches(): void;
  /** Answers the next list or watch in place of the collection, as long as it returns true. */
  fail: {
    list?: ((response: ServerResponse) => boolean) | undefined;
    watch?: ((response: ServerResponse) => boolean) | undefined;
  };
  readonly lists: () => number;
  /** How many watches are open. */
  readonly watchers: () => number;
  /** The resourceVersion at which each watch began. */
  readonly watches: () => readonly string[];
}

export async function serveCollection(): Promise<WatchServer> {
  const watchers = new Set<ServerResponse>();
  const history: { version: number; line: string }[] = [];
  const fail: WatchServer['fail'] = {};
  const store = createObjectStore(({ type, object }) => {
    const line = `${JSON.stringify({ type, object })}\n`;
    history.push({ version: Number(object.metadata.resourceVersion), line });
    for (const watcher of watchers) watcher.write(line);
  }, 1);

  const server = await serveFaults((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost');
    if (searchParams.get('watch') === 'true') {
      if (fail.watch?.(response) === true) return;
      response.flushHeaders();
      const from = Number(searchParams.get('resourceVersion'));
      for (const event of history) if (event.version > from) response.write(event.line);
      watchers.add(response);
      response.on('close', () => watchers.delete(response));
      return;
    }
    if (fail.list?.(response) === true) return;
    const start = Number(searchParams.get('continue') ?? 0);
    const { items, ...more } = pageOf([...store.all('things').values()], start, Number(searchParams.get('limit')));
    const metadata = { resourceVersion: String(store.version()), ...more };
    response.end(JSON.stringify({ kind: 'ThingList', metadata, items }));
  });

  return {
    ...server,
    fail,
    put(name, uid, labels = {}) {
      store.put('things', name, { metadata: { namespace: 'shop', name, uid, labels } });
    },
    remove(name) {
      store.remove('things', name);
    },
    say(text) {
      for (const watcher of watchers) watcher.write(text);
    },
    endWatches() {
      for (const watcher of watchers) watcher.end();
      watchers.clear();
    },
    watchers: () => watchers.size,
    lists: () => server.requests.filter((request) => !request.includes('watch=true')).length,
    watches: () =>
      server.requests
        .filter((request) => request.includes('watch=true'))
        .map(
          (request) =>
            new URL(request.split(' ')[1] ?? '', 'http://localhost').searchParams.get('resourceVersion') ?? '',
        ),
  };
}

/** Answers with a Status, this many times. */
export function refusing(times: number, code: number, reason: string): (response: ServerResponse) => boolean {
  let left = times;
  return (response) => {
    left -= 1;
    if (left < 0) return false;
    refuse(response, code, reason);
    return true;
  };
}
