import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment, ProgramName } from './cache.ts';
import { cacheRoot, moduleFolder, moduleVersion, neededPrograms, publish } from './cache.ts';
import { openSupervisor } from './process.ts';

/**
 * The version of Go, `[1, 26]` for `go version go1.26.8 linux/amd64`. Development versions have
 * none.
 */
export type GoVersion = readonly [major: number, minor: number];

/** The go.mod of Kubernetes 1.36 requires Go 1.26. */
export const requiredGo: GoVersion = [1, 26];
/** Go 1.21 is the first version that downloads a newer toolchain itself (go.dev/doc/toolchain). */
const firstSelfUpdatingGo: GoVersion = [1, 21];
/** The interval of progress lines. A build of nine minutes stays readable in a log. */
const progressMs = 10_000;

export function parseGoVersion(output: string): GoVersion | undefined {
  const match = /\bgo(\d+)\.(\d+)/.exec(output);
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

/**
 * Whether this version of Go builds the module. `fetch` means that it has to download a newer
 * toolchain first.
 */
export function judgeGo(version: GoVersion | undefined, toolchain: string): 'builds' | 'fetches' | 'too old' {
  if (version === undefined) return 'too old';
  if (isAtLeast(version, requiredGo)) return 'builds';
  return isAtLeast(version, firstSelfUpdatingGo) && toolchain !== 'local' && toolchain !== 'path'
    ? 'fetches'
    : 'too old';
}

/** Returns why Go cannot build here, in one sentence; undefined if it can try. */
export function findGoProblem(environment: Environment): string | undefined {
  const version = runGo(['version'], { ...environment, GOTOOLCHAIN: 'local' });
  if (version === undefined) return `Go ${requiredGo.join('.')} or later is not installed`;
  const toolchain = runGo(['env', 'GOTOOLCHAIN'], environment) ?? 'local';
  if (judgeGo(parseGoVersion(version), toolchain) !== 'too old') return undefined;
  return `Go ${requiredGo.join('.')} or later is needed, and this is "${version}"`;
}

/** A Go module of this repository, and how to build it. */
export interface GoModule {
  /** The name in progress lines. */
  readonly what: string;
  /** The duration of a first build on two cores. */
  readonly minutes: string;
  readonly folder: string;
  /** The number of packages to compile in a first build (`go list -deps`). */
  readonly packages: number;
  /** The arguments of `go` that build the binary. */
  arguments(binary: string): readonly string[];
  readonly binary: string;
  /** Other names of the binary. */
  readonly links: readonly string[];
}

/**
 * The control plane. Its servers are one binary, which takes its role from the name under which it
 * is called. The build makes kubectl beside it.
 */
const controlPlane: GoModule = {
  what: 'the control plane',
  minutes: '5 to 9',
  folder: moduleFolder,
  packages: 2_712,
  arguments: goArguments,
  binary: 'control-plane',
  links: neededPrograms(true).filter((program) => program !== 'kubectl'),
};

/** Builds the control plane into `CACHE/NAME`. */
export function build(environment: Environment, name: string, say: (line: string) => void): Promise<string> {
  return buildModule(controlPlane, join(cacheRoot(environment), name), environment, say);
}

/**
 * Builds a module into the folder `place`, which appears only when it is complete. Throws with the
 * last lines of the compiler.
 */
export async function buildModule(
  module: GoModule,
  place: string,
  environment: Environment,
  say: (line: string) => void,
): Promise<string> {
  // If this process dies, the supervisor removes the unfinished folder and ends the compilers.
  const supervisor = await openSupervisor(dirname(place), '.building-');
  try {
    const finished = join(supervisor.folder, 'finished');
    const temporary = join(supervisor.folder, 'temporary');
    for (const folder of [finished, temporary]) mkdirSync(folder);
    const logFile = join(supervisor.folder, 'go.log');
    const go = await supervisor.start({
      name: 'go',
      file: 'go',
      arguments: module.arguments(join(finished, module.binary)),
      environment: { ...defined(environment), CGO_ENABLED: '0', GOWORK: 'off', GOTMPDIR: temporary },
      logFile,
      workingFolder: module.folder,
    });
    say(`building ${module.what} with Go: about ${module.minutes} minutes on two cores, once per machine`);
    const end = await showProgress(go.ended, logFile, module.packages, say);
    if (end.code !== 0) throw new Error(`go build failed: ${lastWords(logFile)}`);
    for (const link of module.links) symlinkSync(module.binary, join(finished, link));
    await publish(finished, place);
    return place;
  } finally {
    await supervisor.end();
  }
}

/** Explains what a person can do if no source has the binaries. */
export function explainRemedy(programs: readonly ProgramName[]): string {
  return (
    `install Go ${requiredGo.join('.')} or later (https://go.dev/dl), ` +
    `or set KUBEBUILDER_ASSETS to a folder that holds ${programs.join(', ')}`
  );
}

/** Go names each binary by its folder, and the one of the module's own folder by the module. */
function goArguments(output: string): readonly string[] {
  const version = moduleVersion();
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
  // Without these variables the API server reports version v0.0.0, and clients and feature gates
  // use it.
  const variables = { gitVersion: version, gitMajor: major, gitMinor: minor };
  const stamps = Object.entries(variables).map(([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`);
  const linking = ['-s', '-w', ...stamps].join(' ');
  return [
    'build',
    '-v',
    '-trimpath',
    '-mod=readonly',
    '-ldflags',
    linking,
    '-o',
    `${dirname(output)}/`,
    '.',
    './kubectl',
  ];
}

async function showProgress<T>(
  ended: Promise<T>,
  logFile: string,
  packages: number,
  say: (line: string) => void,
): Promise<T> {
  const startedAt = Date.now();
  const done = new AbortController();
  const finished = ended.finally(() => done.abort());
  while (!done.signal.aborted) {
    await sleep(progressMs, undefined, { signal: done.signal }).catch(() => undefined);
    if (!done.signal.aborted) say(describeProgress(readFileSync(logFile, 'utf8'), Date.now() - startedAt, packages));
  }
  return finished;
}

/**
 * Describes the progress. `go build -v` prints one line for each package that it compiles, after
 * lines of the form `go: downloading …`.
 */
export function describeProgress(log: string, elapsedMs: number, packageCount: number): string {
  const lines = log.split('\n').filter((line) => line !== '');
  const downloads = lines.filter((line) => line.startsWith('go: downloading')).length;
  const packages = lines.filter((line) => !line.startsWith('go:')).length;
  const elapsed = `${Math.floor(elapsedMs / 60_000)} min ${Math.floor((elapsedMs % 60_000) / 1_000)} s`;
  if (packages + downloads === 0) return `${elapsed}: looking at what is compiled already`;
  return packages === 0
    ? `${elapsed}: ${downloads} modules downloaded so far`
    : `${elapsed}: ${packages} of at most ${packageCount} packages compiled (linking comes last)`;
}

function lastWords(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trim().split('\n');
  // Successful packages are not interesting. Three lines contain one Go error with its context.
  return lines
    .filter((line) => /[:\s]/.test(line) && !line.startsWith('go: downloading'))
    .slice(-3)
    .join(' | ');
}

function runGo(args: readonly string[], environment: Environment): string | undefined {
  // Run outside the module, because its go.mod would make an old Go download a new one only to
  // print its version.
  const result = spawnSync('go', args, { cwd: tmpdir(), env: environment, encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

function isAtLeast(version: GoVersion, wanted: GoVersion): boolean {
  return version[0] > wanted[0] || (version[0] === wanted[0] && version[1] >= wanted[1]);
}

function defined(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
