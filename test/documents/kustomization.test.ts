import { describe, expect, it } from 'vitest';
import { load, object } from './memory-files.ts';

describe('a kustomization', () => {
  const base = {
    'kustomization.yaml': 'resources: [deployment.yaml]\npatches: [{path: patch.yaml}]\ncommonLabels: {team: shop}\n',
    'deployment.yaml': object('deployment'),
    'patch.yaml': object('patch'),
  };

  it('names patches, configuration and data, which are no objects', async () => {
    const kustomization = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../base, own.yaml]
components: [../part]
patches:
- path: a.yaml
- patch: |-
    - op: remove
      path: /a
patchesStrategicMerge: [b.yaml, "apiVersion: v1\\nkind: A"]
patchesJson6902: [{path: c.yaml, target: {kind: A}}]
configurations: [config/names.yaml]
transformers: [transformers]
configMapGenerator: [{name: x, files: [settings.yaml, key=data/other.yaml], envs: [env.yaml]}]
`;
    const names = ['a', 'b', 'c', 'settings', 'env', 'own'];
    const tree = {
      base,
      part: { kustomization: 'kind: Component\n' },
      prod: {
        'kustomization.yaml': kustomization,
        ...Object.fromEntries(names.map((name) => [`${name}.yaml`, object(name)])),
        config: { 'names.yaml': object('names') },
        data: { 'other.yaml': 'not: [yaml' },
        transformers: { 'kustomization.yaml': 'resources: [t.yaml]\n', 't.yaml': object('t') },
      },
    };
    const { read, problems, passedOver, notes } = await load(['.'], tree);
    expect(read).toEqual(['base/deployment.yaml:1', 'prod/own.yaml:1']);
    expect(problems).toEqual([]);
    expect(passedOver).toEqual({
      Kustomization: 3,
      'patch of a kustomization': 4,
      'configuration of a kustomization': 2,
      'data file of a kustomization': 3,
    });
    expect(notes).toEqual([
      'the kustomization in base changes labels or namespaces, and the files were judged as they are; check what is applied: kustomize build base | ringfence check -',
    ]);
  });

  it('is found beside a file that is given, and a resource stays an object', async () => {
    const other = { 'kustomization.yaml': 'resources: [../base/patch.yaml]\n' };
    expect((await load(['base/patch.yaml'], { base })).passedOver).toEqual({ 'patch of a kustomization': 1 });
    expect((await load(['base', 'other'], { base, other })).read).toEqual([
      'base/deployment.yaml:1',
      'base/patch.yaml:1',
    ]);
  });

  it('is not the object of Flux, nor a file that cannot be read', async () => {
    const flux = 'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {patches: [{path: a.yaml}]}\n';
    const tree = {
      flux: { 'kustomization.yaml': flux, 'a.yaml': object('a') },
      broken: { 'kustomization.yaml': 'a: [' },
    };
    const { read, problems } = await load(['flux', 'broken'], tree);
    expect(read).toEqual(['flux/a.yaml:1', 'flux/kustomization.yaml:1']);
    expect(problems).toHaveLength(1);
  });
});
