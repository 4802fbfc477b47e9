import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { Command, Option } from 'commander';
import type { Environment } from '../config/environment.ts';
import { type Assertion, assertExpectation, assertionsJson, formatAssertions } from '../reach/assertion.ts';
import { assertionsJunit } from '../reach/assertion-junit.ts';
import { readExpectations } from '../reach/expectations.ts';
import { outside } from '../reach/outside-question.ts';
import { applyStrict, type DeskOptions, openBothDesks, openDesk, printNotes, withDeskOptions } from './desk.ts';
import { print, printable } from './output.ts';

/** The arguments of `ringfence assert`. */
interface AssertOptions extends DeskOptions {
  readonly output: 'text' | 'json' | 'junit';
}

const formats = {
  text: (assertions: readonly Assertion[], file: string) => printable(formatAssertions(assertions, file)),
  json: assertionsJson,
  junit: assertionsJunit,
} as const;

/** `ringfence assert`: compares flows with the expectations in a file. */
export function assertCommand(environment: Environment): Command {
  return withDeskOptions(new Command('assert'), environment)
    .description(
      'compare manifests or a live cluster with expected flows; exit code 0: all hold, 1: some fail, 2: could not run',
    )
    .argument('[expectations]', 'YAML file with lists "allow" and "deny" of {from, to, port, protocol}')
    .addOption(new Option('-o, --output <format>', 'output format').choices(['text', 'json', 'junit']).default('text'))
    .action(async (named: string | undefined, given: AssertOptions) => {
      const { file, options } = chooseFile(named, given);
      const expectations = readExpectations(await readText(file), file);
      const isOfOutside = expectations.some(({ from }) => from === outside);
      const both = isOfOutside ? await openBothDesks(options, environment) : undefined;
      const desk = both?.desk ?? (await openDesk(options, environment));
      const notes = [...desk.notes, ...(both?.outside.notes ?? [])];
      printNotes(notes);
      const assertions = expectations.map((expectation) => assertExpectation(expectation, desk, both?.outside));
      process.exitCode = assertions.every(({ passed }) => passed) ? 0 : 1;
      applyStrict(options, notes);
      await print(formats[options.output](assertions, file, notes));
    });
}

/**
 * Returns the expectations file. In `-f PATH... EXPECTATIONS` the option takes any number of paths,
 * and so it also takes the argument after them.
 */
function chooseFile(named: string | undefined, options: AssertOptions): { file: string; options: AssertOptions } {
  if (named !== undefined) return { file: named, options };
  const paths = options.filename ?? [];
  const file = paths.at(-1);
  if (file === undefined || paths.length < 2)
    throw new Error('name the expectations file last: assert -f PATH... EXPECTATIONS');
  return { file, options: { ...options, filename: paths.slice(0, -1) } };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`${file}: cannot be read (${String((error as NodeJS.ErrnoException).code)})`);
  }
}
