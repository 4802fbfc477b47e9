import process from 'node:process';
import { Command, Option } from 'commander';
import type { Environment } from '../config/environment.ts';
import { hasDoubts } from '../history/read.ts';
import { directions, replay } from '../history/replay.ts';
import { replayJson } from '../history/replay-json.ts';
import { formatReplay } from '../history/replay-text.ts';
import { type Mode, modes } from '../policy/mode.ts';
import { givenConfig, ownNamespaceIn, readCount } from './options.ts';
import { print, printable } from './output.ts';
import { showProgress } from './progress.ts';
import { jsonModes, refuseUnused } from './unused.ts';
import { limitYoungGeneration } from './young-generation.ts';

/** The arguments of `ringfence replay`. */
interface ReplayOptions {
  readonly config: string;
  readonly mode?: Mode;
  readonly output: 'text' | 'json';
  readonly top: number;
  readonly strict?: boolean;
}

/** `ringfence replay`: judges the admissions of audit lines again under another configuration. */
export function replayCommand(environment: Environment): Command {
  return refuseUnused<ReplayOptions>(new Command('replay'), jsonModes)
    .description(
      'judge admissions of the past under another configuration; exit code 0: nothing changes, 1: something does, 2: could not run',
    )
    .argument('<log...>', "the webhook's log, as kubectl logs or Loki give it, gzip too; - for standard input")
    .requiredOption('--config <file>', 'the configuration to judge by (YAML)')
    .addOption(new Option('--mode <mode>', "the cluster's mode, instead of that of the configuration").choices(modes))
    .addOption(new Option('-o, --output <format>', 'output format').choices(['text', 'json']).default('text'))
    .addOption(
      new Option('--top <number>', 'how many causes the text shows of each change').argParser(readCount).default(10),
    )
    .option(
      '--strict',
      'also exit with 1 if lines do not decide how they would be answered, cannot be read or are missing',
    )
    .action(async (files: string[], options: ReplayOptions) => {
      const given = await givenConfig(options.config, ownNamespaceIn(environment));
      const config = options.mode === undefined ? given : { ...given, mode: options.mode };
      limitYoungGeneration();
      const progress = showProgress(process.stderr);
      const sayLines = (lines: number) => progress.say(`${lines.toLocaleString('en-US')} lines`);
      const result = await replay(files, config, { progress: sayLines }).finally(progress.end);
      if (result.reading.audits === 0)
        throw new Error(`${files.join(', ')}: there is no audit line in it (a line whose msg is "admission decision")`);
      const isChanged = directions.some((direction) => result.changes[direction].lines > 0);
      process.exitCode = isChanged || (options.strict === true && hasDoubts(result)) ? 1 : 0;
      await print(options.output === 'json' ? replayJson(result) : printable(formatReplay(result, options.top)));
    });
}
