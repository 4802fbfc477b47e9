import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type WebhookClient, writeAdmissionConfiguration } from './admission-configuration.ts';
import type { AuditEvent } from './audit-log.ts';
import { auditPolicy, readAuditLog } from './audit-log.ts';
import { findBinaries } from './binaries.ts';
import type { ApiServerOptions, Ports, User } from './components.ts';
import * as components from './components.ts';
import { writeKubeconfig, writeServiceAccountKeys, writeTokens } from './kubeconfig.ts';
import type { KubectlOptions, KubectlResult } from './kubectl.ts';
import { runKubectl } from './kubectl.ts';
import { findFreePorts } from './ports.ts';
import type { RunningProcess, Supervisor } from './process.ts';
import { openSupervisor } from './process.ts';
import type { Endpoint } from './readiness.ts';
import { waitForAnswer } from './readiness.ts';

export interface ControlPlaneOptions extends ApiServerOptions {
  /** The folder of etcd, kube-apiserver and so on. By default it is searched (see binaries.ts). */
  readonly binaries?: string;
  /**
   * Users with static tokens, besides `admin` (group system:masters). RBAC gives them no rights.
   */
  readonly users?: readonly User[];
  /** Whether kube-controller-manager runs. The default is true. */
  readonly controllers?: boolean;
  readonly controllerManagerArguments?: readonly string[];
  /** The client certificate with which the API server calls webhooks. The default is none. */
  readonly webhookClient?: WebhookClient;
}

/** A real control plane. It ends with this process at the latest. */
export interface ControlPlane {
  readonly url: string;
  /** The folder of all its files. */
  readonly folder: string;
  readonly caFile: string;
  readonly adminKubeconfig: string;
  readonly kubectlPath: string;
  /** The URL of etcd, which needs no password. */
  readonly etcdUrl: string;
  /** The file of the audit log. It exists only with `auditLog`. */
  readonly auditLog: string;
  /** Returns the kubeconfig of a declared user or of `admin`. Throws for any other user. */
  kubeconfigFor(user: string): string;
  /**
   * Returns a kubeconfig with a new token (TokenRequest, 24 hours) of an existing service account.
   */
  kubeconfigForServiceAccount(namespace: string, name: string): Promise<string>;
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<KubectlResult>;
  /** Returns all finished calls so far; none without `auditLog`. */
  auditEvents(): Promise<readonly AuditEvent[]>;
  /**
   * Stops the API server; etcd and the data stay. SIGKILL (the default) cuts all connections.
   * SIGTERM lets calls end, which takes ten seconds if watches are open.
   */
  stopApiServer(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts the API server on the same port. Resolves when it is ready. */
  startApiServer(): Promise<void>;
  /** The running processes, including the supervisor. */
  processes(): readonly { readonly name: string; readonly pid: number }[];
  /** Returns the log of a component: `etcd`, `kube-apiserver`, `kube-controller-manager`. */
  readLog(component: string): string;
  stop(): Promise<void>;
}

/** About ten times the duration of a start on two idle cores. */
const startMs = 60_000;
/** A few ports among 12,000 are used. Two conflicts in a row are not a coincidence. */
const portAttempts = 5;
/** After SIGTERM, the API server would wait for open watches up to a minute. */
const gracefulStopMs = 10_000;

/**
 * Starts a control plane, in about five seconds. When it is ready, every bootstrap role and (with
 * controllers) the default service account exist.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const binaries = options.binaries ?? (await requireBinaries(options.controllers ?? true));
  for (let attempt = 1; ; attempt += 1) {
    const supervisor = await openSupervisor(tmpdir(), 'ringfence-control-plane-');
    try {
      return await startIn(supervisor, binaries, options);
    } catch (error) {
      await supervisor.end();
      if (!isPortClash(error) || attempt === portAttempts) throw error;
    }
  }
}

async function startIn(supervisor: Supervisor, binaries: string, options: ControlPlaneOptions): Promise<ControlPlane> {
  const { folder } = supervisor;
  const places = components.placesIn(folder);
  const [apiServer = 0, etcdClient = 0, etcdPeer = 0] = await findFreePorts(3);
  const ports: Ports = { apiServer, etcdClient, etcdPeer };
  const server = { url: `https://127.0.0.1:${ports.apiServer}`, caFile: places.apiServerCertificate };
  const users = [components.administrator, components.controllerManager, ...(options.users ?? [])];
  const tokens = writeTokens(places.tokens, users);
  const kubeconfigs = new Map([...tokens].map(([user, token]) => [user, writeKubeconfig(folder, user, server, token)]));
  // Tests may count the calls of the administrator. The audit log omits the reads of this user.
  const endpoint: Endpoint = { ...server, token: tokens.get(components.controllerManager.name) ?? '' };
  const running = new Map<string, RunningProcess>();
  writeServiceAccountKeys(places);
  writeFileSync(places.auditPolicy, JSON.stringify(auditPolicy));
  const { webhookClient } = options;
  const admission =
    webhookClient === undefined
      ? []
      : [`--admission-control-config-file=${writeAdmissionConfiguration(folder, webhookClient)}`];

  async function run(name: string, args: readonly string[]): Promise<RunningProcess> {
    // Memory is there, processor time is not: garbage is collected a third as often as by default.
    const environment = { PATH: process.env['PATH'] ?? '', HOME: folder, GOGC: '300' };
    const file = join(binaries, name);
    const started = await supervisor.start({
      name,
      file,
      arguments: args,
      environment,
      logFile: logFile(folder, name),
    });
    running.set(name, started);
    void started.ended.then(() => running.get(name) === started && running.delete(name));
    return started;
  }

  async function startApiServer(): Promise<void> {
    const started = await run('kube-apiserver', [
      ...components.apiServerArguments(places, ports, options),
      ...admission,
    ]);
    await untilReady(folder, [started, etcd], async (signal) => {
      await waitForAnswer(endpoint, '/readyz', signal);
      // A ready API server may not have loaded its RBAC rules yet. Until then it answers 403.
      await waitForAnswer(endpoint, '/api/v1/namespaces?limit=1', signal);
    });
  }

  async function stopApiServer(signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> {
    const stopped = running.get('kube-apiserver');
    if (stopped === undefined) return;
    stopped.signal(signal);
    const timer = setTimeout(() => stopped.signal('SIGKILL'), gracefulStopMs);
    await stopped.ended;
    clearTimeout(timer);
  }

  function kubeconfigFor(user: string): string {
    const path = kubeconfigs.get(user);
    if (path === undefined)
      throw new Error(`"${user}" is not among the declared users: ${[...kubeconfigs.keys()].join(', ')}`);
    return path;
  }

  async function kubectl(args: readonly string[], given: KubectlOptions = {}): Promise<KubectlResult> {
    const as = given.as ?? components.administrator.name;
    const kubeconfig = as.includes('/') && !kubeconfigs.has(as) ? as : kubeconfigFor(as);
    return runKubectl(join(binaries, 'kubectl'), folder, kubeconfig, args, given);
  }

  async function kubeconfigForServiceAccount(namespace: string, name: string): Promise<string> {
    const result = await kubectl(['create', 'token', name, '--namespace', namespace, '--duration', '24h']);
    if (result.exitCode !== 0) throw new Error(result.stderr.trim());
    return writeKubeconfig(folder, `system:serviceaccount:${namespace}:${name}`, server, result.stdout.trim());
  }

  const etcd = await run('etcd', components.etcdArguments(places, ports));
  await startApiServer();
  if (options.controllers ?? true) {
    const kubeconfig = kubeconfigFor(components.controllerManager.name);
    const more = options.controllerManagerArguments;
    const started = await run(
      'kube-controller-manager',
      components.controllerManagerArguments(places, kubeconfig, more),
    );
    await untilReady(folder, [started], (signal) =>
      waitForAnswer(endpoint, '/api/v1/namespaces/default/serviceaccounts/default', signal),
    );
  }

  return {
    ...server,
    folder,
    adminKubeconfig: kubeconfigFor(components.administrator.name),
    kubectlPath: join(binaries, 'kubectl'),
    etcdUrl: `http://127.0.0.1:${ports.etcdClient}`,
    auditLog: places.auditLog,
    kubeconfigFor,
    kubeconfigForServiceAccount,
    kubectl,
    auditEvents: async () => readAuditLog(places.auditLog),
    stopApiServer,
    startApiServer,
    processes: () => [supervisor, ...running.values()].map(({ name, pid }) => ({ name, pid })),
    readLog: (component) => readFileSync(logFile(folder, component), 'utf8'),
    stop: () => supervisor.end(),
  };
}

async function requireBinaries(controllers: boolean): Promise<string> {
  const found = await findBinaries({ controllers });
  if (!found.ok) throw new Error(`no control plane: ${found.reason}. Remedy: ${found.remedy}`);
  return found.folder;
}

/** Waits until ready. Throws with the end of the log if a process ends or the time is over. */
async function untilReady(
  folder: string,
  needed: readonly RunningProcess[],
  wait: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  let isWaiting = true;
  const fail = (name: string, what: string): void => {
    // A process that ends later is not a failure, and its log may be removed by then.
    if (isWaiting) over.abort(new Error(`${name} ${what}: ${lastWords(logFile(folder, name))}`));
  };
  for (const { name, ended } of needed) void ended.then((end) => fail(name, `ended with ${end.code ?? end.signal}`));
  const timer = setTimeout(() => fail(needed[0]?.name ?? '', `is not ready after ${startMs / 1000} s`), startMs);
  try {
    await wait(over.signal);
  } finally {
    isWaiting = false;
    clearTimeout(timer);
  }
}

function isPortClash(error: unknown): boolean {
  return error instanceof Error && error.message.includes('address already in use');
}

function logFile(folder: string, component: string): string {
  return join(folder, `${component}.log`);
}

function lastWords(path: string): string {
  // Ten lines, because the components print usage or a long line of context around the error.
  return readFileSync(path, 'utf8').trim().split('\n').slice(-10).join('\n');
}
