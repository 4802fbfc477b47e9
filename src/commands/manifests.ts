import { stringify } from 'yaml';
import { desiredConfigurations } from '../admission/webhooks.ts';
import { fileConfig } from './configuration.ts';

/** The arguments of `ringfence manifests`. */
export interface ManifestsOptions {
  readonly webhooks?: boolean;
  readonly config?: string;
  readonly webhookUrl?: string;
  readonly namespace: string;
}

/** The ServiceAccount that `manifests/base` runs Ringfence under. */
const serviceAccount = 'ringfence';

/** Prints manifests as YAML documents. */
export function printManifests(options: ManifestsOptions): void {
  if (options.webhooks !== true)
    throw new Error('say what to print: --webhooks (the rest is in manifests/, for kubectl apply -k)');
  const endpoint =
    options.webhookUrl === undefined
      ? { service: { namespace: options.namespace, name: 'ringfence', port: 443 } }
      : { baseUrl: options.webhookUrl };
  const config = fileConfig(options.config, options.namespace);
  const username = `system:serviceaccount:${options.namespace}:${serviceAccount}`;
  const { validating, mutating } = desiredConfigurations(config, endpoint, username);
  console.log(
    [validating, mutating]
      .map((one) => stringify(one, { lineWidth: 0, aliasDuplicateObjects: false }))
      .join('---\n')
      .trimEnd(),
  );
}
