// `npm run mutations` breaks the engine of src/network in many named ways, one at a time, in a
// copy. The laws and properties of test/network must notice each. Writes docs/testing.md; with
// `--check` it writes nothing. Exits 1 if a broken engine passes, and with `--check` if the page is
// stale.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { type Engine, engineModules } from '../test/network/engine.ts';
import { laws } from '../test/network/laws.ts';
import { type Mutation, mutations } from '../test/network/mutations.ts';
import { properties } from '../test/network/properties.ts';
import { readPart, writePart } from './testing-page.ts';

const root = join(import.meta.dirname, '..');
const source = join(root, 'src', 'network');

interface Outcome {
  readonly mutation: Mutation;
  /** The sentences of the laws that noticed, the properties only where no law did. */
  readonly caughtBy: readonly string[];
}

/**
 * The text of a file with a mutation in it; throws where the text to be replaced does not stand
 * there exactly once.
 */
function mutate({ name, file, from, to }: Mutation): string {
  const parts = readFileSync(join(source, file), 'utf8').split(from);
  if (parts.length !== 2)
    throw new Error(`"${name}": the text to replace stands ${parts.length - 1} times in src/network/${file}: ${from}`);
  return parts.join(to);
}

async function loadEngine(folder: string): Promise<Engine> {
  const modules = await Promise.all(
    engineModules.map((file) => import(pathToFileURL(join(folder, file)).href) as Promise<Partial<Engine>>),
  );
  return Object.assign({}, ...modules) as Engine;
}

/** Whether something does not hold of an engine, or an engine cannot even answer. */
function fails(ask: () => boolean): boolean {
  try {
    return !ask();
  } catch {
    return true;
  }
}

function catchers(engine: Engine): readonly string[] {
  const broken = Object.values(laws)
    .flat()
    .filter(({ actual, expected }) => fails(() => isDeepStrictEqual(actual(engine), expected)));
  if (broken.length > 0) return broken.map(({ law }) => law);
  const first = properties.find(({ assertOn }) =>
    fails(() => {
      assertOn(engine);
      return true;
    }),
  );
  return first === undefined ? [] : [`in every world, ${first.law}`];
}

/** Each mutation in a folder of its own: a module is loaded once per path. */
async function tryMutation(mutation: Mutation, folder: string): Promise<Outcome> {
  cpSync(source, folder, { recursive: true });
  writeFileSync(join(folder, mutation.file), mutate(mutation));
  return { mutation, caughtBy: catchers(await loadEngine(folder)) };
}

async function run(): Promise<readonly Outcome[]> {
  const sound = catchers(await loadEngine(source));
  if (sound.length > 0) throw new Error(`the engine breaks laws without any mutation: ${sound.join('; ')}`);
  const workshop = mkdtempSync(join(tmpdir(), 'ringfence-mutations-'));
  try {
    // The copies find their packages here; without a package.json beside them they would be read as
    // CommonJS first.
    symlinkSync(join(root, 'node_modules'), join(workshop, 'node_modules'));
    writeFileSync(join(workshop, 'package.json'), '{ "type": "module" }\n');
    const outcomes: Outcome[] = [];
    for (const [index, mutation] of mutations.entries()) {
      const folder = join(workshop, String(index));
      mkdirSync(folder);
      outcomes.push(await tryMutation(mutation, folder));
    }
    return outcomes;
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

function render(outcomes: readonly Outcome[]): string {
  const caught = outcomes.filter(({ caughtBy }) => caughtBy.length > 0).length;
  const rows = outcomes.map(({ mutation, caughtBy }) => {
    return `| ${mutation.name} | \`${mutation.file}\` | ${caughtBy[0] ?? 'nothing'} |`;
  });
  return [
    `Caught: ${caught} of ${outcomes.length}.`,
    '',
    '| mistake | file | caught by |',
    '|---|---|---|',
    ...rows,
  ].join('\n');
}

/** The page less its last column: which of several laws notices first may change with any law. */
function withoutLaws(text: string): string {
  return text.replace(/[^|]*\|$/gm, '');
}

const outcomes = await run();
const missed = outcomes.filter(({ caughtBy }) => caughtBy.length === 0);
if (!process.argv.includes('--check')) writePart('engine mutations', 'npm run mutations', render(outcomes));
else if (withoutLaws(readPart('engine mutations')) !== withoutLaws(render(outcomes))) {
  console.error('docs/testing.md is stale: `npm run mutations` writes it');
  process.exitCode = 1;
}
for (const { mutation } of missed) console.error(`not caught: ${mutation.name} (${mutation.file})`);
console.info(`${outcomes.length - missed.length} of ${outcomes.length} mutations caught`);
if (missed.length > 0) process.exitCode = 1;
