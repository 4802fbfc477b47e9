import { createHash } from 'node:crypto';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The programs of a control plane, under the names that upstream gives them. */
export type ProgramName = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kubectl';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a search needs: kube-controller-manager only where controllers are asked for. */
export function neededPrograms(controllers: boolean): readonly ProgramName[] {
  return controllers
    ? ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl']
    : ['etcd', 'kube-apiserver', 'kubectl'];
}

/** The folder of the Go module that is built (see its main.go). */
export const moduleFolder = fileURLToPath(new URL('./module/', import.meta.url));

/**
 * `$XDG_CACHE_HOME/ringfence/NAME`, by default under `~/.cache` (XDG Base Directory Specification:
 * a relative value is ignored).
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

/** `v1.36`: the archive of any patch release of the minor version serves as well. */
export function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/** The folder name for what the module builds. */
export function builtName(): string {
  return `${moduleVersion()}-${sourceHash(moduleFolder, ['go.mod', 'go.sum', 'main.go'])}`;
}

/**
 * Tells what a Go module builds from what it built before: another source or another machine type
 * is another hash.
 */
export function sourceHash(folder: string, files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const name of files) {
    const content = readFileSync(join(folder, name));
    // The length in front keeps a line that moves from one file to the next from going unnoticed.
    hash.update(`${name} ${content.length}\n`).update(content);
  }
  hash.update(`${process.platform}-${process.arch}`);
  // 12 hex digits: 48 bits are plenty among the few versions that one machine ever keeps.
  return hash.digest('hex').slice(0, 12);
}

/** The folder name for a downloaded release. */
export function releaseName(version: string): string {
  return `${version}-envtest-${process.platform}-${process.arch}`;
}

/** Those of `programs` that `folder` does not hold as executables. */
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
 * The cached folder that holds all of `programs`, if any: what was built from this very module
 * before what was downloaded.
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

/** Puts a finished folder in its place in one step, so that the cache never holds half of one. */
export async function publish(finished: string, place: string): Promise<void> {
  try {
    await rename(finished, place);
  } catch (error) {
    // Another process was first; what it put there has the same key, hence the same content.
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
