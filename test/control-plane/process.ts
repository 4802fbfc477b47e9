import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * One process to run under the supervisor. `environment` is the whole environment, nothing is
 * inherited; both streams go to `logFile`.
 */
export interface ProcessSpecification {
  /** Unique among the processes that run now. */
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
  /** Fulfilled when the process is gone, never rejected. */
  readonly ended: Promise<ProcessEnd>;
  signal(signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
}

/**
 * A folder and the processes that may use it: both are gone when `end` has returned, or when this
 * process dies in whatever way.
 */
export interface Supervisor {
  readonly name: 'supervisor';
  readonly pid: number;
  readonly folder: string;
  /** Rejects when the file cannot be run. */
  start(specification: ProcessSpecification): Promise<RunningProcess>;
  end(): Promise<void>;
}

/** What the supervisor is told (see supervisor.ts). */
export type SupervisorOrder =
  | { readonly kind: 'start'; readonly specification: ProcessSpecification }
  | { readonly kind: 'signal'; readonly name: string; readonly signal: NodeJS.Signals }
  | { readonly kind: 'end' };

/** What the supervisor says. */
export type SupervisorReport =
  | { readonly kind: 'ready'; readonly folder: string }
  | { readonly kind: 'started'; readonly name: string; readonly pid: number }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string }
  | ({ readonly kind: 'ended'; readonly name: string } & ProcessEnd);

/** Starts a supervisor, which makes a new folder `PARENT/PREFIXxxxxxx`. */
export async function openSupervisor(parentFolder: string, prefix: string): Promise<Supervisor> {
  const child = fork(fileURLToPath(new URL('./supervisor.ts', import.meta.url)), [parentFolder, prefix], {
    // A group of its own: Ctrl-C in the terminal must end us, and leave the supervisor alive to
    // tidy up after us.
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // The flags of a test runner are not meant for it.
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
  // A supervisor that is gone has done all that an order could ask for.
  if (child.connected) child.send(order, () => undefined);
}
