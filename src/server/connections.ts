import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** The open connections of a server, never more than a number of them. */
export interface Connections {
  /** A whole review has come on this one: it is not closed until {@link judged}. */
  judging(socket: Socket): void;
  judged(socket: Socket): void;
}

interface Connection {
  readonly key: string;
  /** The TCP socket until the handshake is done, then the TLS socket over it. */
  socket: Socket;
}

/**
 * Keeps the number of connections: where one too many comes, the one that has been of least use makes room. First those that have brought no
 * review yet, the oldest first; then the one whose last review is longest ago. One whose review is being judged stays; where all are, the
 * newcomer goes. So neither thousands of idle connections nor of slow ones keep the API server out.
 */
export function limitConnections(server: Server, limit: number): Connections {
  // By insertion, so the first is the one to go.
  const fresh = new Map<string, Connection>();
  const served = new Map<string, Connection>();
  const busy = new Map<string, Connection>();
  const bySocket = new WeakMap<Socket, Connection>();

  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket);
    const connection: Connection = { key, socket };
    if (fresh.size + served.size + busy.size >= limit) {
      const victim = first(fresh) ?? first(served) ?? connection;
      forget(victim);
      victim.socket.destroy();
      if (victim === connection) return;
    }
    fresh.set(key, connection);
    socket.once('close', () => forget(connection));
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    const connection = fresh.get(keyOf(socket));
    if (connection === undefined) return;
    connection.socket = socket;
    bySocket.set(socket, connection);
  });

  function forget(connection: Connection): void {
    // A port may have been given to another client since.
    for (const some of [fresh, served, busy]) if (some.get(connection.key) === connection) some.delete(connection.key);
  }

  function move(socket: Socket, to: Map<string, Connection>): void {
    const connection = bySocket.get(socket);
    if (connection === undefined || socket.destroyed) return;
    forget(connection);
    to.set(connection.key, connection);
  }

  return {
    judging: (socket) => move(socket, busy),
    judged: (socket) => move(socket, served),
  };
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function first(connections: ReadonlyMap<string, Connection>): Connection | undefined {
  return connections.values().next().value;
}
