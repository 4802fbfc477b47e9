import { Command, Option } from 'commander';
import type { BaselineNamespace } from '../baseline/desired.ts';
import {
  type ClusterNetworkPolicyVersion,
  clusterNetworkPolicyVersions,
} from '../baseline/dialects/cluster-network-policy.ts';
import { type Dialect, dialects, renderBaseline } from '../baseline/dialects/dialect.ts';
import type { Rendered } from '../baseline/dialects/rendered.ts';
import { readNamespace } from '../baseline/namespace.ts';
import type { Cluster } from '../cluster/connection.ts';
import { namespaces } from '../cluster/resources.ts';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { findExemption } from '../fencing/candidate.ts';
import { readIdentity } from '../fencing/identity.ts';
import { baselineManifest } from '../fencing/manifest.ts';
import { listAt, textAt } from '../kubernetes/raw-object.ts';
import { apiCode } from '../retry/answer.ts';
import { writeCommented } from './commented.ts';
import {
  type ClusterOptions,
  chosenNamespace,
  offlineConfig,
  ringfenceNamespaceOption,
  withClusterOptions,
  withNamespace,
} from './options.ts';
import { note, print } from './output.ts';
import { ofRights, readConfig, withCluster } from './person.ts';
import { refuseUnused } from './unused.ts';

/** The dialect of Ringfence itself. */
const ownDialect = 'networkpolicy';

/** The arguments of `ringfence baseline`. */
interface BaselineArguments extends ClusterOptions {
  readonly namespace?: string;
  readonly labels?: string;
  readonly emptyLists?: boolean;
  readonly config?: string;
  readonly ringfenceNamespace: string;
  readonly output: 'yaml' | 'json';
  readonly dialect: Dialect | typeof ownDialect;
  readonly apiVersion?: ClusterNetworkPolicyVersion;
}

/** What to print, and the version of ClusterNetworkPolicy. */
interface Source {
  readonly namespace: BaselineNamespace;
  readonly config: Config;
  readonly version: ClusterNetworkPolicyVersion;
}

/** `ringfence baseline`: prints a namespace's baseline for Git. */
export function baselineCommand(environment: Environment): Command {
  return refuseUnused<BaselineArguments>(withClusterOptions(withNamespace(new Command('baseline')), ofRights), [
    {
      chosen: ({ labels }) => labels !== undefined,
      unused: ['kubeconfig', 'context'],
      because: 'with --labels, no cluster is read',
    },
  ])
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
    .addOption(
      new Option('--dialect <dialect>', 'kind of policy; --output yaml explains the traps of each beside the field')
        .choices([ownDialect, ...dialects])
        .default(ownDialect),
    )
    .addOption(
      new Option(
        '--api-version <version>',
        'version of ClusterNetworkPolicy; the default is what the cluster serves, or v1beta1 with --labels',
      ).choices([...clusterNetworkPolicyVersions]),
    )
    .addOption(new Option('-o, --output <format>', 'output format').choices(['yaml', 'json']).default('yaml'))
    .action(async (argument: string | undefined, options: BaselineArguments) => {
      const name = chosenNamespace(argument, options.namespace);
      judgeOptions(options);
      const { namespace, config, version } = await readSource(name, options, environment);
      const exemption = findExemption(name, config);
      if (exemption !== undefined) throw new Error(exemption);
      const missing = config.taxonomy.required.Namespace.filter((key) => !namespace.labels.has(key));
      if (missing.length > 0)
        note(`namespace ${name} has no ${missing.join(', ')}; print the baseline again when it does`);
      const { dialect } = options;
      const policies: readonly Rendered[] =
        dialect === ownDialect
          ? baselineManifest(namespace, config, { emptyLists: options.emptyLists === true }).map((policy) => ({
              object: { ...policy },
              remarks: [],
            }))
          : renderBaseline(dialect, namespace, config, version);
      await print(
        options.output === 'json'
          ? `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: policies.map(({ object }) => object) }, undefined, 2)}\n`
          : policies.map(writeCommented).join('---\n'),
      );
    });
}

/**
 * Returns the namespace and the configuration. With `--labels` both come from the arguments alone;
 * otherwise the cluster is read.
 */
async function readSource(name: string, options: BaselineArguments, environment: Environment): Promise<Source> {
  const version = options.apiVersion ?? 'v1beta1';
  if (options.labels !== undefined) {
    const config = await offlineConfig(options.config, options.ringfenceNamespace);
    if (options.config === undefined)
      note('this is the baseline of the default configuration; --config FILE uses another');
    return { namespace: { name, labels: readIdentity(options.labels, config) }, config, version };
  }
  return withCluster(options, environment, async (cluster) => {
    const config = await readConfig(cluster, options);
    const raw = await namespaces(cluster).get(name);
    if (raw === undefined) throw new Error(`there is no namespace ${name}; for a future namespace, use --labels`);
    const isServed = options.dialect === 'clusternetworkpolicy' && options.apiVersion === undefined;
    return { namespace: readNamespace(raw), config, version: isServed ? await servedVersion(cluster) : version };
  });
}

/** Throws an Error if an option has no meaning for the dialect. */
function judgeOptions({ dialect, apiVersion, emptyLists }: BaselineArguments): void {
  if (apiVersion !== undefined && dialect !== 'clusternetworkpolicy')
    throw new Error(`--api-version is for --dialect clusternetworkpolicy, and not for ${dialect}`);
  if (emptyLists === true && dialect !== ownDialect)
    throw new Error(`--empty-lists is for --dialect ${ownDialect}, and not for ${dialect}`);
}

/** Returns the first version of ClusterNetworkPolicy that a cluster serves. */
async function servedVersion(cluster: Cluster): Promise<ClusterNetworkPolicyVersion> {
  const group = 'policy.networking.k8s.io';
  const served = await cluster.request('GET', `/apis/${group}`).catch((error: unknown) => {
    if (apiCode(error) === 404) return undefined;
    throw error;
  });
  const versions = listAt(served, 'versions').map((one) => textAt(one, 'version'));
  const found = clusterNetworkPolicyVersions.find((version) => versions.includes(version));
  if (found === undefined)
    note(`the cluster serves no ClusterNetworkPolicy of ${clusterNetworkPolicyVersions.join(' or ')}; this is v1beta1`);
  return found ?? 'v1beta1';
}
