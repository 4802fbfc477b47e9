import process from 'node:process';
import { Command, Option } from 'commander';
import type { Environment } from '../config/environment.ts';
import type { BothDesks } from '../library/desks.ts';
import { notesOfBoth, requireNamespace } from '../library/diff.ts';
import { createChangeLaw } from '../plan/change-law.ts';
import { compareDesks } from '../reach/change.ts';
import { changesMarkdown } from '../reach/change-markdown.ts';
import { changesMermaid } from '../reach/change-mermaid.ts';
import { changesJson, formatChanges } from '../reach/change-text.ts';
import type { Note } from '../reach/note.ts';
import {
  applyStrict,
  type DeskConfig,
  type DeskOptions,
  deskConfig,
  openBothDesks,
  printNotes,
  withWorldOptions,
} from './desk.ts';
import { print, printable, printPieces } from './output.ts';
import { refuseUnused } from './unused.ts';

const formats = ['text', 'json', 'md', 'mermaid'] as const;

/** The arguments of `ringfence diff`. */
interface DiffOptions extends DeskOptions {
  readonly output: (typeof formats)[number];
}

/** The argument that means the live cluster instead of a path. */
const live = 'live';

/** `ringfence diff`: shows the flows that a change opens and closes. */
export function diffCommand(environment: Environment): Command {
  return refuseUnused<DiffOptions>(withWorldOptions(new Command('diff'), environment), [
    {
      chosen: (_, sides) => !sides.includes(live),
      unused: ['kubeconfig', 'context'],
      because: `neither side is "${live}", so no cluster is read`,
    },
    {
      chosen: (_, sides) => sides.every((side) => side === live),
      unused: ['exclude'],
      because: 'both sides are the live cluster, so no files are read',
    },
  ])
    .description('show the flows that a change opens and closes; exit code 0: none, 1: some, 2: could not run')
    .argument('<before>', `file or folder, or "${live}" for the live cluster`)
    .argument('<after>', 'the same')
    .addOption(new Option('-o, --output <format>', 'output format').choices(formats).default('text'))
    .action(async (before: string, after: string, options: DiffOptions) => {
      // The baselines of both sides are those of one configuration, so they are no difference.
      const config = await deskConfig(options, environment, [before, after].includes(live));
      const both = {
        before: await open(before, options, config),
        after: await open(after, options, { ...config, notes: [] }),
      };
      const [old, now] = [both.before.desk, both.after.desk];
      const exposed = { before: both.before.outside, after: both.after.outside };
      const { namespace } = options;
      requireNamespace(namespace, both.before, both.after);
      const notes = notesOfBoth(both.before, both.after);
      printNotes([...notes.before, ...notes.after]);
      const changes = (function* () {
        // Only the end of the comparison says that there is no change, and the text begins before.
        process.exitCode = 2;
        let isChanged = false;
        for (const change of compareDesks(old, now, namespace, exposed)) {
          isChanged = true;
          process.exitCode = 1;
          yield change;
        }
        if (!isChanged) process.exitCode = 0;
        applyStrict(options, [...notes.before, ...notes.after]);
      })();
      if (options.output === 'json') await printPieces(changesJson(changes, notes));
      else if (options.output === 'text') await print(printable(formatChanges(changes, now)));
      else {
        const law = createChangeLaw(now, config.config);
        const judged = changes.map((change) => ({ ...change, forbidden: law.judge(change) }));
        const said = () => [...notes.before, ...notes.after, ...noteUnjudged(law.unjudged)];
        await print(options.output === 'md' ? changesMarkdown(judged, said) : changesMermaid(judged, said));
        printNotes(noteUnjudged(law.unjudged));
      }
    });

  function open(path: string, options: DiffOptions, config: DeskConfig): Promise<BothDesks> {
    return openBothDesks(path === live ? options : { ...options, filename: [path] }, environment, config);
  }
}

function noteUnjudged(count: number): readonly Note[] {
  if (count === 0) return [];
  const message = `${count} opened flows have too many different ends to ask the rules about all of them`;
  return [{ id: 'not-judged', message, objects: [], overlooked: true }];
}
