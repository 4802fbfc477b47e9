import { Command } from 'commander';
import type { Environment } from '../config/environment.ts';
import { unfence } from '../fencing/unfence.ts';
import { chosenNamespace, withNamespace } from './options.ts';
import {
  fencingPorts,
  type Person,
  type PersonOptions,
  printReport,
  requirePerson,
  terminalPerson,
  withCluster,
  withPersonOptions,
} from './person.ts';

/** The arguments of `ringfence unfence`. */
interface UnfenceArguments extends PersonOptions {
  readonly namespace?: string;
  readonly keepBaseline?: boolean;
}

/**
 * `ringfence unfence`: removes a namespace's mark, and the baseline that only Ringfence manages.
 */
export function unfenceCommand(environment: Environment, person: Person = terminalPerson): Command {
  return withPersonOptions(withNamespace(new Command('unfence')), 'while nothing changes', 30)
    .description(
      'remove the mark of a namespace, and the part of its baseline that only Ringfence manages; exit code 0: done, 1: refused, 2: could not be done',
    )
    .option('--keep-baseline', 'remove only the mark')
    .action(async (argument: string | undefined, options: UnfenceArguments) => {
      const namespace = chosenNamespace(argument, options.namespace);
      requirePerson(options, person);
      await withCluster(options, environment, async (cluster) => {
        const { keepBaseline = false, dryRun = false, timeout } = options;
        const wanted = { keepBaseline, dryRun, timeoutMs: timeout * 1000 };
        await printReport(await unfence(namespace, wanted, fencingPorts(cluster, options, person)), options);
      });
    });
}
