import { createReadStream } from 'node:fs';
import process from 'node:process';
import { Command, Option } from 'commander';
import type { Environment } from '../config/environment.ts';
import type { BothDesks } from '../library/desks.ts';
import { type Question, readPort, resolveQuestion } from '../library/question.ts';
import { answerChunks, createBatchAnswerer } from '../reach/batch.ts';
import type { Desk } from '../reach/desk.ts';
import { formatGrid } from '../reach/grid.ts';
import { outside } from '../reach/outside-question.ts';
import { ask, formatAnswer } from '../reach/question.ts';
import { survey } from '../reach/survey.ts';
import { surveyCsv, surveyJson } from '../reach/survey-data.ts';
import { surveyNotes } from '../reach/survey-notes.ts';
import { formatSurvey } from '../reach/survey-text.ts';
import { createLegend } from '../reach/table.ts';
import { applyStrict, type DeskOptions, openBothDesks, openDesk, printNotes, withDeskOptions } from './desk.ts';
import { note, print, printable, printPieces } from './output.ts';
import { answerOutside } from './outside.ts';
import { refuseUnused } from './unused.ts';

/** The arguments of `ringfence reach`. */
interface ReachOptions extends DeskOptions {
  readonly from?: string;
  readonly to?: string;
  readonly port?: string;
  readonly matrix?: boolean;
  readonly queries?: string;
  readonly output?: 'text' | 'json' | 'csv' | 'jsonl';
}

/**
 * `ringfence reach`: shows who reaches whom, and why. The exit code is 0 for any answer, 1 if
 * `--strict` finds something overlooked, else 2.
 */
export function reachCommand(environment: Environment): Command {
  return refuseUnused<ReachOptions>(withDeskOptions(new Command('reach'), environment), [
    {
      chosen: ({ matrix }) => matrix === true,
      unused: ['namespace'],
      because: '--matrix has all ends, and names none',
    },
  ])
    .description(
      'show exactly who reaches whom, from manifests or a live cluster; exit code 0: answered, 2: could not run',
    )
    .option('--from <end>', 'namespace/pod, namespace/kind/name, namespace, label selector, IP, CIDR, or outside')
    .option('--to <end>', 'the same; the default is everything that is reached')
    .option('--port <port>', 'for example 5432/TCP or http: of the Pod, or of the Service if --to is one')
    .option('--matrix', 'all pairs')
    .option(
      '--queries <file>',
      'a question on each line, as JSON {"from", "to", "protocol", "port"}; - for standard input',
    )
    .addOption(
      new Option('-o, --output <format>', 'text, json, csv (no single answer), jsonl (with --queries)').choices([
        'text',
        'json',
        'csv',
        'jsonl',
      ]),
    )
    .action(async (options: ReachOptions) => {
      refuseContradictions(options);
      if (options.from === outside) {
        const port = options.port === undefined ? undefined : readPort(options.port);
        await answerOutside(options, port, environment);
        return;
      }
      if (options.queries !== undefined) {
        const both = await openBothDesks(options, environment);
        printNotes(both.desk.notes);
        applyStrict(options, both.desk.notes);
        await answerQueries(options.queries, both, () => applyStrict(options, both.outside.notes));
        return;
      }
      const desk = await openDesk(options, environment);
      printNotes(desk.notes);
      applyStrict(options, desk.notes);
      await answerOne(options, desk);
    });
}

function refuseContradictions({ from, to, port, matrix, queries, output, filename }: ReachOptions): void {
  const asked = from !== undefined || to !== undefined;
  const ways = [asked, matrix === true, queries !== undefined].filter(Boolean).length;
  if (ways === 0) throw new Error('choose a question: --from and --to, --matrix, or --queries FILE');
  if (ways > 1) throw new Error('use only one of --from and --to, --matrix, and --queries');
  if ((output === 'jsonl') !== (queries !== undefined) && output !== undefined)
    throw new Error('--queries and -o jsonl must be used together');
  if (queries !== undefined && port !== undefined) throw new Error('with --queries each line names its port');
  if (queries === '-' && filename?.includes('-') === true)
    throw new Error('standard input can be read only once: use - for either -f or --queries');
  if (output === 'csv' && from !== undefined && to !== undefined && port !== undefined)
    throw new Error('a single answer is not a table: use -o text or -o json');
}

async function answerOne(options: ReachOptions, desk: Desk): Promise<void> {
  const { from, to, port, groups } = resolve(options, desk);
  if (from !== undefined && to !== undefined && port !== undefined) {
    const answer = ask(from, to, port, desk);
    const text =
      options.output === 'json'
        ? `${JSON.stringify({ ...answer, notes: desk.notes }, undefined, 2)}\n`
        : printable(formatAnswer(answer));
    await print(text);
    return;
  }
  const flows = survey(groups, desk);
  const found = surveyNotes(groups, desk);
  printNotes(found);
  const notes = [...desk.notes, ...found];
  if (options.output === 'csv') await printPieces(surveyCsv(flows, { ...desk, notes }));
  else if (options.output === 'json') await printPieces(surveyJson(flows, notes));
  else {
    const legend = createLegend();
    const grid = options.matrix === true && port === undefined ? formatGrid(desk, legend) : undefined;
    await print(printable(`${grid === undefined ? '' : `${grid}\n`}${formatSurvey(flows, desk, legend)}`));
  }
}

/** `onOutside` is called before answers are printed that say what the outside reaches. */
async function answerQueries(path: string, both: BothDesks, onOutside: () => void): Promise<void> {
  const answerer = createBatchAnswerer(both.desk, both.outside);
  const source = path === '-' ? process.stdin : createReadStream(path);
  try {
    for await (const answers of answerChunks(source, answerer)) {
      if (answerer.counts.outside > 0) onOutside();
      await print(answers);
    }
  } catch (error) {
    throw new Error(`${path}: cannot be read: ${sayFailure(error)}`);
  }
  const { answered, failed } = answerer.counts;
  if (failed > 0) note(`${failed} of ${answered + failed} queries could not be answered; each says why under "error"`);
}

function sayFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && error.code === 'ENOENT' ? 'there is no such file' : error.message;
}

/** As {@link resolveQuestion}, with messages that cannot steer a terminal. */
function resolve(options: ReachOptions, desk: Desk): Question {
  try {
    return resolveQuestion(options, desk);
  } catch (error) {
    throw new Error(printable(error instanceof Error ? error.message : String(error)));
  }
}
