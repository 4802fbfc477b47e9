import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ApiError } from '../../src/cluster/api-error.ts';
import { type Cluster, connect } from '../../src/cluster/connection.ts';
import { createAuthority, issueCertificate } from '../../src/tls/authority.ts';

/** The server of a fault test. Everything in it ends with the test. */
export interface FaultServer {
  readonly kubeconfig: string;
  readonly url: string;
  /** `METHOD path?query` of each request, in order. */
  readonly requests: readonly string[];
  readonly connections: () => number;
  /** Cuts every connection without a word. */
  reset(): void;
}

/**
 * An API server that answers as the test says. It is only for faults: tests of the answers of
 * Kubernetes use a real one, in test/e2e.
 */
export async function serveFaults(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<FaultServer> {
  const requests: string[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.setHeader('content-type', 'application/json');
    answer(request, response);
  };
  const server = createServer(listener);
  const sockets = await listen(server);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    kubeconfig: writeKubeconfig({ server: url, 'insecure-skip-tls-verify': true }, { token: 'token' }).file,
    url,
    requests,
    connections: () => sockets.opened(),
    reset: () => sockets.cut(),
  };
}

/** The same over TLS. */
export async function serveTls(
  certificate: { readonly cert: string; readonly key: string },
  listener: RequestListener,
): Promise<{ readonly server: TlsServer; readonly url: string; cut(): void }> {
  const server = createTlsServer(certificate, listener);
  const sockets = await listen(server);
  return { server, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, cut: () => sockets.cut() };
}

/**
 * The same with a certificate that nobody verifies. Credentials are only sent over TLS, so tests of
 * credentials need it.
 */
export async function serveSecurely(
  listener: RequestListener,
): Promise<{ readonly url: string; readonly kubeconfig: string }> {
  const { url } = await serveTls((await issueServer()).certificate, listener);
  return {
    url,
    kubeconfig: writeKubeconfig({ server: url, 'insecure-skip-tls-verify': true }, { token: 'token' }).file,
  };
}

/** Issues a certificate for this machine, by an authority of its own. */
export async function issueServer(): Promise<{
  readonly ca: string;
  readonly certificate: { readonly cert: string; readonly key: string };
}> {
  const life = { at: Date.now(), lifetimeMs: 3_600_000 };
  const authority = await createAuthority(life);
  const names = { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] };
  return { ca: authority.cert, certificate: await issueCertificate(authority, { ...life, names }) };
}

/** Writes a kubeconfig into a folder of its own. */
export function writeKubeconfig(cluster: object, user: object): { readonly file: string; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-cluster-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'kubeconfig');
  // JSON is YAML.
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
  writeFileSync(file, JSON.stringify(config));
  return { file, folder };
}

/** Answers with a meta/v1 Status, as the API server refuses. */
export function refuse(response: ServerResponse, code: number, reason: string, message = reason): void {
  response.statusCode = code;
  response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }));
}

/** Opens a connection that ends with the test. */
export function connected(kubeconfig: string, now?: () => number): Cluster {
  const cluster = connect({ kubeconfig, ...(now === undefined ? {} : { now }) });
  onTestFinished(() => cluster.close());
  return cluster;
}

/** Returns the ApiError with which a call must end. */
export async function failure(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiError)) throw new Error(`no ApiError: ${String(error)}`);
  return error;
}

async function listen(server: ReturnType<typeof createServer> | TlsServer) {
  const open = new Set<Socket>();
  let opened = 0;
  // The raw connections of TLS too, so that failed handshakes are cut as well.
  server.on('connection', (socket: Socket) => {
    opened += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  const cut = (): void => {
    for (const socket of open) socket.resetAndDestroy();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  });
  return { cut, opened: () => opened };
}
