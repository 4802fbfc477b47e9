import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** The open connections of a server, never more than a number of them. */
export interface Connections {
  /** A whole review has come on this one: it is not closed until {@link judged}. */
  judging(socket: Socket): void;
  judged(socket: Socket): void;
}

interface Connection {
  /** The TCP socket until the handshake is done, then the TLS socket over it. */
  socket: Socket;
  /** Where it stands. */
  place: Set<Connection>;
}

/**
 * Keeps the number of connections: where one too many comes, the one that has been of least use makes room. First those that have brought no
 * review yet, the oldest first; then the one whose last review is longest ago. One whose review is being judged stays; where all are, the
 * newcomer goes. So neither thousands of idle connections nor of slow ones keep the API server out.
 */
export function limitConnections(server: Server, limit: number): Connections {
  // In the order in which they came in, so the first is the one to go.
  const fresh = new Set<Connection>();
  const served = new Set<Connection>();
  const busy = new Set<Connection>();
  // Of a TLS socket only the addresses say which TCP socket it is over.
  const shaking = new Map<string, Connection>();
  const bySocket = new WeakMap<Socket, Connection>();

  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket);
    const connection: Connection = { socket, place: fresh };
    if (fresh.size + served.size + busy.size >= limit) {
      const victim = first(fresh) ?? first(served);
      (victim ?? connection).socket.destroy();
      if (victim === undefined) return;
      victim.place.delete(victim);
    }
    fresh.add(connection);
    shaking.set(key, connection);
    socket.once('close', () => {
      connection.place.delete(connection);
      // The address may be another client's by now.
      if (shaking.get(key) === connection) shaking.delete(key);
    });
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    const key = keyOf(socket);
    const connection = shaking.get(key);
    if (connection === undefined) return;
    shaking.delete(key);
    connection.socket = socket;
    bySocket.set(socket, connection);
  });

  function move(socket: Socket, place: Set<Connection>): void {
    const connection = bySocket.get(socket);
    // One that has gone is not counted again.
    if (connection === undefined || !connection.place.delete(connection)) return;
    connection.place = place;
    place.add(connection);
  }

  return {
    judging: (socket) => move(socket, busy),
    judged: (socket) => move(socket, served),
  };
}

/**
 * Hears one request of a connection at a time: one that comes before the answer to the one before ends the connection. The API server sends none such,
 * and thousands of them, each held until it is answered, would be more than the memory takes. An answer is given when all of it is written to the
 * system, which Node says a turn later: until then the next request may be there, and has no socket yet to be answered on.
 */
export function oneAtATime(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): (request: IncomingMessage, response: ServerResponse) => void {
  const latest = new WeakMap<Socket, ServerResponse>();
  return (request, response) => {
    const { socket } = request;
    const before = response.socket === null ? latest.get(socket) : undefined;
    if (before !== undefined && !(before.writableEnded && before.socket !== null)) {
      socket.destroy();
      return;
    }
    latest.set(socket, response);
    listener(request, response);
  };
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function first(connections: ReadonlySet<Connection>): Connection | undefined {
  return connections.values().next().value;
}
