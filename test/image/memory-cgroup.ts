// A limit of memory as a container has it: a control group of the kernel, version 1 or 2.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

export interface MemoryGroup {
  /** A process enters the group by writing its number here. */
  readonly procs: string;
  /** How often the kernel had to stop a process of the group because the limit was reached. */
  readonly kills: () => number;
  /** Takes the group away. Its processes must have ended. */
  readonly remove: () => void;
}

interface Version {
  readonly root: string;
  readonly limit: string;
  /** A file with a line `oom_kill NUMBER`. */
  readonly events: string;
}

const versions: readonly Version[] = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', events: 'memory.oom_control' },
  { root: '/sys/fs/cgroup', limit: 'memory.max', events: 'memory.events' },
];

/** Makes a group with a limit. Undefined where the kernel or the rights of this user give none. */
export function makeMemoryGroup(limitBytes: number): MemoryGroup | undefined {
  for (const { root, limit, events } of versions) {
    const folder = join(root, `ringfence-test-${process.pid}`);
    try {
      mkdirSync(folder);
    } catch {
      continue;
    }
    // Without the controller of memory, the folder has no such file.
    if (existsSync(join(folder, limit))) {
      writeFileSync(join(folder, limit), String(limitBytes));
      return {
        procs: join(folder, 'cgroup.procs'),
        kills: () => Number(/^oom_kill (\d+)$/m.exec(readFileSync(join(folder, events), 'utf8'))?.[1]),
        remove: () => rmdirSync(folder),
      };
    }
    rmdirSync(folder);
  }
  return undefined;
}
