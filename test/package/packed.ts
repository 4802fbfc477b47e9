// The package as npm publishes it, packed once and installed without a network.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** What the build reads and what the package holds. */
const sources = [
  'LICENSE',
  'README.md',
  'bin',
  'manifests',
  'package.json',
  'schemas',
  'scripts',
  'src',
  'tsconfig.json',
];

/** What a process said, and how it ended. */
export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of a person who has installed the package. */
export interface Packed {
  /** The tarball. */
  readonly tarball: string;
  /** The folder of the person, with the package in `node_modules`. */
  readonly home: string;
  /** Runs a program in the folder of the person, with its package's commands in the PATH. */
  run(program: string, ...args: readonly string[]): Promise<Run>;
  remove(): void;
}

/**
 * Packs the sources and installs the tarball. Builds in a folder of its own, because other tests
 * build in `dist/` of the checkout at the same time.
 */
export async function pack(): Promise<Packed> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-package-'));
  const [checkout, home] = [join(folder, 'checkout'), join(folder, 'home')];
  for (const path of sources) cpSync(join(root, path), join(checkout, path), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  cpSync(join(root, 'examples/three-tiers'), join(home, 'k8s'), { recursive: true });
  const npm = ['--no-audit', '--no-fund', '--loglevel=error'];
  const packed = await runIn(checkout, 'npm', 'pack', '--json', '--pack-destination', folder, ...npm);
  // The build prints its own line first.
  const [{ filename = '' } = {}] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[\n'))) as {
    readonly filename?: string;
  }[];
  const tarball = join(folder, filename);
  if (packed.status !== 0 || !existsSync(tarball)) throw new Error(packed.stderr);
  const installed = await runIn(home, 'npm', 'install', '--offline', '--no-save', ...npm, tarball);
  if (installed.status !== 0) throw new Error(installed.stderr);
  return {
    tarball,
    home,
    run: (program, ...args) => runIn(home, program, ...args),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function runIn(folder: string, program: string, ...args: readonly string[]): Promise<Run> {
  // npm and the commands of the package run on the Node of this test.
  const path = [join(folder, 'node_modules/.bin'), dirname(process.execPath), process.env['PATH'] ?? ''];
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH: path.join(delimiter), HOME: dirname(folder), NODE_DISABLE_COMPILE_CACHE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [status, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { status, stdout, stderr };
}
