// The manifests of the examples under the command itself, and the tools that make them.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { checkCommand } from '../../src/commands/check.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { runCommand } from '../commands/run.ts';
import { findCached } from '../control-plane/cache.ts';
import { root } from '../docs/page.ts';
import { makeWorkspace, pipelines, readYaml } from './workspace.ts';

const check = (...args: readonly string[]) =>
  runCommand([checkCommand(readEnvironment({}), '1.2.3', 'https://docs.example')], ['check', '--strict', ...args]);

it('the manifests of the examples have no finding', async () => {
  expect(await check(join(pipelines, 'k8s'))).toMatchObject({
    code: 0,
    stdout: '3 objects judged, none would be refused.\n',
  });
});

describe('the example of Argo CD', () => {
  it('has no finding in a namespace with the labels that the Application gives it', async () => {
    interface Application {
      readonly spec: { readonly syncPolicy: { readonly managedNamespaceMetadata: { readonly labels: object } } };
    }
    const { spec } = readYaml<Application>('examples/pipelines/argocd/application.yaml');
    const { folder } = makeWorkspace();
    const metadata = { name: 'shop', ...spec.syncPolicy.managedNamespaceMetadata };
    writeFileSync(join(folder, 'live.yaml'), stringify({ apiVersion: 'v1', kind: 'Namespace', metadata }));
    const live = join(folder, 'live.yaml');
    writeFileSync(
      live,
      `${readFileSync(live, 'utf8')}---\n${stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'front', labels: { env: 'prod', tier: 'web', team: 'shop' } } })}`,
    );
    expect(await check('--namespaces', live, join(pipelines, 'argocd/shop'))).toMatchObject({ code: 0 });
  });

  it('opens the flows of Pods before the Pods', () => {
    const waves = ['network-policies', 'api'].map((name) => {
      const { metadata } = readYaml<{ readonly metadata: { readonly annotations: Readonly<Record<string, string>> } }>(
        `examples/pipelines/argocd/shop/${name}.yaml`,
      );
      return Number(metadata.annotations['argocd.argoproj.io/sync-wave']);
    });
    expect(waves[0]).toBeLessThan(waves[1] ?? 0);
  });
});

describe('the example of kustomize', () => {
  const cached = findCached(process.env, ['kubectl']);
  it.runIf(cached !== undefined)('gives every object and template the labels, and no selector', async () => {
    const kubectl = join(cached ?? '', 'kubectl');
    const rendered = execFileSync(kubectl, ['kustomize', join(pipelines, 'kustomize')], { encoding: 'utf8' });
    const { folder } = makeWorkspace();
    writeFileSync(join(folder, 'rendered.yaml'), rendered);
    expect(await check(join(folder, 'rendered.yaml'))).toMatchObject({ code: 0 });
    expect(rendered).toMatch(/selector:\n {4}matchLabels:\n {6}app: api\n {2}template/);
    const bare = await check(join(pipelines, 'kustomize/namespace.yaml'), join(pipelines, 'kustomize/api.yaml'));
    expect(bare.code).toBe(1);
  });
});

describe('the container', () => {
  const line = /^docker run .*$/m.exec(readFileSync(join(pipelines, 'container.sh'), 'utf8'))?.[0].split(' ') ?? [];
  const image = line.findIndex((word) => word.includes('/ringfence:'));

  it('gets the arguments of the command behind the image, whose entrypoint is the program', async () => {
    const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
    expect(dockerfile).toMatch(/^ENTRYPOINT \["\/nodejs\/bin\/node", "\/ringfence\/dist\/ringfence\.mjs"\]$/m);
    const { run } = makeWorkspace();
    expect(await run('node_modules/.bin/ringfence', line.slice(image + 1))).toMatchObject({ status: 0 });
  });

  it('may neither write nor reach a network', () => {
    expect(line.slice(0, image)).toEqual(expect.arrayContaining(['--read-only', 'none']));
    expect(line.find((word) => word.includes('/work'))).toMatch(/:ro"$/);
  });
});
