import { Argument, Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { type Completer, complete } from '../../src/commands/candidates.ts';

const check = new Command('check')
  .description('judge manifests')
  .argument('<path...>', 'files')
  .option('--config <file>', 'configuration file')
  .addOption(new Option('-o, --output <format>', 'output format').choices(['text', 'json']))
  .option('--strict', 'also fail on warnings')
  .option('--skip <check,...>', 'leave out', (text) => text)
  .option('--observed <file...>', 'logs')
  .option('--write <folder>', 'write')
  .option('--timeout <seconds>', 'time')
  .addOption(new Option('--secret').hideHelp());
const diff = new Command('diff').argument('<before>').argument('<after>');
const completion = new Command('completion').addArgument(new Argument('<shell>').choices(['bash', 'zsh']));
const commands = [check, diff, completion];
const completer: Completer = {
  names: commands.map((command) => command.name()),
  load: async (name) => commands.find((command) => command.name() === name),
  checks: async () => ['label-values', 'required-labels'],
};

/** The values for a line whose last word is at the cursor, and what else may stand there. */
async function at(line: string): Promise<string> {
  const { candidates, also } = await complete(line.split(' ').slice(1), completer);
  return [...candidates.map(({ value }) => value), ...(also === undefined ? [] : [`(${also})`])].join(' ');
}

describe('completion', () => {
  it('offers the commands first, with their descriptions', async () => {
    expect(await at('ringfence ')).toBe('check diff completion help --help --version');
    const { candidates } = await complete([''], completer);
    expect(candidates[0]).toEqual({ value: 'check', description: 'judge manifests' });
  });

  it.each([
    [
      'options after a dash',
      'ringfence check -',
      '--config --output --strict --skip --observed --write --timeout --help',
    ],
    [
      'none twice, but those that may be repeated',
      'ringfence check --strict -o json --skip a --',
      '--config --skip --observed --write --timeout --help',
    ],
    ['the choices of an option', 'ringfence check -o ', 'text json'],
    ['the choices after "="', 'ringfence check --output=', '--output=text --output=json'],
    ['checks', 'ringfence check --skip ', 'label-values required-labels'],
    ['the next check of a list', 'ringfence check --skip label-values,', 'label-values,required-labels'],
    ['files for an option', 'ringfence check --config ', '(files)'],
    ['files for more of them', 'ringfence check --observed a b ', '(files)'],
    ['folders', 'ringfence check --write ', '(folders)'],
    ['nothing for a number', 'ringfence check --timeout ', ''],
    ['files for an argument', 'ringfence check --strict ', '(files)'],
    ['files for each argument of many', 'ringfence check a b ', '(files)'],
    ['files after the end of options', 'ringfence check -o json -- -', '(files)'],
    ['the cluster or files', 'ringfence diff live ', 'live (files)'],
    ['nothing after the last argument', 'ringfence diff live k8s ', ''],
    ['shells', 'ringfence completion ', 'bash zsh'],
    ['commands after help', 'ringfence help ', 'check diff completion'],
    ['nothing for a command that is not there', 'ringfence chekc ', ''],
  ])('offers %s', async (_, line, expected) => {
    expect(await at(line)).toBe(expected);
  });
});
