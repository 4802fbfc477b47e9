import { Command } from 'commander';
import type { Environment } from '../config/environment.ts';
import { fence } from '../fencing/fence.ts';
import { ringfenceNamespaceOption } from './options.ts';
import {
  fencingPorts,
  type Person,
  type PersonOptions,
  printReport,
  readConfig,
  requirePerson,
  terminalPerson,
  withCluster,
  withPersonOptions,
} from './person.ts';

/** The arguments of `ringfence fence`. */
interface FenceArguments extends PersonOptions {
  readonly unlabelled?: boolean;
  readonly config?: string;
  readonly ringfenceNamespace: string;
}

/** `ringfence fence`: puts an existing namespace behind its baseline. */
export function fenceCommand(environment: Environment, person: Person = terminalPerson): Command {
  return withPersonOptions(new Command('fence'), 'for the baseline', 30)
    .description(
      'mark an existing namespace as fenced and wait for its baseline; exit code 0: fenced, 1: refused, 2: could not be done',
    )
    .argument('<namespace>', 'the namespace')
    .option('--unlabelled', 'fence it even if it lacks required labels')
    .option('--config <file>', 'configuration file (YAML), instead of the ConfigMap in the cluster')
    .addOption(ringfenceNamespaceOption(environment))
    .action(async (namespace: string, options: FenceArguments) => {
      requirePerson(options, person);
      await withCluster(options, async (cluster) => {
        const config = await readConfig(cluster, options);
        const { unlabelled = false, dryRun = false, timeout, ringfenceNamespace: ownNamespace } = options;
        const wanted = { unlabelled, dryRun, timeoutMs: timeout * 1000, ownNamespace };
        await printReport(await fence(namespace, wanted, fencingPorts(cluster, options, person), config), options);
      });
    });
}
