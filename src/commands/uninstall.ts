import { Command } from 'commander';
import type { Environment } from '../config/environment.ts';
import { uninstall } from '../fencing/uninstall.ts';
import { ownNamespaceOption } from './options.ts';
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

/** The arguments of `ringfence uninstall`. */
interface UninstallArguments extends PersonOptions {
  readonly removeBaselines?: boolean;
  readonly namespace: string;
}

/**
 * `ringfence uninstall`: removes Ringfence from a cluster, and the baselines only with
 * `--remove-baselines`.
 */
export function uninstallCommand(environment: Environment, person: Person = terminalPerson): Command {
  return withPersonOptions(new Command('uninstall'), 'while nothing changes, and for the namespace to end', 60)
    .description(
      'remove Ringfence from the cluster, webhooks first; baselines stay by default; exit code 0: done, 1: refused, 2: could not be done',
    )
    .option('--remove-baselines', 'also delete the baselines that only Ringfence manages')
    .addOption(ownNamespaceOption(environment))
    .action(async (options: UninstallArguments) => {
      requirePerson(options, person);
      await withCluster(options, environment, async (cluster) => {
        const { removeBaselines = false, dryRun = false, timeout, namespace: ownNamespace } = options;
        const wanted = { removeBaselines, dryRun, timeoutMs: timeout * 1000, ownNamespace };
        await printReport(await uninstall(wanted, fencingPorts(cluster, options, person)), options);
      });
    });
}
