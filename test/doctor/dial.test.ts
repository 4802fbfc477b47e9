import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { createServer } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dial } from '../../src/doctor/dial.ts';
import { readCertificates } from '../../src/tls/certificate.ts';
import { leaf } from './scene.ts';

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a dialled address', () => {
  it('shows its certificate, whoever signed it', async () => {
    const address = await listen(createServer({ cert: leaf.cert, key: leaf.key }));
    const { host, chain, ...rest } = await dial(address);
    expect([host, rest]).toEqual(['127.0.0.1', { address }]);
    const [shown] = readCertificates(chain);
    expect(shown?.fingerprint256).toBe(readCertificates(leaf.cert)[0]?.fingerprint256);
  });

  it('at which nobody listens, or nobody speaks TLS, is an error', async () => {
    await expect(dial('https://127.0.0.1:1')).rejects.toThrow('ECONNREFUSED');
    const plain = await listen(createTcpServer((socket) => socket.end('no TLS here\r\n\r\n')));
    await expect(dial(plain)).rejects.toThrow();
  });

  it('that accepts and says nothing is given up', async () => {
    const silent = await listen(createTcpServer((socket) => onTestFinished(() => void socket.destroy())));
    await expect(dial(silent)).rejects.toThrow('did not answer in 3 s');
  }, 10_000);
});
