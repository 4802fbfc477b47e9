// The chart as Helm renders it, and kustomizations as kubectl does, for a comparison.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { findBinaries } from '../control-plane/binaries.ts';
import { runTool } from '../go-tools/tool.ts';
import { type Manifest, root } from './manifests.ts';

export const chart = join(root, 'manifests/helm/ringfence');

/** What Helm prints for these values. */
export function renderText(helm: string, values: object, namespace = 'ringfence-system', name = 'ringfence'): string {
  const args = ['template', name, chart, '--namespace', namespace, '--values', '-'];
  const { exitCode, stdout, output } = runTool(helm, args, { input: JSON.stringify(values) });
  expect(exitCode, output).toBe(0);
  return stdout;
}

/** What kubectl makes of kustomizations, in a namespace of this name. */
export async function kustomized(folders: readonly string[], namespace: string): Promise<Map<string, unknown>> {
  const binaries = await findBinaries();
  const kubectl = binaries.ok ? join(binaries.folder, 'kubectl') : 'kubectl';
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-helm-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const resources = folders.map((one) => relative(folder, join(root, 'manifests', one)));
  writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify({ namespace, resources }));
  const { exitCode, stdout, output } = runTool(kubectl, ['kustomize', folder]);
  expect(exitCode, output).toBe(0);
  return objectsOf(stdout);
}

/**
 * The objects of a stream by kind, namespace and name. A configuration is compared by what it says.
 */
export function objectsOf(stream: string): Map<string, unknown> {
  const objects = parseAllDocuments(stream, { merge: true })
    .map((document) => document.toJS() as Manifest | null)
    .filter((object) => object !== null);
  return new Map(
    objects.map((object) => {
      const { kind, metadata } = object;
      // kustomize does not know that these have no namespace, and the API server ignores it.
      if (kind.startsWith('ValidatingAdmissionPolicy')) delete (metadata as { namespace?: string }).namespace;
      const data = object['data'] as Readonly<Record<string, string>> | undefined;
      const read = Object.entries(data ?? {}).map(([key, text]) => [key, parse(text)]);
      return [
        `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
        data === undefined ? object : { ...object, data: Object.fromEntries(read) as unknown },
      ];
    }),
  );
}
