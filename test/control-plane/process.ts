import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * A process to run under the supervisor. `environment` is its whole environment. Both output
 * streams go to `logFile`.
 */
export interface ProcessSpecification {
  /** The name, unique among the running processes. */
  readonly name: string;
  readonly file: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly workingFolder?: string;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the process has ended. Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  signal(signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
}

/**
 * A folder and the processes that use it. Both are removed when `end` returns, and when this
 * process dies in any way.
 */
export interface Supervisor {
  readonly name: 'supervisor';
  readonly pid: number;
  readonly folder: string;
  /** Rejects when the file cannot be run. */
  start(specification: ProcessSpecification): Promise<RunningProcess>;
  end(): Promise<void>;
}

/** The orders to the supervisor (see supervisor.ts). */
export type SupervisorOrder =
  | { readonly kind: 'start'; readonly specification: ProcessSpecification }
  | { readonly kind: 'signal'; readonly name: string; readonly signal: NodeJS.Signals }
  | { readonly kind: 'end' };

/** The reports of the supervisor. */
export type SupervisorReport =
  | { readonly kind: 'ready'; readonly folder: string }
  | { readonly kind: 'started'; readonly name: string; readonly pid: number }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string }
  | ({ readonly kind: 'ended'; readonly name: string } & ProcessEnd);

/** Starts a supervisor, which creates the folder `PARENT/PREFIXxxxxxx`. */
export async function openSupervisor(parentFolder: string, prefix: string): Promise<Supervisor> {
  const child = fork(fileURLToPath(new URL('./supervisor.ts', import.meta.url)), [parentFolder, prefix], {
    // It has its own process group: Ctrl-C in the terminal must end this process, and leave the
    // supervisor to clean up.
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // The supervisor must not get the flags of a test runner.
    execArgv: [],
  });
  const ended = once(child, 'exit');
  const folder = await readFolder(child);
  const running = new Map<string, (end: ProcessEnd) => void>();
  const starting = new Map<string, PromiseWithResolvers<number>>();

  child.on('message', (message) => {
    const report = message as SupervisorReport;
    if (report.kind === 'started') starting.get(report.name)?.resolve(report.pid);
    if (report.kind === 'failed') starting.get(report.name)?.reject(new Error(report.message));
    if (report.kind === 'ended') running.get(report.name)?.({ code: report.code, signal: report.signal });
  });
  child.once('exit', () => {
    for (const { reject } of starting.values()) reject(new Error('the supervisor has ended'));
    for (const finish of running.values()) finish({ code: null, signal: 'SIGKILL' });
  });

  async function start(specification: ProcessSpecification): Promise<RunningProcess> {
    const { name } = specification;
    const end = Promise.withResolvers<ProcessEnd>();
    const started = Promise.withResolvers<number>();
    running.set(name, end.resolve);
    starting.set(name, started);
    tell(child, { kind: 'start', specification });
    const pid = await started.promise;
    return { name, pid, ended: end.promise, signal: (signal) => tell(child, { kind: 'signal', name, signal }) };
  }

  async function end(): Promise<void> {
    tell(child, { kind: 'end' });
    await ended;
  }

  return { name: 'supervisor', pid: child.pid ?? 0, folder, start, end };
}

async function readFolder(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.once('message', (message) => {
    const report = message as SupervisorReport;
    if (report.kind === 'ready') resolve(report.folder);
    else reject(new Error(`the supervisor said ${report.kind} first`));
  });
  child.once('error', reject);
  child.once('exit', (code) => reject(new Error(`the supervisor ended at once, with code ${String(code)}`)));
  return promise;
}

function tell(child: ChildProcess, order: SupervisorOrder): void {
  // A supervisor that has ended has already cleaned up.
  if (child.connected) child.send(order, () => undefined);
}
