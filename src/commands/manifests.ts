import { Command } from 'commander';
import { stringify } from 'yaml';
import { desiredConfigurations } from '../admission/webhooks.ts';
import { buildBackstop } from '../backstop/backstop.ts';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { endpointOf } from '../installation/address.ts';
import { fileConfig } from '../process/configuration.ts';
import { ownNamespaceOption, readHttpsUrl } from './options.ts';
import { refuseUnused } from './unused.ts';

/** The arguments of `ringfence manifests`. */
interface ManifestsOptions {
  readonly webhooks?: boolean;
  readonly backstop?: boolean;
  /** False with `--no-mutating`. */
  readonly mutating: boolean;
  readonly config?: string;
  readonly webhookUrl?: string;
  readonly namespace: string;
}

/** The ServiceAccount under which `manifests/base` runs Ringfence. */
const serviceAccount = 'ringfence';

/** `ringfence manifests`: prints manifests to apply. */
export function manifestsCommand(environment: Environment): Command {
  return refuseUnused<ManifestsOptions>(new Command('manifests'), [
    {
      chosen: ({ webhooks }) => webhooks !== true,
      unused: ['webhookUrl'],
      because: 'only --webhooks prints an address',
    },
    {
      chosen: ({ backstop }) => backstop !== true,
      unused: ['mutating'],
      because: 'only --backstop prints policies',
    },
  ])
    .description('print manifests for kubectl apply')
    .option('--webhooks', 'print the webhook configurations, as the process itself makes them')
    .option('--backstop', 'print the policies that the API server evaluates itself, even while the webhook is down')
    .option('--no-mutating', 'omit the MutatingAdmissionPolicy, which Kubernetes before 1.36 does not serve as v1')
    .option('--config <file>', 'configuration file (YAML)')
    .option('--webhook-url <url>', 'base URL of the webhook, instead of the Service', readHttpsUrl)
    .addOption(ownNamespaceOption(environment))
    .action(printManifests);
}

function printManifests(options: ManifestsOptions): void {
  if (options.webhooks !== true && options.backstop !== true)
    throw new Error(
      'choose what to print: --webhooks or --backstop (for everything else: kubectl apply -k manifests/overlays/observe)',
    );
  const config = fileConfig(options.config, options.namespace);
  if (options.backstop === true && config.baseline.isDnsFound !== undefined)
    throw new Error(
      'baseline.dns is auto, and the policies of --backstop cannot follow the cluster: they hold the place of DNS itself. List the places under baseline.dns instead of auto, or do without the backstop',
    );
  const username = `system:serviceaccount:${options.namespace}:${serviceAccount}`;
  const manifests = [
    ...(options.webhooks === true ? webhookConfigurations(config, options, username) : []),
    ...(options.backstop === true ? buildBackstop(config, { ownUsername: username, mutating: options.mutating }) : []),
  ];
  console.log(
    manifests
      .map((one) => stringify(one, { lineWidth: 0, aliasDuplicateObjects: false }))
      .join('---\n')
      .trimEnd(),
  );
}

function webhookConfigurations(config: Config, options: ManifestsOptions, username: string): readonly object[] {
  const { validating, mutating } = desiredConfigurations(config, endpointOf(options), username);
  return [validating, mutating];
}
