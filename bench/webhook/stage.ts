// What the benchmark runs on: a real control plane, Ringfence as shipped (the bundle) under its own ServiceAccount, and the floor.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { createAuthority, issueCertificate } from '../../src/tls/authority.ts';
import { type ControlPlane, startControlPlane } from '../../test/control-plane/control-plane.ts';
import { findFreePorts } from '../../test/control-plane/ports.ts';
import { openSupervisor, type Supervisor } from '../../test/control-plane/process.ts';
import { applyManifests, eventually, ownNamespace } from '../../test/e2e/installation.ts';
import type { Server } from './measure.ts';

export interface Stage {
  readonly controlPlane: ControlPlane;
  readonly ringfence: Server & { readonly startMs: number };
  readonly floor: Server;
  /** Applies the overlay of a mode, and waits until Ringfence judges by it. */
  setMode(mode: 'observe' | 'enforce'): Promise<void>;
  end(): Promise<void>;
}

/** Labelled namespaces that the benchmark needs, made before Ringfence comes: one is fenced, one is not. */
export async function setStage(namespaces: number): Promise<Stage> {
  execFileSync(process.execPath, ['scripts/build.ts'], { stdio: 'ignore' });
  const controlPlane = await startControlPlane({ controllers: false, disableAdmissionPlugins: ['ServiceAccount'] });
  const supervisor = await openSupervisor(controlPlane.folder, 'bench-');
  try {
    await makeNamespaces(controlPlane, namespaces);
    await applyManifests(controlPlane, 'observe');
    const floor = await startFloor(supervisor);
    const ringfence = await startRingfence(controlPlane, supervisor);
    return {
      controlPlane,
      floor,
      ringfence,
      async setMode(mode) {
        await applyManifests(controlPlane, mode);
        await eventually(
          `Ringfence to ${mode}`,
          async () => {
            const { exitCode } = await controlPlane.kubectl(['create', 'namespace', 'unlabelled', '--dry-run=server']);
            return (exitCode !== 0) === (mode === 'enforce');
          },
          30_000,
        );
      },
      async end() {
        await supervisor.end();
        await controlPlane.stop();
      },
    };
  } catch (error) {
    await supervisor.end();
    await controlPlane.stop();
    throw error;
  }
}

/** `fenced` and `unfenced`, and as many others; every tenth of them is fenced. */
async function makeNamespaces({ kubectl }: ControlPlane, count: number): Promise<void> {
  const labels = { env: 'prod', tier: 'api', team: 'shop' };
  const mark = { 'ringfence.dev/fence': 'true' };
  const items = [
    ['fenced', true] as const,
    ['unfenced', false] as const,
    ...Array.from({ length: count }, (_, index) => [`other-${index}`, index % 10 === 0] as const),
  ].map(([name, fenced]) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: fenced ? { ...labels, ...mark } : labels },
  }));
  const { exitCode, stderr } = await kubectl(['create', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
    timeoutMs: 600_000,
  });
  if (exitCode !== 0) throw new Error(stderr);
}

async function startFloor(supervisor: Supervisor): Promise<Server> {
  const validity = { at: Date.now(), lifetimeMs: 24 * 3_600_000 };
  const authority = await createAuthority(validity);
  const names = { dnsNames: ['floor.test'], ipAddresses: ['127.0.0.1'] };
  const { cert, key } = await issueCertificate(authority, { ...validity, names });
  const [certFile, keyFile] = [join(supervisor.folder, 'floor.crt'), join(supervisor.folder, 'floor.key')];
  await writeFile(certFile, cert);
  await writeFile(keyFile, key);
  const [port = 0] = await findFreePorts(1);
  const script = join(import.meta.dirname, 'floor.ts');
  const { pid } = await supervisor.start({
    name: 'floor',
    ...onFirstCore([script, String(port), certFile, keyFile]),
    environment: { PATH: process.env['PATH'] ?? '' },
    logFile: join(supervisor.folder, 'floor.log'),
  });
  return { pid, port, ca: authority.cert };
}

async function startRingfence(controlPlane: ControlPlane, supervisor: Supervisor): Promise<Stage['ringfence']> {
  const kubeconfig = await controlPlane.kubeconfigForServiceAccount(ownNamespace, 'ringfence');
  const [port = 0, adminPort = 0] = await findFreePorts(2);
  const started = performance.now();
  const { pid } = await supervisor.start({
    name: 'ringfence',
    ...onFirstCore([
      // As the Deployment sets it.
      ...['--max-old-space-size=256', '--max-semi-space-size=16'],
      ...[resolve('dist/ringfence.mjs'), 'serve', '--kubeconfig', kubeconfig],
      ...['--webhook-url', `https://127.0.0.1:${port}`, '--host', '127.0.0.1'],
      ...['--port', String(port), '--admin-port', String(adminPort), '--config-seconds', '0.5'],
    ]),
    environment: { PATH: process.env['PATH'] ?? '', HOME: supervisor.folder },
    logFile: join(supervisor.folder, 'ringfence.log'),
  });
  const isReady = () =>
    fetch(`http://127.0.0.1:${adminPort}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await eventually('Ringfence to be ready', isReady, 60_000);
  const startMs = performance.now() - started;
  const path = 'jsonpath={.webhooks[0].clientConfig.caBundle}';
  const ca = await eventually('the webhook configurations', async () => {
    const { stdout } = await controlPlane.kubectl(['get', 'validatingwebhookconfiguration', 'ringfence', '-o', path]);
    return stdout === '' ? undefined : Buffer.from(stdout, 'base64').toString();
  });
  return { pid, port, ca, startMs };
}

/** The server has a core of its own where taskset(1) is there; the load and all else share the others. */
function onFirstCore(args: readonly string[]): { readonly file: string; readonly arguments: readonly string[] } {
  const taskset = '/usr/bin/taskset';
  return existsSync(taskset)
    ? { file: taskset, arguments: ['-c', '0', process.execPath, ...args] }
    : { file: process.execPath, arguments: args };
}
