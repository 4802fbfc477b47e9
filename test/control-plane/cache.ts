import { createHash } from 'node:crypto';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The programs of a control plane, by their upstream names. */
export type ProgramName = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kubectl';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Returns the needed programs: kube-controller-manager only with controllers. */
export function neededPrograms(controllers: boolean): readonly ProgramName[] {
  return controllers
    ? ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl']
    : ['etcd', 'kube-apiserver', 'kubectl'];
}

/** The folder of the Go module to build (see its main.go). */
export const moduleFolder = fileURLToPath(new URL('./module/', import.meta.url));

/**
 * Returns `$XDG_CACHE_HOME/ringfence/NAME`, by default in `~/.cache`. By the XDG Base Directory
 * Specification, a relative value is ignored.
 */
export function cacheRoot(environment: Environment, name = 'control-plane'): string {
  const given = environment['XDG_CACHE_HOME'];
  const base = given?.startsWith('/') ? given : join(environment['HOME'] ?? homedir(), '.cache');
  return join(base, 'ringfence', name);
}

/** The Kubernetes version that the module requires, such as `v1.36.3`. */
export function moduleVersion(goMod: string = readFileSync(join(moduleFolder, 'go.mod'), 'utf8')): string {
  const version = /^\s*k8s\.io\/kubernetes (v\d+\.\d+\.\d+)$/m.exec(goMod)?.[1];
  if (version === undefined) throw new Error('go.mod requires no released version of k8s.io/kubernetes');
  return version;
}

/** Returns the minor version, `v1.36`. The archive of any of its patch releases is good enough. */
export function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/** Returns the folder name for the result of a build. */
export function builtName(): string {
  return `${moduleVersion()}-${sourceHash(moduleFolder, ['go.mod', 'go.sum', 'main.go', 'kubectl/main.go'])}`;
}

/**
 * Returns a hash that identifies a build. It differs for another source, other options and another
 * type of machine.
 */
export function sourceHash(folder: string, files: readonly string[], options = ''): string {
  const hash = createHash('sha256');
  for (const name of files) {
    const content = readFileSync(join(folder, name));
    // The length detects a line that moves from one file to the next.
    hash.update(`${name} ${content.length}\n`).update(content);
  }
  hash.update(options).update(`${process.platform}-${process.arch}`);
  // 12 hex digits (48 bits) are enough for the few versions on one machine.
  return hash.digest('hex').slice(0, 12);
}

/** Returns the folder name for a downloaded release. */
export function releaseName(version: string): string {
  return `${version}-envtest-${process.platform}-${process.arch}`;
}

/** Returns the programs that `folder` does not contain as executables. */
export function missingPrograms(folder: string, programs: readonly ProgramName[]): readonly ProgramName[] {
  return programs.filter((program) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return false;
    } catch {
      return true;
    }
  });
}

/**
 * Returns the cached folder with all programs, if there is one. A build from this module comes
 * before a download.
 */
export function findCached(environment: Environment, programs: readonly ProgramName[]): string | undefined {
  const root = cacheRoot(environment);
  const releases = listNames(root)
    .filter((name) => name.startsWith(`${minorOf(moduleVersion())}.`))
    .filter((name) => name.endsWith(releaseName('')))
    .sort()
    .reverse();
  return [builtName(), ...releases]
    .map((name) => join(root, name))
    .find((folder) => missingPrograms(folder, programs).length === 0);
}

/**
 * Moves a complete folder into its place in one step, so that the cache never contains a part of
 * one.
 */
export async function publish(finished: string, place: string): Promise<void> {
  try {
    await rename(finished, place);
  } catch (error) {
    // Another process was faster. Its folder has the same key and so the same content.
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

function listNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
