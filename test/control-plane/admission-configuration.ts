import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The client certificate of the API server for webhooks, and its key (PEM). */
export interface WebhookClient {
  readonly cert: string;
  readonly key: string;
}

/**
 * Writes the certificate to the path in the configuration of the API server, which reads it at its
 * next start.
 */
export function writeWebhookClient(folder: string, { cert, key }: WebhookClient): void {
  const place = placeIn(folder);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'client.crt'), cert);
  writeFileSync(join(place, 'client.key'), key, { mode: 0o600 });
}

/**
 * Writes the file for `--admission-control-config-file` (apiserver.config.k8s.io/v1
 * AdmissionConfiguration) and returns its path. With it, both kinds of webhooks are called with the
 * certificate of {@link writeWebhookClient}.
 */
export function writeAdmissionConfiguration(folder: string, client: WebhookClient): string {
  writeWebhookClient(folder, client);
  const place = placeIn(folder);
  const kubeConfigFile = join(place, 'kubeconfig.json');
  const user = { 'client-certificate': join(place, 'client.crt'), 'client-key': join(place, 'client.key') };
  // The name is the host that is called. `*` stands for any host, because the ports are known only
  // when replicas start.
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
