// Puts load on one HTTPS server: keep-alive connections that each send the same request again as
// soon as it is answered.
import { connect, type TLSSocket } from 'node:tls';

export interface LoadOptions {
  readonly port: number;
  readonly path: string;
  readonly body: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string;
  readonly connections: number;
  readonly requests: number;
}

export interface Load {
  /** Milliseconds of each request, in the order in which they ended. */
  readonly latencies: Float64Array;
  readonly seconds: number;
}

/**
 * Sends the requests, and throws if an answer is not 200. It uses raw sockets, because a client
 * that works harder than the server would measure itself.
 */
export async function sendLoad(options: LoadOptions): Promise<Load> {
  const { port, path, body, ca, connections, requests } = options;
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  const request = Buffer.from(head + body);
  const latencies = new Float64Array(requests);
  let begun = 0;
  let ended = 0;
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port, ca)));
  const started = performance.now();
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve, reject) => {
          let sentAt = 0;
          let answer = '';
          const send = (): void => {
            if (begun === requests) {
              socket.end();
              resolve();
              return;
            }
            begun += 1;
            sentAt = performance.now();
            socket.write(request);
          };
          socket.on('error', reject);
          socket.on('data', (chunk: Buffer) => {
            answer += chunk.toString('latin1');
            if (!isWhole(answer)) return;
            if (!answer.startsWith('HTTP/1.1 200 ')) reject(new Error(answer.slice(0, 500)));
            answer = '';
            latencies[ended] = performance.now() - sentAt;
            ended += 1;
            send();
          });
          send();
        }),
    ),
  );
  return { latencies, seconds: (performance.now() - started) / 1000 };
}

function open(port: number, ca: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca }, () => resolve(socket));
    socket.setNoDelay(true);
    socket.once('error', reject);
  });
}

function isWhole(answer: string): boolean {
  const end = answer.indexOf('\r\n\r\n');
  if (end === -1) return false;
  const length = /content-length: (\d+)/i.exec(answer.slice(0, end))?.[1];
  if (length !== undefined) return answer.length - end - 4 >= Number(length);
  return answer.endsWith('0\r\n\r\n');
}
