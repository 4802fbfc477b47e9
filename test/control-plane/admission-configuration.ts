import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate by which the API server says to webhooks who it is, and its key: PEM. */
export interface WebhookClient {
  readonly cert: string;
  readonly key: string;
}

/**
 * Writes the certificate where the API server's configuration names it; it reads it anew at its
 * next start.
 */
export function writeWebhookClient(folder: string, { cert, key }: WebhookClient): void {
  const place = placeIn(folder);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'client.crt'), cert);
  writeFileSync(join(place, 'client.key'), key, { mode: 0o600 });
}

/**
 * Writes what `--admission-control-config-file` takes (apiserver.config.k8s.io/v1
 * AdmissionConfiguration), and returns its path: both kinds of webhooks are called with the
 * certificate of {@link writeWebhookClient}.
 */
export function writeAdmissionConfiguration(folder: string, client: WebhookClient): string {
  writeWebhookClient(folder, client);
  const place = placeIn(folder);
  const kubeConfigFile = join(place, 'kubeconfig.json');
  const user = { 'client-certificate': join(place, 'client.crt'), 'client-key': join(place, 'client.key') };
  // By the host that is called, `*` for any: here the ports are found as replicas start.
  writeFileSync(kubeConfigFile, JSON.stringify({ apiVersion: 'v1', kind: 'Config', users: [{ name: '*', user }] }));
  const apiVersion = 'apiserver.config.k8s.io/v1';
  const plugins = ['ValidatingAdmissionWebhook', 'MutatingAdmissionWebhook'].map((name) => ({
    name,
    configuration: { apiVersion, kind: 'WebhookAdmissionConfiguration', kubeConfigFile },
  }));
  const path = join(place, 'admission.json');
  writeFileSync(path, JSON.stringify({ apiVersion, kind: 'AdmissionConfiguration', plugins }));
  return path;
}

function placeIn(folder: string): string {
  return join(folder, 'admission');
}
