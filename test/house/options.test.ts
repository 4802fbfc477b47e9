// An option that a message names is one of the command that prints it, or of a command that the
// message names.
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CommandName, commandNames } from '../../src/invocation.ts';
import { commands } from '../docs/command-line.ts';
import { codeOf, type Source, sources } from './sources.ts';

/** The rooms whose texts people read as the answer of a command. */
const speaking = ['audit', 'doctor', 'fencing', 'flows', 'judgement', 'library', 'plan', 'reach', 'report'];

/** Options of other programs, which these texts are about. */
const foreign: readonly string[] = [
  // kube-router, k3s, the agent of the Amazon VPC CNI, and kube-network-policies.
  ...[
    '--run-firewall',
    '--netpol-default-deny',
    '--disable-network-policy',
    '--enable-network-policy',
    '--disable-nri',
  ],
  // V8.
  '--semi-space-growth-factor',
];

/** Files that more commands load than print their texts, with those that print them. */
const printedBy: Readonly<Record<string, readonly CommandName[]>> = {
  // The others read a whole cluster, and name no option.
  'src/judgement/inventory.ts': ['check'],
  // The note is made only where the option was given.
  'src/library/world.ts': ['reach', 'assert', 'diff'],
};

/** A place where a text names an option, and the command that the text names before it. */
interface Mention {
  readonly path: string;
  readonly option: string;
  /** A command of Ringfence, `kubectl`, or undefined for the command that prints the text. */
  readonly of: string | undefined;
}

/** Every option in the strings of a file. A sentence is about the command that it names last. */
function mentionsIn({ path, text }: Source): readonly Mention[] {
  return codeOf(text)
    .split('\n')
    .flatMap((line) =>
      [...line.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(({ 0: option, index }): Mention => {
        const before =
          line
            .slice(0, index)
            .split(/[.:?] |['`]|\\n/)
            .at(-1) ?? '';
        const open = before.replaceAll(/\([^)]*\)/g, '');
        return { path, option, of: /.*\b(?:ringfence (\w+)|(kubectl))\b/.exec(open)?.slice(1).find(Boolean) };
      }),
    );
}

/** Every file that a file loads, at once or later. */
function reachableFrom(path: string, seen: Set<string> = new Set()): ReadonlySet<string> {
  const source = sources.find((one) => one.path === path);
  if (source === undefined || seen.has(path)) return seen;
  seen.add(path);
  const later = [...source.text.matchAll(/\bimport\('(\.[^']+)'\)/g)].map(([, name = '']) =>
    normalize(join(dirname(path), name)),
  );
  for (const next of [...source.loaded, ...later]) reachableFrom(next, seen);
  return seen;
}

const optionsOf = new Map(
  await Promise.all(
    commandNames.map(async (name) => {
      const { options } = await commands[name]();
      return [name, options.map(({ long }) => long ?? '')] as const;
    }),
  ),
);
const filesOf = new Map(commandNames.map((name) => [name, reachableFrom(`src/commands/${name}.ts`)]));
const mentions = sources.filter(({ room }) => speaking.includes(room)).flatMap(mentionsIn);

describe('the options that messages name', () => {
  it('are found', () => {
    expect(mentions.length).toBeGreaterThan(30);
    expect(mentions.filter(({ of }) => of !== undefined).length).toBeGreaterThan(10);
  });

  it.each(
    mentions
      .filter(({ option, of }) => of !== 'kubectl' && !foreign.includes(option))
      .map((mention) => [`${mention.of ?? 'its own command'} ${mention.option}`, mention.path, mention] as const),
  )('%s in %s', (_, path, { option, of }) => {
    const printing = printedBy[path] ?? commandNames.filter((name) => filesOf.get(name)?.has(path));
    const named = of === undefined ? printing : commandNames.filter((name) => name === of);
    expect(named).not.toEqual([]);
    expect(named.filter((name) => optionsOf.get(name)?.includes(option) !== true)).toEqual([]);
  });

  it('of other programs, and the files with a list of commands, are all needed', () => {
    const found = new Set(mentions.map(({ option }) => option));
    expect(foreign.filter((option) => !found.has(option))).toEqual([]);
    const own = new Set(mentions.filter(({ of }) => of === undefined).map(({ path }) => path));
    expect(Object.keys(printedBy).filter((path) => !own.has(path))).toEqual([]);
  });
});
