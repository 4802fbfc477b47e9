// Ringfence on a control plane as a person installs it: manifests applied by kubectl, and the
// process under its own ServiceAccount.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Mode } from '../../src/policy/mode.ts';
import { compileCache } from '../control-plane/compile-cache.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { findFreePorts } from '../control-plane/ports.ts';
import { openSupervisor, type RunningProcess } from '../control-plane/process.ts';
import { programOf } from './program.ts';

/** One running `ringfence serve`. */
export interface Replica {
  readonly url: string;
  readonly adminUrl: string;
  readonly process: RunningProcess;
  readonly logFile: string;
  /** The JSON lines of its log so far. */
  log(): readonly LogLine[];
  /** Resolves when /readyz says so. */
  untilReady(): Promise<void>;
}

export interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly msg: string;
  readonly [key: string]: unknown;
}

export interface StartOptions {
  readonly webhookUrl?: string;
  readonly arguments?: readonly string[];
  /** The checkout with the sources: of another release, or this one by default. */
  readonly sources?: string;
  /** Variables besides PATH and HOME. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The limit of open files and connections (RLIMIT_NOFILE). */
  readonly openFiles?: number;
  /** The file for its output. The default is a file of its own. */
  readonly logFile?: string;
}

/** Starts replicas, and ends them with the test in every case. */
export interface Installation {
  /** Starts a replica. Its webhook URL is its own by default, or that of a balancer. */
  start(options?: StartOptions): Promise<Replica>;
  end(): Promise<void>;
}

export const ownNamespace = 'ringfence-system';

/**
 * Applies the manifests of a mode. Nothing runs yet, because the control plane has no nodes and the
 * Pods stay pending.
 */
export async function applyManifests(controlPlane: ControlPlane, mode: Mode, sources = '.'): Promise<void> {
  const { exitCode, stderr } = await controlPlane.kubectl([
    'apply',
    '-k',
    resolve(sources, 'manifests/overlays', mode),
  ]);
  if (exitCode !== 0) throw new Error(`kubectl apply -k failed: ${stderr}`);
  await grantUrls(controlPlane);
}

/** Applies the manifests of a mode and prepares for processes. */
export async function install(controlPlane: ControlPlane, mode: Mode, sources?: string): Promise<Installation> {
  await applyManifests(controlPlane, mode, sources);
  return openInstallation(controlPlane);
}

/** What --webhook-url needs, for whatever port a test has. */
export const urlRole = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'webhook-urls' },
    rules: [{ apiGroups: ['ringfence.dev'], resources: ['urls'], verbs: ['serve'] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'webhook-urls' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'webhook-urls' },
    subjects: [{ kind: 'ServiceAccount', name: 'ringfence', namespace: ownNamespace }],
  },
] as const;

async function grantUrls(controlPlane: ControlPlane, namespace = ownNamespace): Promise<void> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: urlRole });
  const input = list.replaceAll(ownNamespace, namespace);
  const { exitCode, stderr } = await controlPlane.kubectl(['apply', '-f', '-'], { input });
  if (exitCode !== 0) throw new Error(`kubectl apply failed: ${stderr}`);
}

/** `namespace` is that of the ServiceAccount; a process learns it by POD_NAMESPACE. */
export async function openInstallation(controlPlane: ControlPlane, namespace = ownNamespace): Promise<Installation> {
  await grantUrls(controlPlane, namespace);
  const supervisor = await openSupervisor(controlPlane.folder, 'ringfence-');
  const kubeconfig = await controlPlane.kubeconfigForServiceAccount(namespace, 'ringfence');
  let started = 0;
  return {
    async start(options = {}) {
      started += 1;
      // The number is stored, because several replicas start at the same time.
      const number = started;
      const [port = 0, adminPort = 0] = await findFreePorts(2);
      const url = `https://127.0.0.1:${port}`;
      const logFile = options.logFile ?? join(supervisor.folder, `ringfence-${number}.log`);
      const limited = ['-c', `ulimit -n ${options.openFiles ?? 0}; exec "$0" "$@"`, process.execPath];
      const running = await supervisor.start({
        name: `ringfence-${number}`,
        file: options.openFiles === undefined ? process.execPath : '/bin/sh',
        arguments: [
          ...(options.openFiles === undefined ? [] : limited),
          ...[
            programOf(options.sources),
            'serve',
            '--kubeconfig',
            kubeconfig,
            '--webhook-url',
            options.webhookUrl ?? url,
          ],
          ...[
            '--host',
            '127.0.0.1',
            '--port',
            String(port),
            '--admin-port',
            String(adminPort),
            '--drain-seconds',
            '0.5',
          ],
          ...(options.arguments ?? []),
        ],
        environment: {
          PATH: process.env['PATH'] ?? '',
          HOME: supervisor.folder,
          NODE_COMPILE_CACHE: compileCache,
          ...options.environment,
        },
        logFile,
      });
      const adminUrl = `http://127.0.0.1:${adminPort}`;
      const log = () => readLog(logFile);
      return {
        url,
        adminUrl,
        process: running,
        logFile,
        log,
        untilReady: () => untilReady(adminUrl, running, logFile),
      };
    },
    end: () => supervisor.end(),
  };
}

/**
 * Waits until a condition holds. The error says what it waited for. The limit is for a hang, not
 * for slowness.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await delay(25);
  }
}

/**
 * Waits until the replica is ready and the webhook configurations are in place. Then the API server
 * calls it.
 */
async function untilReady(adminUrl: string, running: RunningProcess, logFile: string): Promise<void> {
  let ended = false;
  void running.ended.then(() => {
    ended = true;
  });
  await eventually(
    'Ringfence to be ready',
    async () => {
      if (ended) throw new Error(`Ringfence ended: ${readFileSync(logFile, 'utf8').slice(-2000)}`);
      const answer = await fetch(`${adminUrl}/readyz`).catch(() => undefined);
      return answer?.ok === true && readLog(logFile).some((line) => line.msg === 'webhook configurations in place');
    },
    90_000,
  );
}

function readLog(file: string): readonly LogLine[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  // The last line may be incomplete.
  return lines.slice(0, -1).flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as LogLine] : []));
}
