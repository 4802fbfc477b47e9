// The configuration as it stands in the cluster, and what the API server has been told by it.
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { eventually, ownNamespace } from './installation.ts';

/** An entry of a webhook configuration, as far as tests look at it. */
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
 * Replaces the text of the ConfigMap; `text` follows the two first lines. Resolves to the
 * ConfigMap's resourceVersion.
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
 * What the API server has been told, and the version of the configuration that it was made from.
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

/**
 * Waits until the API server has been told what the configuration that stands in the cluster says.
 */
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
