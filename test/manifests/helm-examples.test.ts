// The examples with which Argo CD and Flux install Ringfence, by the chart and their values.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { describeWithTool } from '../go-tools/vitest.ts';
import { type Manifest, root } from './manifests.ts';
import { kustomized, objectsOf, renderText } from './render.ts';

await describeWithTool('helm', 'the example of', (helm) => {
  interface Example {
    readonly name: string;
    /** Whoever makes the namespace, with its labels. */
    readonly labels: Readonly<Record<string, string>>;
    readonly values: { readonly image: { readonly registry: string } };
  }
  const read = <T>(path: string): T =>
    parseAllDocuments(readFileSync(join(root, 'examples/pipelines', path), 'utf8')).map((one) => one.toJS()) as T;
  const [application] = read<readonly [Application]>('argocd/ringfence.yaml');
  const [flux, , release] = read<readonly [Manifest, object, Release]>('flux/ringfence.yaml');
  const examples: readonly Example[] = [
    {
      name: 'Argo CD',
      labels: application.spec.syncPolicy.managedNamespaceMetadata.labels,
      values: application.spec.source.helm.valuesObject,
    },
    { name: 'Flux', labels: flux.metadata.labels ?? {}, values: release.spec.values },
  ];

  it.each(examples)('$name installs what the kustomization does, from its registry', async ({ labels, values }) => {
    const made = objectsOf(renderText(helm, { ...values, tests: { enabled: false } }));
    const wanted = await kustomized(['overlays/observe'], 'ringfence-system');
    const { metadata } = wanted.get('Namespace /ringfence-system') as Manifest;
    expect(metadata.labels).toMatchObject(labels);
    expect(wanted.delete('Namespace /ringfence-system')).toBe(true);
    const text = JSON.stringify([...wanted]).replace(
      '"image":"ringfence:',
      `"image":"${values.image.registry}/ringfence:`,
    );
    expect(made).toEqual(new Map(JSON.parse(text) as [string, unknown][]));
  });
});

interface Application {
  readonly spec: {
    readonly source: { readonly helm: { readonly valuesObject: { readonly image: { readonly registry: string } } } };
    readonly syncPolicy: { readonly managedNamespaceMetadata: { readonly labels: Readonly<Record<string, string>> } };
  };
}

interface Release {
  readonly spec: { readonly values: { readonly image: { readonly registry: string } } };
}
