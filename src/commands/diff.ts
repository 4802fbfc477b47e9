import process from 'node:process';
import { Command, Option } from 'commander';
import type { Environment } from '../config/environment.ts';
import { compareDesks } from '../reach/change.ts';
import { changesJson, formatChanges } from '../reach/change-text.ts';
import { compareOthers } from '../reach/note.ts';
import { applyStrict, type DeskOptions, openBothDesks, printNotes, withWorldOptions } from './desk.ts';
import { print, printable, printPieces } from './output.ts';

/** The arguments of `ringfence diff`. */
interface DiffOptions extends DeskOptions {
  readonly output: 'text' | 'json';
}

/** The argument that means the live cluster instead of a path. */
const live = 'live';

/** `ringfence diff`: shows the flows that a change opens and closes. */
export function diffCommand(environment: Environment): Command {
  return withWorldOptions(new Command('diff'))
    .description('show the flows that a change opens and closes; exit code 0: none, 1: some, 2: could not run')
    .argument('<before>', `file or folder, or "${live}" for the live cluster`)
    .argument('<after>', 'the same')
    .addOption(new Option('-o, --output <format>', 'output format').choices(['text', 'json']).default('text'))
    .action(async (before: string, after: string, options: DiffOptions) => {
      const both = { before: await open(before, options), after: await open(after, options) };
      const [old, now] = [both.before.desk, both.after.desk];
      const exposed = { before: both.before.outside, after: both.after.outside };
      const { namespace } = options;
      if (namespace !== undefined && ![old, now].some((desk) => desk.inventory.world.namespaces.has(namespace)))
        throw new Error(`there is no namespace ${namespace} before or after`);
      const notes = {
        before: [...old.notes, ...exposed.before.notes],
        after: [...now.notes, ...exposed.after.notes, ...compareOthers(old.inventory, now.inventory)],
      };
      printNotes([...notes.before, ...notes.after]);
      let count = 0;
      const changes = (function* () {
        for (const change of compareDesks(old, now, namespace, exposed)) {
          count += 1;
          yield change;
        }
      })();
      if (options.output === 'json') await printPieces(changesJson(changes, notes));
      else await print(printable(formatChanges(changes, now)));
      process.exitCode = count === 0 ? 0 : 1;
      applyStrict(options, [...notes.before, ...notes.after]);
    });

  function open(path: string, options: DiffOptions): ReturnType<typeof openBothDesks> {
    return openBothDesks(path === live ? options : { ...options, filename: [path] }, environment);
  }
}
