// A small process that outlives the process which started it, to clean up. It owns a folder and the
// processes that work in it. When the channel to its parent closes, for whatever reason (stop,
// Ctrl-C, a crash, SIGKILL), it kills those processes, removes the folder and ends.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessSpecification, SupervisorOrder, SupervisorReport } from './process.ts';

const children = new Map<string, ChildProcess>();
let ending = false;

const [parentFolder = '.', prefix = ''] = process.argv.slice(2);
mkdirSync(parentFolder, { recursive: true });
const folder = mkdtempSync(join(parentFolder, prefix));

process.on('disconnect', endAll);
process.on('message', (order) => obey(order as SupervisorOrder));
process.on('uncaughtException', endAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, endAll);
report({ kind: 'ready', folder });
// The parent may have died before the listener existed.
if (!process.connected) endAll();

function obey(order: SupervisorOrder): void {
  if (ending) return;
  switch (order.kind) {
    case 'start':
      start(order.specification);
      return;
    case 'signal':
      children.get(order.name)?.kill(order.signal);
      return;
    case 'end':
      endAll();
      return;
  }
}

function start(specification: ProcessSpecification): void {
  const { name } = specification;
  const log = openSync(specification.logFile, 'a');
  const child = spawn(specification.file, specification.arguments, {
    cwd: specification.workingFolder ?? folder,
    env: { ...specification.environment },
    stdio: ['ignore', log, log],
    // Each process has its own group, so that its children (the compilers of a build) can be killed
    // with it.
    detached: true,
  });
  closeSync(log);
  child.once('error', (error) => report({ kind: 'failed', name, message: error.message }));
  if (child.pid === undefined) return;
  children.set(name, child);
  report({ kind: 'started', name, pid: child.pid });
  child.once('exit', (code, signal) => {
    children.delete(name);
    report({ kind: 'ended', name, code, signal });
  });
}

function endAll(): void {
  if (ending) return;
  ending = true;
  void tidy().finally(() => process.exit(0));
}

async function tidy(): Promise<void> {
  const exits = [...children.values()].map((child) => once(child, 'exit'));
  for (const child of children.values()) killGroup(child);
  await Promise.all(exits);
  // Repeated, because a grandchild of a killed group may still be writing its last file.
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

function report(message: SupervisorReport): void {
  if (process.connected) process.send?.(message, () => undefined);
}
