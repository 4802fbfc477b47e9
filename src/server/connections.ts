import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { Limits } from './limits.ts';

/**
 * The open connections of a server, never more than a number of them, and none that nothing moves
 * on.
 */
export interface Connections {
  /** A request has begun on this one. */
  begun(socket: Socket): void;
  /** A whole review has come on this one: it is not closed until {@link judged}. */
  judging(socket: Socket): void;
  judged(socket: Socket): void;
}

interface Connection {
  /** The TCP socket until the handshake is done, then the TLS socket over it. */
  socket: Socket;
  /** Whether its review is being judged. */
  isBusy: boolean;
  /**
   * How many reviews of all connections came before its last one; undefined where it has brought
   * none.
   */
  served: number | undefined;
  /** The tick of the clock in which something happened on it. */
  usedAt: number;
}

/**
 * Where a connection is kept: on its socket, because a table by weak keys costs more at each
 * request than all the rest of this.
 */
const kept = Symbol('connection');
const latest = Symbol('latest response');

interface KeptSocket extends Socket {
  [kept]?: Connection;
  [latest]?: ServerResponse;
}

/**
 * Keeps the number of connections: where one too many comes, the one that has been of least use
 * makes room. First those that have brought no review yet, the oldest first; then the one whose
 * last review is longest ago. One whose review is being judged stays; where all are, the newcomer
 * goes. So neither thousands of idle connections nor of slow ones keep the API server out.
 */
export function limitConnections(
  server: Server,
  { connections: limit, idleMs }: Pick<Limits, 'connections' | 'idleMs'>,
): Connections {
  // In the order in which they came in.
  const open = new Set<Connection>();
  // Of a TLS socket only the addresses say which TCP socket it is over.
  const shaking = new Map<string, Connection>();
  let reviews = 0;
  let tick = 0;
  // Timers of the sockets would be set anew twice at each request.
  const clock = setInterval(sweep, idleMs / ticksOfIdle).unref();
  server.once('close', () => clearInterval(clock));

  function sweep(): void {
    tick += 1;
    for (const { socket, isBusy, usedAt } of open) if (!isBusy && tick - usedAt > ticksOfIdle) socket.destroy();
  }

  server.on('connection', (socket: KeptSocket) => {
    const key = keyOf(socket);
    const connection: Connection = { socket, isBusy: false, served: undefined, usedAt: tick };
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
      // The address may be another client's by now.
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
      if (connection !== undefined) connection.usedAt = tick;
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
      reviews += 1;
    },
  };
}

/** How finely idleness is measured. */
const ticksOfIdle = 10;

/**
 * One of those that brought nothing, the oldest, else the one that was served longest ago;
 * undefined where all are busy.
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
 * Hears one request of a connection at a time: one that comes before the answer to the one before
 * ends the connection. The API server sends none such, and thousands of them, each held until it is
 * answered, would be more than the memory takes. An answer is given when all of it is written to
 * the system, which Node says a turn later: until then the next request may be there, and has no
 * socket yet to be answered on.
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
