import { globSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { refuseUnused } from '../../src/commands/unused.ts';
import { make, rows } from './modes.ts';
import { runCommand } from './run.ts';

/** Values that the options accept; others take `x`, or none. */
const values: Readonly<Record<string, string>> = {
  '--api-version': 'v1beta1',
  '--authority-hours': '9000',
  '--certificate-hours': '48',
  '--external': 'cidr',
  '--language': 'zh',
  '--output': 'json',
  '--peers': 'identity',
  '--pod-cidr': '10.0.0.0/8',
  '--reread-seconds': '5',
  '--timeout': '5',
  '--top': '5',
  '--trial': '15m',
  '--webhook-url': 'https://10.0.0.1',
};

/** Options that another one stands for in the sentence, because they imply it. */
const implied: Readonly<Record<string, string>> = { '--keep': '--replace', '--planned': '--stage' };

const refused = /(has|have) no meaning here: |cannot be used with|is for --dialect|-f PATH|--all is about/;

it('has rows for every command', () => {
  const commands = globSync('src/commands/*.ts').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^export function (\w+)Command\(/gm)].map(([, name]) => name),
  );
  expect(new Set<string | undefined>(rows.map(({ command }) => command))).toEqual(new Set(commands));
});

describe.each(rows)('$command, $mode', ({ command, args, uses, harmless = {} }) => {
  const accepted = new Set([...uses.split(' '), ...Object.keys(harmless), '--help', '']);
  const all = make[command]().options.map((option) => option);
  const others = all.filter(({ long }) => !accepted.has(long ?? ''));

  it('knows the options that its row names', () => {
    const names = new Set([...all.map(({ long }) => long), '--help', '']);
    expect([...accepted].filter((name) => !names.has(name))).toEqual([]);
  });

  it.each(
    others.map(({ long, required, optional, variadic }) => ({
      long: long ?? '',
      takes: required || optional || variadic,
    })),
  )('refuses $long, which it would ignore', async ({ long, takes }) => {
    const given = takes ? [long, values[long] ?? 'x'] : [long];
    const { stderr, code } = await runCommand([make[command]()], [command, ...args, ...given]);
    expect(stderr).toMatch(refused);
    expect(stderr).toContain(implied[long] ?? long);
    expect(code).toBe(2);
  });
});

it('says all that is wrong at once, and takes no default for a wish', async () => {
  const command = refuseUnused<{ a?: string; b: string; c?: boolean }>(
    new Command('run').option('--a <x>').option('--b <x>', '', 'default').option('--no-c'),
    [
      { chosen: () => true, unused: ['a', 'b'], because: 'one reason' },
      { chosen: ({ c }) => c === false, unused: ['c'], because: 'another' },
    ],
  ).action(() => undefined);
  expect(await runCommand([command], ['run'])).toMatchObject({ code: 0 });
  const { stderr } = await runCommand([command], ['run', '--a', '1', '--b', 'default', '--no-c']);
  expect(stderr).toBe('--a and --b have no meaning here: one reason\n--no-c has no meaning here: another\n');
});
