import type { Argument, Command, Option } from 'commander';

/** A word that may stand where the person is typing. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** The words that may stand at a place, and whether names of files or folders may too. */
export interface Candidates {
  readonly candidates: readonly Candidate[];
  readonly also?: 'files' | 'folders' | undefined;
}

/** What is needed to complete the words of a command line. */
export interface Completer {
  /** The commands, in the order of the help. */
  readonly names: readonly string[];
  /** Loads a command; undefined if there is none of the name. */
  load(name: string): Promise<Command | undefined>;
  /** The ids of the checks. */
  checks(): Promise<readonly string[]>;
}

/**
 * Completes the last of the words after the program's name. The words of a command are those that
 * commander knows: its options with their choices, and its arguments. Nothing is filtered by what
 * the person has typed of the last word, except that a dash asks for options.
 */
export async function complete(words: readonly string[], completer: Completer): Promise<Candidates> {
  const [current = ''] = words.slice(-1);
  const [name, ...before] = words.slice(0, -1);
  if (name === undefined) return first(completer);
  if (name === 'help') return { candidates: named(completer.names) };
  const command = await completer.load(name);
  if (command === undefined) return { candidates: [] };
  const { pending, used, isEnded, count } = walk(before, command.options);
  const [, flag, list] = /^(--[^=]+=)(.*)$/s.exec(current) ?? [];
  const option = flag === undefined || isEnded ? pending : optionOf(flag.slice(0, -1), command.options);
  if (option !== undefined) return valuesOf(option, flag === undefined ? '' : flag, list ?? current, completer);
  if (current.startsWith('-') && !isEnded) return { candidates: optionsOf(command, used) };
  return argumentsOf(command.registeredArguments, count);
}

async function first({ names, load }: Completer): Promise<Candidates> {
  const candidates = await Promise.all(
    names.map(async (value) => ({ value, description: (await load(value))?.description() ?? '' })),
  );
  return {
    candidates: [
      ...candidates,
      { value: 'help', description: 'display help for command' },
      { value: '--help', description: 'display help' },
      { value: '--version', description: 'output the version number' },
    ],
  };
}

/** The state after the words that are complete. */
interface Walked {
  /** The option whose value comes next. */
  readonly pending: Option | undefined;
  readonly used: ReadonlySet<Option>;
  /** Whether `--` has ended the options. */
  readonly isEnded: boolean;
  /** How many arguments there were. */
  readonly count: number;
}

function walk(words: readonly string[], options: readonly Option[]): Walked {
  const used = new Set<Option>();
  let pending: Option | undefined;
  let isEnded = false;
  let count = 0;
  for (const word of words) {
    if (isEnded || !word.startsWith('-') || word === '-') {
      // A variadic option takes every word up to the next option.
      if (pending === undefined) count += 1;
      else if (!pending.variadic) pending = undefined;
    } else if (word === '--') {
      isEnded = true;
      pending = undefined;
    } else {
      const option = optionOf(word.split('=')[0] ?? '', options);
      if (option !== undefined) used.add(option);
      pending = option !== undefined && takesValue(option) && !word.includes('=') ? option : undefined;
    }
  }
  return { pending, used, isEnded, count };
}

function optionOf(word: string, options: readonly Option[]): Option | undefined {
  return options.find(({ long, short }) => word === long || word === short);
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function optionsOf(command: Command, used: ReadonlySet<Option>): readonly Candidate[] {
  const repeatable = (option: Option): boolean =>
    option.variadic || (option.parseArg !== undefined && option.argChoices === undefined);
  const options = command.options.filter((option) => !option.hidden && (!used.has(option) || repeatable(option)));
  return [
    ...options.map((option) => ({ value: option.long ?? option.short ?? '', description: option.description })),
    { value: '--help', description: 'display help for command' },
  ];
}

/** The values of an option, each after `prefix`, where the person has typed `--option=`. */
async function valuesOf(option: Option, prefix: string, typed: string, { checks }: Completer): Promise<Candidates> {
  const [, placeholder = ''] = /[<[](.*)[>\]]/.exec(option.flags) ?? [];
  const values = option.argChoices ?? (placeholder === 'check,...' ? await checks() : []);
  // `--skip a,b`: the value is the last of the list.
  const before = placeholder.includes(',') ? typed.slice(0, typed.lastIndexOf(',') + 1) : '';
  const chosen = before.split(',');
  const left = values.filter((value) => !chosen.includes(value));
  return { candidates: named(left.map((value) => `${prefix}${before}${value}`)), also: placesOf(placeholder) };
}

function argumentsOf(known: readonly Argument[], count: number): Candidates {
  const argument = known[count] ?? (known.at(-1)?.variadic === true ? known.at(-1) : undefined);
  if (argument === undefined) return { candidates: [] };
  const name = argument.name();
  const isWorld = name === 'before' || name === 'after';
  return {
    candidates: named(argument.argChoices ?? (isWorld ? ['live'] : [])),
    also: isWorld ? 'files' : placesOf(name),
  };
}

/** Whether a placeholder means files or folders: `<file>`, `<path...>`, `<log...>`, `<folder>`. */
function placesOf(placeholder: string): Candidates['also'] {
  if (/^(?:file|path|log|expectations)\b/.test(placeholder)) return 'files';
  return placeholder === 'folder' ? 'folders' : undefined;
}

function named(values: readonly string[]): readonly Candidate[] {
  return values.map((value) => ({ value, description: '' }));
}
