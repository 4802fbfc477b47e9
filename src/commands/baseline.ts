import { Command, Option } from 'commander';
import { stringify } from 'yaml';
import type { BaselineNamespace } from '../baseline/desired.ts';
import { readNamespace } from '../baseline/namespace.ts';
import { namespaces } from '../cluster/resources.ts';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { findExemption } from '../fencing/candidate.ts';
import { readIdentity } from '../fencing/identity.ts';
import { baselineManifest } from '../fencing/manifest.ts';
import {
  type ClusterOptions,
  chosenNamespace,
  givenConfig,
  ringfenceNamespaceOption,
  withClusterOptions,
  withNamespace,
} from './options.ts';
import { note, print } from './output.ts';
import { ofRights, readConfig, withCluster } from './person.ts';

/** The arguments of `ringfence baseline`. */
interface BaselineArguments extends ClusterOptions {
  readonly namespace?: string;
  readonly labels?: string;
  readonly emptyLists?: boolean;
  readonly config?: string;
  readonly ringfenceNamespace: string;
  readonly output: 'yaml' | 'json';
}

/** `ringfence baseline`: prints a namespace's baseline for Git. */
export function baselineCommand(environment: Environment): Command {
  return withClusterOptions(withNamespace(new Command('baseline')), ofRights)
    .description(
      'print the NetworkPolicies of a namespace that are its baseline, for Git; exit code 0: printed, 2: could not be done',
    )
    .option(
      '--labels <labels>',
      'labels of the namespace, for example env=prod,tier=web,team=shop; the default is its labels in the cluster',
    )
    .option(
      '--empty-lists',
      'print "ingress: []" and "egress: []" too, for a namespace that is not fenced: an apply then removes what others added, and is a change each time',
    )
    .option(
      '--config <file>',
      'configuration file (YAML); the default is the ConfigMap in the cluster, or the built-in configuration with --labels',
    )
    .addOption(ringfenceNamespaceOption(environment))
    .addOption(new Option('-o, --output <format>', 'output format').choices(['yaml', 'json']).default('yaml'))
    .action(async (argument: string | undefined, options: BaselineArguments) => {
      const name = chosenNamespace(argument, options.namespace);
      const { namespace, config } = await readSource(name, options, environment);
      const exemption = findExemption(name, config);
      if (exemption !== undefined) throw new Error(exemption);
      const missing = config.taxonomy.required.Namespace.filter((key) => !namespace.labels.has(key));
      if (missing.length > 0)
        note(`namespace ${name} has no ${missing.join(', ')}; print the baseline again when it does`);
      const policies = baselineManifest(namespace, config, { emptyLists: options.emptyLists === true });
      await print(
        options.output === 'json'
          ? `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: policies }, undefined, 2)}\n`
          : policies.map(writeYaml).join('---\n'),
      );
    });
}

/**
 * Returns the namespace and the configuration. With `--labels` both come from the arguments alone;
 * otherwise the cluster is read.
 */
async function readSource(
  name: string,
  options: BaselineArguments,
  environment: Environment,
): Promise<{ readonly namespace: BaselineNamespace; readonly config: Config }> {
  if (options.labels !== undefined) {
    const config = await givenConfig(options.config, options.ringfenceNamespace);
    if (options.config === undefined)
      note('this is the baseline of the default configuration; --config FILE uses another');
    return { namespace: { name, labels: readIdentity(options.labels, config) }, config };
  }
  return withCluster(options, environment, async (cluster) => {
    const config = await readConfig(cluster, options);
    const raw = await namespaces(cluster).get(name);
    if (raw === undefined) throw new Error(`there is no namespace ${name}; for a future namespace, use --labels`);
    return { namespace: readNamespace(raw), config };
  });
}

/**
 * Formats one document as YAML 1.1, which is the version that kubectl reads. There `on` and `1_000`
 * are not strings unless they are quoted.
 */
function writeYaml(policy: object): string {
  return stringify(policy, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}
