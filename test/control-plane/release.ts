import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { chmod, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from 'yaml';
import type { Environment } from './cache.ts';
import { cacheRoot, minorOf, moduleVersion, publish, releaseName } from './cache.ts';
import { openSupervisor } from './process.ts';

/** The hosts of the official binaries. Only tests use others. */
export interface ReleaseHosts {
  /** The index of setup-envtest: the names, SHA-512 sums and places of archives. */
  readonly index: string;
  /** The release host of Kubernetes, for the program that the envtest archives lack. */
  readonly kubernetes: string;
}

export interface Archive {
  /** Such as `v1.36.2`. */
  readonly version: string;
  readonly url: string;
  /** SHA-512, hex. */
  readonly hash: string;
}

export const officialHosts: ReleaseHosts = {
  index: 'https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml',
  kubernetes: 'https://dl.k8s.io/release',
};

/** The limit for the first byte of an answer. Without a network, the attempt ends in seconds. */
const firstByteMs = 5_000;
/** A download without progress for this long has failed. */
const silenceMs = 15_000;
const progressMs = 3_000;

/**
 * Downloads the newest patch release of the minor version into the cache and checks the published
 * sums: the envtest archive (etcd, kube-apiserver, kubectl) and, with `controllers`,
 * kube-controller-manager, which Kubernetes publishes only for Linux. Throws an error with a
 * sentence.
 */
export async function download(
  environment: Environment,
  controllers: boolean,
  say: (line: string) => void,
  hosts: ReleaseHosts = officialHosts,
): Promise<string> {
  if (controllers && process.platform !== 'linux') {
    throw new Error(`no kube-controller-manager is published for ${process.platform}`);
  }
  const archive = chooseArchive(await readText(hosts.index), minorOf(moduleVersion()));
  const supervisor = await openSupervisor(cacheRoot(environment), '.downloading-');
  try {
    const finished = join(supervisor.folder, 'finished');
    mkdirSync(finished);
    const file = join(supervisor.folder, 'archive.tar.gz');
    await save(archive.url, file, say);
    await verify(file, 'sha512', archive.hash);
    extract(file, finished);
    if (controllers) {
      const program = join(finished, 'kube-controller-manager');
      const url = `${hosts.kubernetes}/${archive.version}/bin/linux/${goArchitecture()}/kube-controller-manager`;
      await save(url, program, say);
      await verify(program, 'sha256', (await readText(`${url}.sha256`)).trim());
      await chmod(program, 0o755);
    }
    const place = join(cacheRoot(environment), releaseName(archive.version));
    // An existing folder lacks the controllers, otherwise it would have been found.
    await rm(place, { recursive: true, force: true });
    await publish(finished, place);
    return place;
  } finally {
    await supervisor.end();
  }
}

/**
 * Returns the newest patch release of `minor` (such as `v1.36`) for this machine, without
 * pre-releases.
 */
export function chooseArchive(
  index: string,
  minor: string,
  platform: string = process.platform,
  architecture: string = goArchitecture(),
): Archive {
  // Parsed as strings, because YAML would read a sum such as 12e345… as a number.
  const { releases } = parse(index, { schema: 'failsafe' }) as {
    releases?: Record<string, Record<string, { hash: string; selfLink: string }>>;
  };
  const found = Object.entries(releases ?? {}).flatMap(([version, archives]) => {
    const patch = new RegExp(`^${minor.replaceAll('.', '\\.')}\\.(\\d+)$`).exec(version)?.[1];
    const archive = archives[`envtest-${version}-${platform}-${architecture}.tar.gz`];
    if (patch === undefined || archive === undefined) return [];
    return [{ patch: Number(patch), version, url: archive.selfLink, hash: archive.hash }];
  });
  const newest = found.sort((a, b) => b.patch - a.patch)[0];
  if (newest === undefined) throw new Error(`no envtest archive of ${minor} for ${platform}-${architecture}`);
  return { version: newest.version, url: newest.url, hash: newest.hash };
}

async function open(url: string): Promise<{ response: Response; stillMoving: () => void }> {
  const silence = new AbortController();
  const { host } = new URL(url);
  const timer = setTimeout(() => silence.abort(), firstByteMs);
  timer.unref();
  const response = await fetch(url, { signal: silence.signal }).catch((error: unknown) => {
    throw new Error(`${host} cannot be reached (${causeOf(error)})`);
  });
  clearTimeout(timer);
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  const guard = setTimeout(() => silence.abort(), silenceMs);
  guard.unref();
  return { response, stillMoving: () => guard.refresh() };
}

async function readText(url: string): Promise<string> {
  const { response } = await open(url);
  return response.text();
}

async function save(url: string, file: string, say: (line: string) => void): Promise<void> {
  const { response, stillMoving } = await open(url);
  const total = Number(response.headers.get('content-length') ?? 0);
  let received = 0;
  let saidAt = Date.now();
  say(`downloading ${url}`);
  if (response.body === null) throw new Error(`${url} is empty`);
  await pipeline(
    Readable.fromWeb(response.body),
    async function* count(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        stillMoving();
        received += chunk.byteLength;
        if (Date.now() - saidAt > progressMs) {
          say(`${megabytes(received)} of ${total > 0 ? megabytes(total) : 'an unknown number of'} MB`);
          saidAt = Date.now();
        }
        yield chunk;
      }
    },
    createWriteStream(file),
  );
}

async function verify(file: string, algorithm: 'sha256' | 'sha512', expected: string): Promise<void> {
  const actual = createHash(algorithm)
    .update(await readFile(file))
    .digest('hex');
  if (actual !== expected) throw new Error(`the download has ${algorithm} ${actual}, published is ${expected}`);
}

function extract(archive: string, folder: string): void {
  // The archives keep their three programs two folders deep (controller-tools/envtest).
  const result = spawnSync('tar', ['-xzf', archive, '-C', folder, '--strip-components=2'], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`tar cannot extract the archive: ${result.stderr}`);
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return `no answer within ${firstByteMs / 1000} s`;
  const cause = error.cause as { code?: string } | undefined;
  return cause?.code ?? error.message;
}

/** Returns Go's name for the architecture, which Node calls x64, arm64 and so on. */
function goArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
