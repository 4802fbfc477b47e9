// The configuration in the cluster, and the webhook configurations that follow from it.
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { eventually, ownNamespace } from './installation.ts';

/** An entry of a webhook configuration, with the fields that tests read. */
export interface InstalledEntry {
  readonly name: string;
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly clientConfig: { readonly url?: string };
  readonly namespaceSelector?: {
    readonly matchExpressions: readonly {
      readonly key: string;
      readonly operator: string;
      readonly values: string[];
    }[];
  };
}

/**
 * Replaces the text of the ConfigMap. `text` follows the two first lines. Resolves to the
 * resourceVersion of the ConfigMap.
 */
export async function applyConfiguration({ kubectl }: ControlPlane, text: string): Promise<string> {
  const head = 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\n';
  const patch = JSON.stringify({ data: { 'config.yaml': `${head}${text}` } });
  const where = ['configmap', 'ringfence', '-n', ownNamespace];
  const { exitCode, stdout, stderr } = await kubectl(['patch', ...where, '--type=merge', '-p', patch, '-o', 'json']);
  if (exitCode !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
}

/**
 * Returns the installed webhook configurations, and the version of the configuration from which
 * they were made.
 */
export async function installedWebhooks(
  { kubectl }: ControlPlane,
  kind: 'mutating' | 'validating',
): Promise<{ readonly version: string; readonly entries: readonly InstalledEntry[] }> {
  const { exitCode, stdout, stderr } = await kubectl(['get', `${kind}webhookconfiguration`, 'ringfence', '-o', 'json']);
  if (exitCode !== 0) throw new Error(stderr);
  const { metadata, webhooks = [] } = JSON.parse(stdout) as {
    metadata: { annotations?: Record<string, string> };
    webhooks?: readonly InstalledEntry[];
  };
  return { version: metadata.annotations?.['ringfence.dev/config-version'] ?? '', entries: webhooks };
}

/** Waits until the webhook configurations match the configuration in the cluster. */
export async function untilFollowed(controlPlane: ControlPlane): Promise<void> {
  await eventually('the webhooks to follow', async () => {
    const where = ['configmap', 'ringfence', '-n', ownNamespace, '-o', 'jsonpath={.metadata.resourceVersion}'];
    const { stdout } = await controlPlane.kubectl(['get', ...where]);
    const installed = await Promise.all(
      (['validating', 'mutating'] as const).map((kind) => installedWebhooks(controlPlane, kind)),
    );
    return installed.every(({ version }) => version === stdout);
  });
}
