import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { modes } from '../../src/policy/mode.ts';
import { base, baseManifests, findManifest, readKustomization, root } from './manifests.ts';

const overlays = readdirSync(join(root, 'manifests/overlays'));
const namespace = 'ringfence-system';

describe('the base', () => {
  it('lists every manifest of its folder, and no other', () => {
    const files = readdirSync(base).filter((file) => !['kustomization.yaml', 'config.yaml'].includes(file));
    expect(new Set(readKustomization(base).resources)).toEqual(new Set(files));
  });

  it('parses, and names each object once', () => {
    const names = baseManifests.map(({ manifest }) => `${manifest.kind}/${manifest.metadata.name}`);
    expect(names.length).toBeGreaterThan(10);
    expect(new Set(names).size).toBe(names.length);
  });

  it('puts everything that lives in a namespace into its own', () => {
    const ofAdmission = ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'];
    const clusterScoped = ['Namespace', 'ClusterRole', 'ClusterRoleBinding', ...ofAdmission];
    for (const { file, manifest } of baseManifests) {
      expect(manifest.metadata.namespace, file).toBe(clusterScoped.includes(manifest.kind) ? undefined : namespace);
    }
  });

  it('holds no webhook configuration: the process makes them once it can answer', () => {
    expect(baseManifests.filter(({ manifest }) => manifest.kind.endsWith('WebhookConfiguration'))).toEqual([]);
  });

  it("carries the version of the package as the image's tag", () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(readKustomization(base).images).toEqual([{ name: 'ringfence', newName: 'ringfence', newTag: version }]);
  });

  it('is labelled with the identity that Ringfence asks of others', () => {
    const config = configOf(base);
    const labels = findManifest('Namespace', 'ringfence-system').metadata.labels ?? {};
    expect(Object.keys(labels)).toEqual(expect.arrayContaining([...config.taxonomy.required.Namespace]));
    expect(labels['pod-security.kubernetes.io/enforce']).toBe('restricted');
  });
});

describe.each(overlays)('the overlay %s', (overlay) => {
  const folder = join(root, 'manifests/overlays', overlay);
  const kustomization = readKustomization(folder);

  it('lists files that exist', () => {
    const files = [...kustomization.resources, ...kustomization.configMapGenerator.flatMap(({ files }) => files)];
    expect(files.filter((file) => !existsSync(join(folder, file)))).toEqual([]);
  });

  it('is named after its mode, in a configuration without problems', () => {
    expect(modes).toContain(overlay);
    expect(configOf(folder).mode).toBe(overlay);
  });

  it('replaces the ConfigMap under the name that is read', () => {
    expect(kustomization.namespace).toBe(namespace);
    expect(kustomization.configMapGenerator).toEqual([
      { name: 'ringfence', namespace, behavior: 'replace', files: ['config.yaml'] },
    ]);
    expect(kustomization.generatorOptions.disableNameSuffixHash).toBe(true);
  });
});

function configOf(folder: string): ReturnType<typeof parseConfig> {
  const file = join(folder, 'config.yaml');
  return parseConfig(readFileSync(file, 'utf8'), { file, version: '0', ownNamespace: namespace, checkIds: [] });
}
