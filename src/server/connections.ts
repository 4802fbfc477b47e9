import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { Limits } from './limits.ts';

/**
 * The open connections of a server. Their number is limited, and a connection without progress is
 * closed.
 */
export interface Connections {
  /** A request has begun on this connection. */
  begun(socket: Socket): void;
  /** A whole review has arrived on this connection. It is not closed until {@link judged}. */
  judging(socket: Socket): void;
  judged(socket: Socket): void;
  /**
   * To call when the server ends. It resolves when Node may close the connections whose last
   * request is answered. Node would wait for those without a request, and for a request that never
   * becomes whole, so these are closed here: the API server opens more connections than it needs,
   * and keeps each for 90 s.
   */
  ending(): Promise<void>;
}

interface Connection {
  /** The TCP socket until the handshake is done, and then the TLS socket over it. */
  socket: Socket;
  /** Whether its review is being judged. */
  isBusy: boolean;
  /**
   * How many reviews had come on all connections before its last one. Undefined if it has brought
   * none.
   */
  served: number | undefined;
  /** The tick of the clock at which it was last active. */
  usedAt: number;
  /**
   * When it was opened, its last request began or was judged, in milliseconds of
   * `performance.now()`.
   */
  activeAt: number;
  hasBegun: boolean;
}

/**
 * A connection is stored on its socket, because a WeakMap lookup at each request costs more than
 * everything else here.
 */
const kept = Symbol('connection');
const latest = Symbol('latest response');

interface KeptSocket extends Socket {
  [kept]?: Connection;
  [latest]?: ServerResponse;
}

/**
 * Limits the number of connections. When there is one too many, the least useful connection is
 * closed. Connections that have brought no review yet go first, the oldest first; then the one
 * whose last review is longest ago. A connection whose review is being judged stays. If all are
 * being judged, the newcomer is closed. So neither thousands of idle connections nor thousands of
 * slow ones keep the API server out.
 */
export function limitConnections(
  server: Server,
  { connections: limit, idleMs, receiveMs }: Pick<Limits, 'connections' | 'idleMs' | 'receiveMs'>,
): Connections {
  // In the order in which they arrived.
  const open = new Set<Connection>();
  // Only the addresses tell which TCP socket is below a TLS socket.
  const shaking = new Map<string, Connection>();
  let reviews = 0;
  let tick = 0;
  // One clock for all sockets, because timers of the sockets would be set twice at each request.
  const clock = setInterval(sweep, idleMs / ticksOfIdle).unref();
  server.once('close', () => clearInterval(clock));

  function sweep(): void {
    tick += 1;
    for (const { socket, isBusy, usedAt } of open) if (!isBusy && tick - usedAt > ticksOfIdle) socket.destroy();
  }

  server.on('connection', (socket: KeptSocket) => {
    const key = keyOf(socket);
    const connection: Connection = {
      socket,
      isBusy: false,
      served: undefined,
      usedAt: tick,
      activeAt: performance.now(),
      hasBegun: false,
    };
    if (open.size >= limit) {
      const victim = leastUseful(open);
      (victim ?? connection).socket.destroy();
      if (victim === undefined) return;
      open.delete(victim);
    }
    socket[kept] = connection;
    open.add(connection);
    shaking.set(key, connection);
    socket.once('close', () => {
      open.delete(connection);
      // Another client may have the address by now.
      if (shaking.get(key) === connection) shaking.delete(key);
    });
  });
  server.on('secureConnection', (socket: KeptSocket) => {
    const key = keyOf(socket);
    const connection = shaking.get(key);
    if (connection === undefined) return;
    shaking.delete(key);
    connection.socket = socket;
    socket[kept] = connection;
  });

  return {
    begun(socket: KeptSocket) {
      const connection = socket[kept];
      if (connection === undefined) return;
      connection.usedAt = tick;
      connection.activeAt = performance.now();
      connection.hasBegun = true;
    },
    judging(socket: KeptSocket) {
      const connection = socket[kept];
      if (connection !== undefined) connection.isBusy = true;
    },
    judged(socket: KeptSocket) {
      const connection = socket[kept];
      if (connection === undefined) return;
      connection.isBusy = false;
      connection.served = reviews;
      connection.usedAt = tick;
      connection.activeAt = performance.now();
      reviews += 1;
    },
    async ending() {
      if (!server.listening) return;
      const closing = setInterval(async () => {
        const now = performance.now();
        const isStuck = ({ isBusy, hasBegun, activeAt }: Connection): boolean =>
          !isBusy && activeAt < now - (hasBegun ? receiveMs : unusedMs);
        await untilRead();
        for (const connection of open) if (isStuck(connection)) connection.socket.destroy();
      }, closingMs);
      server.once('close', () => clearInterval(closing));
      await untilRead();
    },
  };
}

/**
 * Resolves when everything was read that had arrived. A timer comes before the sockets in a turn of
 * the event loop, so whoever closes a connection there loses a request that has arrived on it, and
 * a replica that was not running for a while has many of them.
 */
async function untilRead(): Promise<void> {
  await setImmediate();
}

/**
 * A call follows its handshake within milliseconds, so a connection that is unused for a second
 * will bring none.
 */
export const unusedMs = 1_000;
export const closingMs = 100;

/** How finely idleness is measured. */
const ticksOfIdle = 10;

/**
 * The oldest connection that has brought no review, or else the one that was served longest ago.
 * Undefined if all are busy.
 */
function leastUseful(open: Iterable<Connection>): Connection | undefined {
  let least: Connection | undefined;
  for (const connection of open) {
    if (connection.isBusy) continue;
    if (connection.served === undefined) return connection;
    if (least?.served === undefined || connection.served < least.served) least = connection;
  }
  return least;
}

/**
 * Handles one request of a connection at a time. A request that comes before the answer to the
 * previous one ends the connection. The API server never sends such requests, and thousands of them
 * would exceed the memory, because each is held until it is answered. An answer is complete when
 * all of it is written to the system, which Node reports one turn later. Until then the next
 * request may already be there, and has no socket to be answered on.
 */
export function oneAtATime(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const socket: KeptSocket = request.socket;
    const before = response.socket === null ? socket[latest] : undefined;
    if (before !== undefined && !(before.writableEnded && before.socket !== null)) {
      socket.destroy();
      return;
    }
    socket[latest] = response;
    listener(request, response);
  };
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
