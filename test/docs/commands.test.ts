// Every command of the documentation is in a class, and every command of Ringfence can be parsed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { commandNames } from '../../src/invocation.ts';
import { classOf, commandClasses, wordsOf } from './command-classes.ts';
import { commands } from './command-line.ts';
import { documented, mentioned, unlabelled } from './documented.ts';
import { root } from './page.ts';
import { readStatements } from './shell.ts';

const simple = documented.flatMap(({ commands: all, page, place }) =>
  all.map((command) => ({
    place,
    program: command.program,
    words: wordsOf(command),
    treatedBy: classOf(page, command),
  })),
);

/** Says why commander refuses the words after `ringfence`, or nothing. It runs no command. */
async function refusalOf([name = '', ...args]: readonly string[]): Promise<CommanderError | undefined> {
  const known = commandNames.find((one) => one === name);
  if (known === undefined) return new CommanderError(1, 'unknown', `there is no command ${name}`);
  const command = (await commands[known]())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .action(() => undefined);
  try {
    await command.parseAsync(args, { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error;
    throw error;
  }
}

describe('the commands of the documentation', () => {
  it('are many, and each is in a class', () => {
    expect(simple.length).toBeGreaterThan(100);
    const lost = simple.filter(({ treatedBy }) => treatedBy === undefined);
    expect(lost.map(({ place, words }) => `${place}: ${words.join(' ')}`)).toEqual([]);
  });

  it('use every class, or the table is too long', () => {
    const used = new Set(simple.map(({ treatedBy }) => treatedBy));
    expect(commandClasses.filter((one) => !used.has(one)).map(({ pattern }) => String(pattern))).toEqual([]);
  });

  it('that another test runs are in it', () => {
    const missing = commandClasses.flatMap(({ treatment }) =>
      treatment.how !== 'run elsewhere' || readFileSync(join(root, treatment.test), 'utf8').includes(treatment.says)
        ? []
        : [`${treatment.test}: ${treatment.says}`],
    );
    expect(missing).toEqual([]);
  });

  it('that are scripts are in package.json', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const named = simple.filter(({ treatedBy }) => treatedBy?.treatment.how === 'is a script');
    const unknown = named.filter(({ words: [, first = '', second = ''] }) => {
      const script = first === 'run' ? second : first;
      return script !== 'ci' && !Object.hasOwn(scripts, script);
    });
    expect(unknown.map(({ place, words }) => `${place}: ${words.join(' ')}`)).toEqual([]);
  });

  it('of Ringfence have options and arguments that exist', async () => {
    const lines = simple.filter(({ words: [first] }) => first === 'ringfence');
    expect(lines.length).toBeGreaterThan(60);
    const refused: string[] = [];
    for (const { place, words } of lines) {
      const error = await refusalOf(words.slice(1));
      if (error !== undefined) refused.push(`${place}: ${error.message}`);
    }
    expect(refused).toEqual([]);
  });

  it('stand in blocks that say so', () => {
    const programs = new Set(simple.map(({ program }) => program));
    const silent = unlabelled.filter(({ text }) => {
      const [first = ''] = text.split('\n');
      const [typed] = readStatements(first, first.startsWith('$ '));
      return typed !== undefined && programs.has(typed.commands[0]?.program ?? '') && !first.includes('─');
    });
    expect(silent.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
  });
});

describe('the commands in sentences', () => {
  it('are commands, with options that exist', async () => {
    expect(mentioned.length).toBeGreaterThan(60);
    const refused: string[] = [];
    for (const { page, text } of mentioned) {
      const [, words = ''] = /ringfence (?:-- )?(.*)/.exec(text) ?? [];
      // `ARGS` means any command. Brackets and dots are how usage is written.
      if (words === 'ARGS' || words.startsWith('--')) continue;
      const error = await refusalOf(
        words
          .replaceAll(/[[\]]|\.\.\./g, '')
          .replaceAll(/\|\w+/g, '')
          .split(' '),
      );
      // A sentence may leave out what stands in the example beside it.
      const isShort = /^commander\.(?:missingArgument|optionMissingArgument|missingMandatoryOptionValue)$/.test(
        error?.code ?? '',
      );
      if (error !== undefined && !isShort) refused.push(`${page}: \`${text}\`: ${error.message}`);
    }
    expect(refused).toEqual([]);
  });
});

describe('the reader of command lines', () => {
  it.each([
    ['a b  # c', [['a', 'b']]],
    [
      'a \'b c\' "d e" > f | g -',
      [
        ['a', 'b c', 'd e'],
        ['g', '-'],
      ],
    ],
    ['a \\\n  b && c 2>&1', [['a', 'b'], ['c']]],
    ["a --x='y z' b\\.c", [['a', '--x=y z', 'b.c']]],
    ['# only words', []],
  ])('reads %j', (line, expected) => {
    const read = readStatements(line, false).flatMap(({ commands: all }) => all);
    expect(read.map(({ program, args }) => [program, ...args])).toEqual(expected);
  });

  it('takes of a session what is typed, and no output', () => {
    expect(readStatements('$ a |\n  b\nc\n$ d\n', true).map(({ text, line }) => [text, line])).toEqual([
      ['a |\n  b', 1],
      ['d', 4],
    ]);
  });
});
