// The content of the image, laid out in a folder as the Dockerfile says, where no builder is at
// hand. Only the base image and the installation of packages are replaced: by the Node of this
// process with its libraries, and by the node_modules of this checkout.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, globSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { readDockerfile, type Stage, type Step } from './dockerfile.ts';

/** What runs, and with what. */
export interface Content {
  /** The root of the file system. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly workingFolder: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

/** The instruction of the build stage that fetches packages, and needs a registry. */
const installation = /^npm ci\b/;

/** Lays out the content. Throws an Error for an instruction that it does not know. */
export function layOut(context: string, folder: string): Content {
  const [build, last, ...others] = readDockerfile(readFileSync(join(context, 'Dockerfile'), 'utf8'));
  if (build === undefined || last === undefined || others.length > 0) throw new Error('two stages are expected');
  const stages = new Map([[build.name, join(folder, build.name)]]);
  const root = join(folder, 'root');
  follow(build, join(folder, build.name), context, stages);
  mkdirSync(join(root, 'nodejs/bin'), { recursive: true });
  cpSync(process.execPath, join(root, 'nodejs/bin/node'));
  for (const library of librariesOf(process.execPath)) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
  const { workingFolder } = follow(last, root, context, stages);
  const read = (keyword: string): string | undefined => last.steps.findLast((step) => step.keyword === keyword)?.text;
  return {
    root,
    workingFolder,
    environment: Object.fromEntries(
      last.steps.filter(({ keyword }) => keyword === 'ENV').map(({ text }) => text.split('=') as [string, string]),
    ),
    user: read('USER') ?? '0:0',
    entrypoint: JSON.parse(read('ENTRYPOINT') ?? '[]') as string[],
    command: JSON.parse(read('CMD') ?? '[]') as string[],
  };
}

/** Follows the instructions of a stage whose file system is `root`. */
function follow(
  stage: Stage,
  root: string,
  context: string,
  stages: ReadonlyMap<string, string>,
): { readonly workingFolder: string } {
  let workingFolder = '/';
  for (const { keyword, text } of stage.steps) {
    if (keyword === 'WORKDIR') {
      workingFolder = resolve(workingFolder, text);
      mkdirSync(join(root, workingFolder), { recursive: true });
    } else if (keyword === 'COPY') copy(text, root, workingFolder, context, stages);
    else if (keyword === 'RUN') run({ keyword, text }, join(root, workingFolder), context, stage);
    else if (!['CMD', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'LABEL', 'USER'].includes(keyword))
      throw new Error(`an instruction that the test does not follow: ${keyword} ${text}`);
  }
  return { workingFolder };
}

function copy(
  text: string,
  root: string,
  workingFolder: string,
  context: string,
  stages: ReadonlyMap<string, string>,
): void {
  const [, from, paths = ''] = /^(?:--from=(\S+) )?(.*)$/.exec(text) ?? [];
  const sources = paths.split(' ');
  const target = join(root, resolve(workingFolder, sources.pop() ?? ''));
  const base = from === undefined ? context : stages.get(from);
  if (base === undefined) throw new Error(`COPY from ${from}, which is no stage`);
  for (const pattern of sources) {
    const found = pattern.includes('*') ? globSync(join(base, pattern)) : [join(base, pattern)];
    if (found.length === 0) throw new Error(`COPY ${pattern}: there is no such file`);
    for (const path of found) {
      if (from === undefined) requireInContext(pattern, context);
      // Of a folder, Docker copies the content.
      if (statSync(path).isDirectory()) cpSync(path, target, { recursive: true });
      else cpSync(path, join(target, basename(path)));
    }
  }
}

/** Our .dockerignore leaves out everything, and then lists what belongs to the context. */
function requireInContext(path: string, context: string): void {
  const kept = readFileSync(join(context, '.dockerignore'), 'utf8').match(/(?<=^!).*$/gm) ?? [];
  const tidy = path.replace(/\/$/, '');
  const isKept = kept.some((one) => one === tidy || one.startsWith(`${tidy}/`) || tidy.startsWith(`${one}/`));
  if (!isKept) throw new Error(`COPY ${path}: .dockerignore leaves it out`);
}

function run({ text }: Step, folder: string, context: string, stage: Stage): void {
  if (stage.name === '') throw new Error(`RUN ${text}: the last stage of an image for two platforms only copies`);
  if (installation.test(text)) {
    symlinkSync(join(context, 'node_modules'), join(folder, 'node_modules'));
    return;
  }
  const [program, ...args] = text.split(' ');
  if (program !== 'node') throw new Error(`an instruction that the test does not follow: RUN ${text}`);
  execFileSync(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** The shared libraries of a program, and its loader. */
function librariesOf(program: string): readonly string[] {
  const listed = execFileSync('ldd', [program], { encoding: 'utf8' });
  const paths = [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = '']) => path);
  for (const path of paths) if (!existsSync(path)) throw new Error(`${dirname(path)} lacks ${basename(path)}`);
  return paths;
}
