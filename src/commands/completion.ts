import { Argument, Command } from 'commander';
import { type Candidates, type Completer, complete } from './candidates.ts';
import { print } from './output.ts';
import { shellScripts, shells } from './shell-scripts.ts';

/** `ringfence completion`: prints the script that makes a shell ask for completions. */
export function completionCommand(): Command {
  return new Command('completion')
    .description('print the script that completes commands and options in bash, zsh or fish')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .action((shell: (typeof shells)[number]) => print(shellScripts[shell]));
}

/**
 * `ringfence __complete -- WORDS`: answers the scripts, and kubectl, in the form of cobra
 * (cobra/completions.go): a candidate on each line with its description after a tab, and then a
 * colon with a number, which says what else may stand there.
 */
export function answerWords(completer: Completer): Command {
  return new Command('__complete')
    .argument('[words...]')
    .helpOption(false)
    .action(async (words: string[]) => print(formatCandidates(await complete(words, completer))));
}

/** cobra's directives: ShellCompDirectiveDefault, NoFileComp, FilterDirs. */
const directives = { files: 0, nothing: 4, folders: 16 } as const;

function formatCandidates({ candidates, also }: Candidates): string {
  const lines = candidates.map(({ value, description }) => (description === '' ? value : `${value}\t${description}`));
  return `${[...lines, `:${directives[also ?? 'nothing']}`].join('\n')}\n`;
}
