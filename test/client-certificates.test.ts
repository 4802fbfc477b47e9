import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { endpointOf } from '../src/installation/address.ts';
import { writeAdmissionConfiguration } from './control-plane/admission-configuration.ts';
import { findManifest } from './manifests/manifests.ts';

const page = readFileSync(new URL('../docs/client-certificates.md', import.meta.url), 'utf8');
const [kubeconfig, admission, patch] = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(
  ([, text = '']) => parse(text) as unknown,
);

/**
 * Returns the file that the end-to-end test gives to the API server, with the paths and the name of
 * the page.
 */
function written(file: string): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-page-'));
  const path = writeAdmissionConfiguration(folder, { cert: '', key: '' });
  const text = readFileSync(join(path, '..', file), 'utf8')
    .replaceAll(join(folder, 'admission'), '/etc/kubernetes/webhooks')
    .replaceAll('kubeconfig.json', 'kubeconfig.yaml')
    .replace('"*"', '"ringfence.ringfence-system.svc"');
  rmSync(folder, { recursive: true });
  return JSON.parse(text);
}

it('docs/client-certificates.md configures the API server as the end-to-end test does', () => {
  expect(kubeconfig).toEqual(written('kubeconfig.json'));
  expect(admission).toEqual(written('admission.json'));
});

it('docs/client-certificates.md names the Service as the API server calls it', () => {
  const endpoint = endpointOf({ namespace: 'ringfence-system' });
  const { name, namespace } = 'service' in endpoint ? endpoint.service : { name: '', namespace: '' };
  expect((kubeconfig as { users: readonly { name: string }[] }).users.map((user) => user.name)).toEqual([
    `${name}.${namespace}.svc`,
  ]);
});

/** apps/v1 Deployment, with the fields of the patch. */
interface Deployment {
  readonly metadata: object;
  readonly spec: { template: { spec: { containers: [{ name: string; args: string[] }] } } };
}

it('docs/client-certificates.md patches the Deployment that there is', () => {
  const [patched, there] = [patch as Deployment, findManifest('Deployment') as unknown as Deployment];
  expect(there.metadata).toMatchObject(patched.metadata);
  const [own, base] = [patched.spec.template.spec.containers[0], there.spec.template.spec.containers[0]];
  expect([own.name, own.args.slice(0, base.args.length)]).toEqual([base.name, base.args]);
});
