// An HTTP proxy that opens tunnels (CONNECT) to one server, whatever name is asked for.
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ConnectProxy {
  readonly url: string;
  /** `HOST:PORT` of each tunnel, in order. */
  readonly tunnels: readonly string[];
  close(): Promise<void>;
}

export async function startConnectProxy(server: string): Promise<ConnectProxy> {
  const { hostname, port } = new URL(server);
  const tunnels: string[] = [];
  const open = new Set<Socket>();
  const proxy = createServer((_, response) => response.writeHead(405).end());
  proxy.on('connection', (socket) => open.add(socket));
  proxy.on('connect', ({ url = '' }, socket: Socket) => {
    tunnels.push(url);
    const upstream = connect({ host: hostname, port: Number(port) }, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    open.add(upstream);
    for (const end of [upstream, socket]) end.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    tunnels,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
