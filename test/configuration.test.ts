import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConfigMaps } from '../src/cluster/config-maps.ts';
import { clusterConfig, configMapName, fileConfig } from '../src/configuration.ts';

const header = 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\n';
type ConfigMap = NonNullable<Awaited<ReturnType<ConfigMaps['get']>>>;

/** The ConfigMaps of a cluster that has at most one. */
function holding(configMap: ConfigMap | undefined): ConfigMaps {
  return {
    get: async (namespace, name) =>
      namespace === 'ringfence-system' && name === configMapName ? configMap : undefined,
    version: async () => configMap?.metadata.resourceVersion,
  };
}

describe('the configuration in the cluster', () => {
  it('is the ConfigMap, ordered by its resourceVersion', async () => {
    const configMap = { metadata: { resourceVersion: '812' }, data: { 'config.yaml': `${header}mode: observe\n` } };
    expect(await clusterConfig(holding(configMap), 'ringfence-system')).toMatchObject({
      mode: 'observe',
      version: '812',
    });
  });

  it('is nothing where there is no ConfigMap', async () => {
    expect(await clusterConfig(holding(undefined), 'ringfence-system')).toBeUndefined();
  });

  it('is the defaults where the ConfigMap has no such key, under its version all the same', async () => {
    const config = await clusterConfig(holding({ metadata: { resourceVersion: '9' } }), 'ringfence-system');
    expect(config).toMatchObject({ mode: 'enforce', version: '9' });
  });

  it('exempts the namespace that Ringfence runs in', async () => {
    const config = await clusterConfig(holding({ metadata: {} }), 'ringfence-system');
    expect(config?.exemptNamespaces).toContain('ringfence-system');
  });

  it('that is wrong is refused by the place a person can edit', async () => {
    const configMap = {
      metadata: {},
      data: { 'config.yaml': `${header}mode: enforced\nchecks: {label-value: warn}\n` },
    };
    await expect(clusterConfig(holding(configMap), 'ringfence-system')).rejects.toThrow(
      /^configmap\/ringfence-system\/ringfence:config\.yaml:3:.*"enforced".*\nconfigmap\/.*label-values/,
    );
  });
});

describe('the configuration of a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-configuration-'));
  const file = join(folder, 'ringfence.yaml');
  beforeAll(() => writeFileSync(file, `${header}mode: warn\n`));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is what it says, older than any in the cluster', () => {
    expect(fileConfig(file, 'ringfence-system')).toMatchObject({ mode: 'warn', version: '0' });
  });

  it('is the defaults, enforcing, where there is no file', () => {
    expect(fileConfig(undefined, 'fence')).toMatchObject({ mode: 'enforce', version: '0' });
    expect(fileConfig(undefined, 'fence').exemptNamespaces).toContain('fence');
  });

  it('that cannot be read is refused', () => {
    expect(() => fileConfig(join(folder, 'none.yaml'), 'fence')).toThrow('there is no such file');
  });
});
