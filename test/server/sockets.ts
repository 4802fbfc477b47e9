// Clients that write raw bytes: the webhook server on a port, and connections that behave as no
// HTTP client does.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { pod, request, review } from '../admission/scene.ts';
import type { build } from './webhook-server.ts';

/** A right review, as text. */
export const right = JSON.stringify(review(request('Pod', pod())));

/** The head of a request, without the length of its body. */
export const head = 'POST /validate/enforced HTTP/1.1\r\nhost: ringfence\r\ncontent-type: application/json\r\n';

/** A whole request. */
export function whole(body: string | Buffer = right): Buffer {
  return Buffer.concat([Buffer.from(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n`), Buffer.from(body)]);
}

export async function listen(app: ReturnType<typeof build>): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as AddressInfo).port;
}

/**
 * Opens a connection and waits for its handshake. Rejects if it fails. The end of the connection is
 * not an error, because servers may close it.
 */
export async function open(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  return socket.on('error', () => undefined);
}

/**
 * Reads until the connection is closed or this number of answers has arrived. Returns their status
 * codes and the whole text.
 */
export async function read(
  socket: TLSSocket,
  answers = Number.POSITIVE_INFINITY,
): Promise<{ codes: number[]; text: string }> {
  let text = '';
  const codes = () => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, code]) => Number(code));
  await new Promise<void>((resolve) => {
    socket.on('data', (part: Buffer) => {
      text += part.toString('latin1');
      if (codes().length >= answers && text.includes('\r\n\r\n')) resolve();
    });
    socket.once('close', () => resolve());
    if (socket.destroyed) resolve();
  });
  return { codes: codes(), text };
}

/**
 * Returns the status code for a right review on its own connection; undefined if the connection was
 * closed without an answer.
 */
export async function ask(port: number, options: ConnectionOptions = {}): Promise<number | undefined> {
  const socket = await open(port, options);
  socket.write(whole());
  const { codes } = await read(socket, 1);
  socket.destroy();
  return codes[0];
}
