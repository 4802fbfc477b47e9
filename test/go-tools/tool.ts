import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildModule, findGoProblem, type GoModule } from '../control-plane/build.ts';
import { cacheRoot, type Environment, sourceHash } from '../control-plane/cache.ts';
import { withLock } from '../control-plane/lock.ts';
import { type GoTool, type ToolName, tools } from './tools.ts';

/** The path of a tool, or why there is none. */
export type FoundTool =
  | { readonly ok: true; readonly file: string }
  | { readonly ok: false; readonly reason: string; readonly remedy: string };

/**
 * Finds a tool by the variable of its name (`HELM=/usr/bin/helm`) or in the cache, or builds it
 * there with Go. Never throws.
 */
export async function findTool(
  name: ToolName,
  environment: Environment = process.env,
  say: (line: string) => void = (line) => void process.stderr.write(`${name}: ${line}\n`),
): Promise<FoundTool> {
  const variable = name.toUpperCase();
  const given = environment[variable];
  if (given !== undefined && given !== '')
    return runs(given)
      ? { ok: true, file: given }
      : { ok: false, reason: `${variable} names ${given}, which does not run`, remedy: 'name another, or none' };
  try {
    const module = moduleOf(name);
    const place = join(cacheRoot(environment, name), builtName(name, module));
    const file = join(place, module.binary);
    if (runs(file)) return { ok: true, file };
    return await withLock(join(cacheRoot(environment, name), 'lock'), say, async () => {
      // A process that waited for the lock finds the result of the other.
      if (runs(file)) return { ok: true, file };
      const problem = findGoProblem(environment);
      if (problem !== undefined) throw new Error(problem);
      await buildModule(module, place, environment, say);
      return { ok: true, file };
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = `install Go 1.26 or later (https://go.dev/dl), or set ${variable} to the path of ${name}`;
    return { ok: false, reason, remedy };
  }
}

/** What a tool printed, and its exit code. `output` has both streams. */
export interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly output: string;
}

export interface RunOptions {
  /** The standard input. */
  readonly input?: string;
  /** Variables beside those of this process. */
  readonly environment?: Environment;
  readonly folder?: string;
}

/** Runs a tool. */
export function runTool(file: string, args: readonly string[], options: RunOptions = {}): Ran {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    input: options.input ?? '',
    env: { ...process.env, ...options.environment },
    cwd: options.folder,
    encoding: 'utf8',
    // A rendered chart with its dashboard is larger than the default of 1 MiB.
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  return { exitCode: status, stdout, output: `${stdout}${stderr}` };
}

/**
 * The version of a module in a tool's go.mod, such as `v4.3.2`, by default of the tool's own.
 * Prometheus 3.13.5 is v0.313.5 as a Go module.
 */
export function versionOf(name: ToolName, module: string = tools[name].module): string {
  const goMod = readFileSync(join(folderOf(name), 'go.mod'), 'utf8');
  const line = goMod.split('\n').find((one) => one.trim().startsWith(`${module} v`));
  const version = /v\d+\.\d+\.\d+/.exec(line?.slice(line.indexOf(module) + module.length) ?? '')?.[0];
  if (version === undefined) throw new Error(`go.mod requires no released version of ${module}`);
  return version;
}

function moduleOf(name: ToolName): GoModule {
  const { module, command, variables, tags, minutes, packages }: GoTool = tools[name];
  const values = Object.entries(variables?.((one) => versionOf(name, one)) ?? {});
  const linking = ['-s', '-w', ...values.map(([variable, value]) => `-X ${variable}=${value}`)];
  return {
    what: name,
    minutes,
    folder: folderOf(name),
    packages,
    arguments: (binary) => [
      ...['build', '-v', '-trimpath', '-mod=readonly', ...(tags === undefined ? [] : ['-tags', tags])],
      ...['-ldflags', linking.join(' '), '-o', binary, `${module}/${command}`],
    ],
    binary: name,
    links: [],
  };
}

function folderOf(name: ToolName): string {
  return fileURLToPath(new URL(`./modules/${name}/`, import.meta.url));
}

/** The name of the folder with the result, which anything that decides about it changes. */
function builtName(name: ToolName, module: GoModule): string {
  const options = module.arguments(module.binary).join(' ');
  return `${versionOf(name)}-${sourceHash(module.folder, ['go.mod', 'go.sum'], options)}`;
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
  for (const name of process.argv.slice(2)) {
    if (!Object.hasOwn(tools, name)) throw new Error(`${name} is not one of ${Object.keys(tools).join(', ')}`);
    const found = await findTool(name as ToolName);
    console.log(found.ok ? found.file : `${name}: none (${found.reason}). Remedy: ${found.remedy}.`);
    if (!found.ok) process.exitCode = 2;
  }
}
