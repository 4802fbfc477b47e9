import { join } from 'node:path';
import { build, explainRemedy, findGoProblem } from './build.ts';
import type { Environment, ProgramName } from './cache.ts';
import { builtName, cacheRoot, findCached, missingPrograms, neededPrograms } from './cache.ts';
import { withLock } from './lock.ts';
import { download } from './release.ts';

export interface SearchOptions {
  /** Whether kube-controller-manager is needed. The default is true. */
  readonly controllers?: boolean;
  readonly environment?: Environment;
  /** Receives lines about the progress. The default is standard error. */
  readonly say?: (line: string) => void;
}

export type Binaries =
  | { readonly ok: true; readonly folder: string; readonly source: SourceName }
  | { readonly ok: false; readonly reason: string; readonly remedy: string };

export type SourceName = 'KUBEBUILDER_ASSETS' | 'cache' | 'envtest archive' | 'Go build';

/**
 * A source of binaries. It resolves to a folder with all of them, or throws an error with a phrase
 * that says why not.
 */
export interface Source {
  readonly name: SourceName;
  find(): Promise<string>;
}

/**
 * Finds etcd, kube-apiserver, kubectl and (unless `controllers` is false) kube-controller-manager.
 * It tries the folder in KUBEBUILDER_ASSETS, the cache, official downloads, and a build with Go.
 * Never throws.
 */
export async function findBinaries(options: SearchOptions = {}): Promise<Binaries> {
  const environment = options.environment ?? process.env;
  const programs = neededPrograms(options.controllers ?? true);
  const say = options.say ?? ((line: string) => void process.stderr.write(`control plane: ${line}\n`));
  const [assets, cache, archive, goBuild] = listSources(environment, programs, say);
  const ready = await searchInOrder([assets, cache], programs);
  if (ready.ok) return ready;
  if (environment['KUBEBUILDER_ASSETS']) say(ready.reason);
  try {
    // The lock is held while downloading or building. A process that waited finds the result in the
    // cache.
    return await withLock(join(cacheRoot(environment), 'lock'), say, () =>
      searchInOrder([cache, archive, goBuild], programs, say),
    );
  } catch (error) {
    return { ok: false, reason: reasonOf(error), remedy: explainRemedy(programs) };
  }
}

/**
 * Tries each source in turn. The first folder counts. If there is none, the result contains all
 * reasons.
 */
export async function searchInOrder(
  sources: readonly Source[],
  programs: readonly ProgramName[],
  say: (line: string) => void = () => undefined,
): Promise<Binaries> {
  const reasons: string[] = [];
  for (const source of sources) {
    try {
      return { ok: true, folder: await source.find(), source: source.name };
    } catch (error) {
      reasons.push(`${source.name}: ${reasonOf(error)}`);
      say(reasons.at(-1) ?? '');
    }
  }
  return { ok: false, reason: reasons.join('; '), remedy: explainRemedy(programs) };
}

function listSources(
  environment: Environment,
  programs: readonly ProgramName[],
  say: (line: string) => void,
): readonly [Source, Source, Source, Source] {
  const controllers = programs.includes('kube-controller-manager');
  return [
    { name: 'KUBEBUILDER_ASSETS', find: async () => readAssets(environment, programs) },
    {
      name: 'cache',
      find: async () => {
        const folder = findCached(environment, programs);
        if (folder === undefined) throw new Error(`nothing for this version in ${cacheRoot(environment)}`);
        return folder;
      },
    },
    { name: 'envtest archive', find: () => download(environment, controllers, say) },
    {
      name: 'Go build',
      find: async () => {
        const problem = findGoProblem(environment);
        if (problem !== undefined) throw new Error(problem);
        return build(environment, builtName(), say);
      },
    },
  ];
}

function readAssets(environment: Environment, programs: readonly ProgramName[]): string {
  const folder = environment['KUBEBUILDER_ASSETS'];
  if (folder === undefined || folder === '') throw new Error('not set');
  const missing = missingPrograms(folder, programs);
  if (missing.length > 0) throw new Error(`${folder} lacks ${missing.join(', ')}`);
  return folder;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

if (import.meta.main) {
  const found = await findBinaries();
  if (found.ok) console.log(found.folder);
  else console.error(`control plane: none (${found.reason}).\nRemedy: ${found.remedy}.`);
  process.exitCode = found.ok ? 0 : 2;
}
