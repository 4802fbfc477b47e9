// Ringfence as it is shipped: the bundle, with the Deployment's environment and its own
// ServiceAccount.
import { execFileSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import type { ControlPlane } from '../../test/control-plane/control-plane.ts';
import { findFreePorts } from '../../test/control-plane/ports.ts';
import type { Supervisor } from '../../test/control-plane/process.ts';
import { eventually, ownNamespace } from '../../test/e2e/installation.ts';
import type { Server } from '../webhook/measure.ts';
import { onFirstCore } from './core.ts';
import { shippedEnvironment } from './shipped.ts';

export interface Ringfence extends Server {
  /** Milliseconds from the start of the process until /readyz reports that it is ready. */
  readonly startMs: number;
  /**
   * The sums of its metrics so far, by the names of the families. Gauges have their present values.
   */
  metrics(): Promise<ReadonlyMap<string, number>>;
  stop(): Promise<void>;
}

export interface StartOptions {
  /**
   * Whether it has the first core to itself, so that processor time does not include effects of
   * waiting.
   */
  readonly isPinned: boolean;
}

let isBuilt = false;

/** Builds the bundle once, so that the present code is measured. */
export function build(): void {
  if (!isBuilt) execFileSync(process.execPath, ['scripts/build.ts'], { stdio: 'ignore' });
  isBuilt = true;
}

const bundle = 'dist/ringfence.mjs';

/** The size of the bundle and its chunks, in MB. */
export function measureBundle(): number {
  return globSync('dist/*.mjs').reduce((sum, file) => sum + statSync(file).size, 0) / 1024 ** 2;
}

let started = 0;

/** Starts Ringfence, and waits until the API server calls it. */
export async function startRingfence(
  controlPlane: ControlPlane,
  supervisor: Supervisor,
  { isPinned }: StartOptions,
): Promise<Ringfence> {
  const kubeconfig = await controlPlane.kubeconfigForServiceAccount(ownNamespace, 'ringfence');
  const [port = 0, adminPort = 0] = await findFreePorts(2);
  const url = `https://127.0.0.1:${port}`;
  const args = [
    ...[resolve(bundle), 'serve', '--kubeconfig', kubeconfig, '--webhook-url', url, '--host', '127.0.0.1'],
    ...['--port', String(port), '--admin-port', String(adminPort), '--config-seconds', '0.5', '--drain-seconds', '0'],
  ];
  started += 1;
  const begun = performance.now();
  const running = await supervisor.start({
    name: `ringfence-${started}`,
    ...(isPinned ? onFirstCore(args) : { file: process.execPath, arguments: args }),
    environment: { PATH: process.env['PATH'] ?? '', HOME: supervisor.folder, ...shippedEnvironment() },
    logFile: join(supervisor.folder, `ringfence-${started}.log`),
  });
  const admin = `http://127.0.0.1:${adminPort}`;
  const isReady = () =>
    fetch(`${admin}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await eventually('Ringfence to be ready', isReady, 60_000);
  const startMs = performance.now() - begun;
  return {
    pid: running.pid,
    port,
    ca: await eventually('the webhook configurations', () => publishedAuthority(controlPlane, url)),
    startMs,
    metrics: async () => sumFamilies(await (await fetch(`${admin}/metrics`)).text()),
    async stop() {
      running.signal('SIGTERM');
      await running.ended;
    },
  };
}

/** The authority in the webhook configurations, once they name this process. */
async function publishedAuthority({ kubectl }: ControlPlane, url: string): Promise<string | undefined> {
  const { stdout } = await kubectl(['get', 'validatingwebhookconfiguration', 'ringfence', '-o', 'json']);
  if (stdout === '') return undefined;
  const { webhooks } = JSON.parse(stdout) as WebhookConfiguration;
  const client = webhooks[0]?.clientConfig;
  if (client?.caBundle === undefined || !client.url?.startsWith(url)) return undefined;
  return Buffer.from(client.caBundle, 'base64').toString();
}

interface WebhookConfiguration {
  readonly webhooks: readonly { readonly clientConfig: { readonly url?: string; readonly caBundle?: string } }[];
}

/** The Prometheus text format: `name{labels} value`. */
function sumFamilies(text: string): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const line of text.split('\n')) {
    const name = /^\w+/.exec(line)?.[0];
    if (name === undefined) continue;
    sums.set(name, (sums.get(name) ?? 0) + Number(line.slice(line.lastIndexOf(' '))));
  }
  return sums;
}
