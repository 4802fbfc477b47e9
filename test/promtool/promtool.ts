import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildModule, findGoProblem, type GoModule } from '../control-plane/build.ts';
import { cacheRoot, type Environment, sourceHash } from '../control-plane/cache.ts';
import { withLock } from '../control-plane/lock.ts';

/** The path of promtool, or why there is none. */
export type Promtool =
  | { readonly ok: true; readonly file: string }
  | { readonly ok: false; readonly reason: string; readonly remedy: string };

const moduleFolder = fileURLToPath(new URL('./module/', import.meta.url));

/**
 * Prometheus' own tool for rules. Service discovery is omitted, because rules do not need it and it
 * is a fifth of the build.
 */
const promtool: GoModule = {
  what: 'promtool',
  minutes: '3 to 5',
  folder: moduleFolder,
  packages: 1_098,
  arguments: (binary) => [
    ...['build', '-v', '-trimpath', '-mod=readonly', '-tags', 'remove_all_sd'],
    ...['-ldflags', `-s -w -X github.com/prometheus/common/version.Version=${prometheusVersion()}`],
    ...['-o', binary, 'github.com/prometheus/prometheus/cmd/promtool'],
  ],
  binary: 'promtool',
  links: [],
};

/** Finds promtool by PROMTOOL or in the cache, or builds it there with Go. Never throws. */
export async function findPromtool(
  environment: Environment = process.env,
  say: (line: string) => void = (line) => void process.stderr.write(`promtool: ${line}\n`),
): Promise<Promtool> {
  const given = environment['PROMTOOL'];
  if (given !== undefined && given !== '')
    return runs(given)
      ? { ok: true, file: given }
      : { ok: false, reason: `PROMTOOL names ${given}, which does not run`, remedy: 'name another, or none' };
  try {
    const place = join(cacheRoot(environment, 'promtool'), builtName());
    const file = join(place, promtool.binary);
    if (runs(file)) return { ok: true, file };
    return await withLock(join(cacheRoot(environment, 'promtool'), 'lock'), say, async () => {
      // A process that waited for the lock finds the result of the other.
      if (runs(file)) return { ok: true, file };
      const problem = findGoProblem(environment);
      if (problem !== undefined) throw new Error(problem);
      await buildModule(promtool, place, environment, say);
      return { ok: true, file };
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, reason, remedy: 'install Go 1.26 or later (https://go.dev/dl), or set PROMTOOL to a promtool' };
  }
}

/** The output of promtool, and its exit code. */
export interface Ran {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs promtool; `input` is its standard input. */
export function runPromtool(file: string, args: readonly string[], input = ''): Ran {
  const { status, stdout, stderr } = spawnSync(file, args, { input, encoding: 'utf8' });
  return { exitCode: status, output: `${stdout}${stderr}` };
}

/**
 * Returns the version of Prometheus that the module requires, such as `3.13.5`. As a Go module that
 * is v0.313.5.
 */
function prometheusVersion(): string {
  const goMod = readFileSync(join(moduleFolder, 'go.mod'), 'utf8');
  const [, major, minor, patch] = /github\.com\/prometheus\/prometheus v0\.(\d)(\d\d)\.(\d+)\b/.exec(goMod) ?? [];
  if (patch === undefined) throw new Error('go.mod requires no released version of github.com/prometheus/prometheus');
  return `${major}.${Number(minor)}.${patch}`;
}

function builtName(): string {
  return `v${prometheusVersion()}-${sourceHash(moduleFolder, ['go.mod', 'go.sum'])}`;
}

function runs(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.main) {
  const found = await findPromtool();
  if (found.ok) console.log(found.file);
  else console.error(`promtool: none (${found.reason}).\nRemedy: ${found.remedy}.`);
  process.exitCode = found.ok ? 0 : 2;
}
