import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** Decides which clients may post reviews. */
export interface Clients {
  /** Why a client may not post. Undefined if it may. */
  barred(socket: Socket): string | undefined;
  /**
   * Whether a client connected before the authority changed. It must connect again, so that it is
   * checked again.
   */
  isStale(socket: Socket): boolean;
  /** The authority has changed. */
  changed(): void;
}

/** Anyone who reaches the port may post. */
export const anyClient: Clients = { barred: () => undefined, isStale: () => false, changed: () => undefined };

/**
 * Allows clients with a certificate of the authority that the server asks for. Other clients can
 * complete the handshake, too. So a check that the server can be reached needs no certificate, and
 * an API server without one is told what is missing instead of losing its connection.
 */
export function certifiedClients(server: Server): Clients {
  let generation = 0;
  const cameIn = new WeakMap<Socket, number>();
  server.on('secureConnection', (socket: TLSSocket) => void cameIn.set(socket, generation));
  return {
    barred(socket) {
      if (socket instanceof TLSSocket && socket.authorized) return undefined;
      return 'reviews are accepted only from clients with a certificate of the authority in --client-ca';
    },
    isStale: (socket) => cameIn.get(socket) !== generation,
    changed() {
      generation += 1;
    },
  };
}
