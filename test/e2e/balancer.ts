// A stand-in for a Service: one address with several replicas behind it. It works on TCP only, so
// TLS stays between the two ends.
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay, setImmediate as turnOfSockets } from 'node:timers/promises';
import { findFreePorts } from '../control-plane/ports.ts';

/**
 * A round-robin balancer on its own port. New connections go to the current targets, and open ones
 * stay where they are.
 */
export interface Balancer {
  /** `https://127.0.0.1:PORT`. It does not depend on the targets. */
  readonly url: string;
  /**
   * Adds a target by its URL. A target that refuses connections is skipped, like an endpoint that
   * is not ready, unless the balancer is blind.
   */
  add(target: string): void;
  remove(target: string): void;
  /**
   * Ends every idle connection and resolves when the clients have closed them, so that the next
   * call opens a new one. A connection with a running call stays, because data that is sent on a
   * connection while it ends is lost.
   */
  reconnect(): Promise<void>;
  /** The number of connections that each target got so far, including removed ones. */
  connections(): ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/**
 * Starts a balancer. A blind one sends connections to targets that are gone until it is told, as
 * kube-proxy does.
 */
export async function startBalancer({ isBlind = false } = {}): Promise<Balancer> {
  const targets: string[] = [];
  const given = new Map<string, number>();
  const open = new Set<Socket>();
  const joined = new Set<Connection>();
  let turn = 0;

  const server = createServer({ pauseOnConnect: true }, (client) => {
    turn += 1;
    hold(client);
    offer(client, [...targets.slice(turn % targets.length), ...targets.slice(0, turn % targets.length)]);
  });

  /**
   * Connects to the first candidate that accepts. If none is left, the connection of the client
   * ends.
   */
  function offer(client: Socket, candidates: readonly string[]): void {
    const [target, ...others] = candidates;
    if (target === undefined || client.destroyed) {
      client.destroy();
      return;
    }
    const { hostname, port } = new URL(target);
    const upstream = connect({ host: hostname, port: Number(port) });
    const pass = (): void => offer(client, isBlind ? [] : others);
    upstream.once('error', pass);
    upstream.once('connect', () => {
      upstream.off('error', pass);
      hold(upstream);
      given.set(target, (given.get(target) ?? 0) + 1);
      const connection = join(client, upstream);
      joined.add(connection);
      client.once('close', () => joined.delete(connection));
    });
  }

  function hold(socket: Socket): void {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => open.delete(socket));
  }

  const [port = 0] = await findFreePorts(1);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `https://127.0.0.1:${port}`,
    add(target) {
      targets.push(target);
    },
    remove(target) {
      const index = targets.indexOf(target);
      if (index >= 0) targets.splice(index, 1);
    },
    async reconnect() {
      await Promise.all(
        [...joined].map(async (connection) => {
          if (!(await isIdle(connection))) return;
          const { client, upstream } = connection;
          // First the client is told that the connection is over, and confirms it. Then nothing
          // more can arrive.
          const ended = new Promise((resolve) => client.once('end', resolve).once('close', resolve));
          upstream.unpipe(client);
          client.end();
          await ended;
          upstream.destroy();
        }),
      );
    },
    connections: () => given,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

interface Connection {
  readonly client: Socket;
  readonly upstream: Socket;
  /** The side whose bytes passed last, and the time in milliseconds of `performance.now()`. */
  last: { from: Socket; at: number };
}

/**
 * Passes the bytes and the end of each side to the other. A killed replica is a broken connection
 * for the API server.
 */
function join(client: Socket, upstream: Socket): Connection {
  const connection: Connection = { client, upstream, last: { from: client, at: performance.now() } };
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    from.on('data', () => (connection.last = { from, at: performance.now() }));
    from.pipe(to);
    from.once('close', () => to.destroy());
  }
  return connection;
}

/**
 * Whether no call is running: the replica sent the last bytes and nothing followed. In the middle
 * of a handshake this is also true, but not for long.
 */
async function isIdle(connection: Connection): Promise<boolean> {
  const { last, upstream } = connection;
  if (last.from !== upstream) return false;
  await delay(Math.max(0, last.at + quietMs - performance.now()));
  // Timers come before sockets in a turn of the event loop: what has arrived is seen after it.
  await turnOfSockets();
  // It may have ended meanwhile, and does not end again.
  return connection.last === last && !connection.client.destroyed;
}

const quietMs = 30;
