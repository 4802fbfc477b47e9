import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** Who may post reviews. */
export interface Clients {
  /** Why a client may not; undefined where it may. */
  barred(socket: Socket): string | undefined;
  /**
   * Whether a client came before the authority changed: it has to come again, to be looked at anew.
   */
  isStale(socket: Socket): boolean;
  /** The authority has changed. */
  changed(): void;
}

/** Anyone who reaches the port. */
export const anyClient: Clients = { barred: () => undefined, isStale: () => false, changed: () => undefined };

/**
 * Clients with a certificate of the authority that the server asks for. Others shake hands as well,
 * so that whoever looks whether the server can be reached needs none, and so that an API server
 * without one is told what is missing instead of losing its connection.
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
