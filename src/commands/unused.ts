import type { Command } from 'commander';
import { agree } from '../wording/number.ts';

/** A mode of a command, and the options that mean nothing in it. */
export interface Mode<Options> {
  /** Whether the options and the arguments choose the mode. */
  readonly chosen: (options: Options, args: readonly string[]) => boolean;
  /** The properties of the options, as commander names them: `dryRun` of `--dry-run`. */
  readonly unused: readonly (keyof Options & string)[];
  /** Why they mean nothing, in a clause. */
  readonly because: string;
}

/**
 * Makes a command refuse options that it would ignore. Throws an Error with a sentence for each
 * mode, before the command begins. A default value is not refused.
 */
export function refuseUnused<Options extends object>(command: Command, modes: readonly Mode<Options>[]): Command {
  return command.hook('preAction', (_, action) => {
    const options = action.opts<Options>();
    const sentences = modes
      .filter(({ chosen }) => chosen(options, action.args))
      .flatMap(({ unused, because }) => {
        const given = action.options
          .filter((option) => unused.some((name) => name === option.attributeName()))
          .filter((option) => action.getOptionValueSource(option.attributeName()) === 'cli')
          .map(({ long, short }) => long ?? short ?? '');
        if (given.length === 0) return [];
        return [`${given.join(' and ')} ${agree(given.length, 'has', 'have')} no meaning here: ${because}`];
      });
    if (sentences.length > 0) throw new Error(sentences.join('\n'));
  });
}

/** The options of a command that reads files, or else the live cluster. */
interface SourceOptions {
  readonly filename?: readonly string[];
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly exclude?: readonly string[];
}

/** The two modes of a command with `-f`. */
export const fileModes: readonly Mode<SourceOptions>[] = [
  {
    chosen: ({ filename }) => filename !== undefined,
    unused: ['kubeconfig', 'context'],
    because: '-f reads files, and no cluster',
  },
  {
    chosen: ({ filename }) => filename === undefined,
    unused: ['exclude'],
    because: 'without -f, the live cluster is read, and no files',
  },
];

/** The mode of a command that prints everything to a program. */
export const jsonModes: readonly Mode<{ readonly output: string; readonly top: number }>[] = [
  { chosen: ({ output }) => output === 'json', unused: ['top'], because: '-o json has every cause' },
];
