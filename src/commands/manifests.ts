import { Command } from 'commander';
import { stringify } from 'yaml';
import { desiredConfigurations } from '../admission/webhooks.ts';
import type { Environment } from '../config/environment.ts';
import { fileConfig } from '../configuration.ts';
import { endpointOf } from '../installation/address.ts';
import { ownNamespaceOption, readHttpsUrl } from './options.ts';

/** The arguments of `ringfence manifests`. */
interface ManifestsOptions {
  readonly webhooks?: boolean;
  readonly config?: string;
  readonly webhookUrl?: string;
  readonly namespace: string;
}

/** The ServiceAccount that `manifests/base` runs Ringfence under. */
const serviceAccount = 'ringfence';

/** `ringfence manifests`: prints what to apply. */
export function manifestsCommand(environment: Environment): Command {
  return new Command('manifests')
    .description('print what to apply')
    .option('--webhooks', 'the webhook configurations, as the process itself makes them')
    .option('--config <file>', 'configuration file (YAML)')
    .option('--webhook-url <url>', 'base URL of the webhook, instead of the Service', readHttpsUrl)
    .addOption(ownNamespaceOption(environment))
    .action(printManifests);
}

/** Prints manifests as YAML documents. */
function printManifests(options: ManifestsOptions): void {
  if (options.webhooks !== true)
    throw new Error('say what to print: --webhooks (the rest is in manifests/, for kubectl apply -k)');
  const config = fileConfig(options.config, options.namespace);
  const username = `system:serviceaccount:${options.namespace}:${serviceAccount}`;
  const { validating, mutating } = desiredConfigurations(config, endpointOf(options), username);
  console.log(
    [validating, mutating]
      .map((one) => stringify(one, { lineWidth: 0, aliasDuplicateObjects: false }))
      .join('---\n')
      .trimEnd(),
  );
}
