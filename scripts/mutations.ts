// `npm run mutations` breaks the engine of src/network in many named ways, one at a time, in a
// copy. The laws and properties of test/network must notice each. Writes docs/testing.md; with
// `--check` it writes nothing. Exits 1 if a broken engine passes, and with `--check` if the page is
// stale.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { mutations as drillMutations } from '../test/drills/mutations.ts';
import { mutations as flowMutations } from '../test/flows/mutations.ts';
import { findSprung } from '../test/flows/sprung.ts';
import { mutate } from '../test/mutations/edit.ts';
import { type Engine, engineModules } from '../test/network/engine.ts';
import { laws } from '../test/network/laws.ts';
import { type Mutation, mutations } from '../test/network/mutations.ts';
import { properties } from '../test/network/properties.ts';
import { tierProperties } from '../test/network/tier-properties.ts';
import { playMutant } from '../test/simulation/mutants.ts';
import { mutations as simulationMutations } from '../test/simulation/mutations.ts';
import { readPart, writePart } from './testing-page.ts';

const root = join(import.meta.dirname, '..');
const source = join(root, 'src', 'network');

interface Outcome {
  readonly mutation: Mutation;
  /** The sentences of the laws that noticed. Properties are included only if no law noticed. */
  readonly caughtBy: readonly string[];
}

async function loadEngine(folder: string): Promise<Engine> {
  const modules = await Promise.all(
    engineModules.map((file) => import(pathToFileURL(join(folder, file)).href) as Promise<Partial<Engine>>),
  );
  return Object.assign({}, ...modules) as Engine;
}

/** Whether a law or property fails for an engine, or the engine cannot answer at all. */
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
  const first = [...properties, ...tierProperties].find(({ assertOn }) =>
    fails(() => {
      assertOn(engine);
      return true;
    }),
  );
  return first === undefined ? [] : [`in every world, ${first.law}`];
}

/** Each mutation is in a folder of its own, because a module is loaded once for each path. */
async function tryMutation(mutation: Mutation, folder: string): Promise<Outcome> {
  cpSync(join(root, 'src'), join(folder, 'src'), { recursive: true });
  const { name, file, from, to } = mutation;
  const edits = [{ file: `src/network/${file}`, from, to }];
  for (const [path, text] of mutate(root, { name, edits })) writeFileSync(join(folder, path), text);
  return { mutation, caughtBy: catchers(await loadEngine(join(folder, 'src', 'network'))) };
}

/**
 * The problems of the mutations themselves, including those of the simulation and the drills, one
 * line each.
 */
function problems(): string[] {
  const names = new Set(mutations.map(({ name }) => name));
  const ofEngine = mutations.map(({ name, file, from, to }) => ({
    name,
    edits: [{ file: `src/network/${file}`, from, to }],
  }));
  return [
    ...(names.size < mutations.length ? ['two mutations of the engine have the same name'] : []),
    ...[...ofEngine, ...flowMutations, ...simulationMutations, ...drillMutations].flatMap((mistake) => {
      try {
        mutate(root, mistake);
        return [];
      } catch (error) {
        return [(error as Error).message];
      }
    }),
    ...drillMutations.flatMap(({ name, file }) =>
      existsSync(join(root, 'test', 'drills', file)) ? [] : [`"${name}" names the drill ${file}, which is gone`],
    ),
  ];
}

/**
 * Plays only the first mutation of the simulation. `npm run simulate -- --mutations` plays the
 * others.
 */
async function isDroppedGateNoticed(): Promise<boolean> {
  const [first] = simulationMutations;
  if (first === undefined) return false;
  const { failed } = await playMutant(first, 25);
  return /^Pod \w+\/pod-\d+ is stored without a wall/.test(failed[0]?.failure ?? '');
}

/** The mutations of the reading of flow logs that no trap of test/flows notices. */
async function findMissedFlowMutations(): Promise<readonly string[]> {
  const sound = await findSprung(join(root, 'src', 'flows', 'read.ts'));
  if (sound.length > 0) throw new Error(`flow logs are read wrong without any mutation: ${sound.join('; ')}`);
  const missed: string[] = [];
  for (const mistake of flowMutations) {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-mutations-'));
    try {
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
      writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
      cpSync(join(root, 'src'), join(folder, 'src'), { recursive: true });
      for (const [path, text] of mutate(root, mistake)) writeFileSync(join(folder, path), text);
      if ((await findSprung(join(folder, 'src', 'flows', 'read.ts'))).length === 0) missed.push(mistake.name);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return missed;
}

async function run(): Promise<readonly Outcome[]> {
  const sound = catchers(await loadEngine(source));
  if (sound.length > 0) throw new Error(`the engine breaks laws without any mutation: ${sound.join('; ')}`);
  const workshop = mkdtempSync(join(tmpdir(), 'ringfence-mutations-'));
  try {
    // The copies find their packages here. Without a package.json beside them, Node would first
    // read them as CommonJS.
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

/**
 * The page without its last column. When several laws notice, any change of a law may change which
 * one is first.
 */
function withoutLaws(text: string): string {
  return text.replace(/[^|]*\|$/gm, '');
}

const wrong = problems();
if (!(await isDroppedGateNoticed())) wrong.push('the simulation does not notice that the gate is dropped');
for (const problem of wrong) console.error(problem);
if (wrong.length > 0) process.exit(1);
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
const missedFlows = await findMissedFlowMutations();
for (const name of missedFlows) console.error(`not caught: ${name} (flow logs)`);
console.info(`${flowMutations.length - missedFlows.length} of ${flowMutations.length} mutations of flow logs caught`);
if (missedFlows.length > 0) process.exitCode = 1;
