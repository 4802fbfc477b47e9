// Sends a review over TLS with exact bytes, which no HTTP client would write.
import { once } from 'node:events';
import { connect } from 'node:tls';
import { damage } from './damage.ts';
import type { Received } from './laws.ts';
import type { Wire } from './reviews.ts';

/** The reply: an answer, or undefined if the connection was closed without one. */
export type Reply = Received | undefined;

/**
 * Sends one request and reads until the server closes. A damaged head may announce bytes that never
 * come; then this side closes.
 */
export async function sendOverTls(
  port: number,
  path: string,
  body: Buffer,
  contentType: string | undefined,
  { chunks, head }: Wire,
): Promise<Reply> {
  const length = chunks.length === 0 ? `content-length: ${body.length}` : 'transfer-encoding: chunked';
  const type = contentType === undefined ? '' : `content-type: ${contentType}\r\n`;
  const lines = `POST ${path} HTTP/1.1\r\nhost: ringfence\r\n${type}${length}\r\nconnection: close\r\n\r\n`;
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  // A server may reset the connection while we are writing.
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.write(damage(Buffer.from(lines), head));
  socket.write(chunks.length === 0 ? body : chunked(body, chunks));
  if (head.does !== 'none') socket.end();
  await closed;
  return parts.length === 0 ? undefined : readAnswer(Buffer.concat(parts));
}

function chunked(body: Buffer, lengths: readonly number[]): Buffer {
  const parts: Buffer[] = [];
  for (let start = 0, turn = 0; start < body.length; turn += 1) {
    const part = body.subarray(start, start + (lengths[turn % lengths.length] ?? 1));
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
    start += part.length;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

/** Returns the first answer on the connection. */
function readAnswer(bytes: Buffer): Received {
  const text = bytes.toString('utf8');
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
  if (status === undefined) throw new Error(`no HTTP answer: ${text.slice(0, 100)}`);
  const end = text.indexOf('\r\n\r\n');
  return { status: Number(status), body: end === -1 ? '' : text.slice(end + 4) };
}
