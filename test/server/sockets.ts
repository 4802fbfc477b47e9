// Clients that write bytes, not requests: the webhook server on a port, and connections that do
// with it what HTTP clients do not.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { pod, request, review } from '../admission/scene.ts';
import type { build } from './webhook-server.ts';

/** A review that is right, as text. */
export const right = JSON.stringify(review(request('Pod', pod())));

/** The head of a request for a review's verdict, but for what says how long the body is. */
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
 * A connection after its handshake; rejects where there is none. Its end is no error here: servers
 * may end what we do.
 */
export async function open(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  return socket.on('error', () => undefined);
}

/**
 * What has come on a connection when it is closed, or when there are so many answers: their status
 * codes, and all of the text.
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
 * The status code of the answer to a right review, on a connection of its own; undefined where it
 * was closed without one.
 */
export async function ask(port: number, options: ConnectionOptions = {}): Promise<number | undefined> {
  const socket = await open(port, options);
  socket.write(whole());
  const { codes } = await read(socket, 1);
  socket.destroy();
  return codes[0];
}
