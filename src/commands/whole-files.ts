import { randomBytes } from 'node:crypto';
import {
  access,
  chmod,
  constants,
  copyFile,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';

/** The content of a file, also in pieces. */
type Content = string | Iterable<string>;

/** The text of a file; undefined if there is none. */
export async function textOf(file: string): Promise<string | undefined> {
  return orUndefined(readFile(file, 'utf8'));
}

/**
 * Writes a file. Whoever reads it finds what it held before or all of the new content, also if this
 * process is interrupted or the disk is full: half a file can look whole. Where nothing can be put
 * beside the file, as for one that is mounted by itself, it is written in place.
 */
export async function writeWhole(file: string, content: Content): Promise<void> {
  await removeOldDrafts(dirname(file));
  let draft: Draft;
  try {
    draft = await makeDraft(file, content);
  } catch (error) {
    if (!isInTheWay(error)) throw error;
    await writeFile(file, content);
    return;
  }
  try {
    await draft.put();
  } catch (error) {
    if (!isInTheWay(error)) throw error;
    await draft.copy();
  } finally {
    await draft.drop();
  }
}

/** The new content of a file, which lies beside it until it takes its place. */
export interface Draft {
  put(): Promise<void>;
  /** Writes the content in place. */
  copy(): Promise<void>;
  /** Removes what has not taken its place. */
  drop(): Promise<void>;
}

/** Writes the new content of a file beside it. A link stays, and so do the rights to the file. */
export async function makeDraft(file: string, content: Content): Promise<Draft> {
  const target = (await orUndefined(realpath(file))) ?? file;
  const before = await orUndefined(stat(target));
  // A pipe or a device has no content that could be torn, and must stay what it is.
  if (before !== undefined && !before.isFile()) {
    const copy = (): Promise<void> => writeFile(target, content);
    return { put: copy, copy, drop: async () => undefined };
  }
  // A file that is protected from writing stays, although its folder may be written to.
  if (before !== undefined) await access(target, constants.W_OK);
  const path = join(dirname(target), `.ringfence-${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
  const drop = (): Promise<void> => rm(path, { force: true });
  try {
    await writeFile(path, content, { flag: 'wx', ...(before === undefined ? {} : { mode: before.mode & 0o777 }) });
    // Where no rights can be set, the file has fewer than before, by the umask.
    if (before !== undefined) await chmod(path, before.mode & 0o777).catch(() => undefined);
  } catch (error) {
    await drop();
    throw error;
  }
  return { put: () => rename(path, target), copy: () => copyFile(path, target), drop };
}

/** Removes the drafts in a folder that processes left when they were interrupted. */
export async function removeOldDrafts(folder: string): Promise<void> {
  for (const name of (await orUndefined(readdir(folder))) ?? []) {
    const [, id] = /^\.ringfence-(\d+)-[0-9a-f]{12}\.tmp$/.exec(name) ?? [];
    if (id !== undefined && !isRunning(Number(id))) await rm(join(folder, name), { force: true });
  }
}

function isRunning(id: number): boolean {
  // An earlier process in a container may have had the id of this one.
  if (id === process.pid) return false;
  try {
    return process.kill(id, 0);
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

async function orUndefined<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether the file may be written although nothing may be put beside it or into its place. */
function isInTheWay(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'EXDEV'].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}
