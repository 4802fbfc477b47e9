import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigMaps } from '../../src/cluster/resources.ts';
import { clusterConfig, configMapName, fileConfig, firstConfig, openFile } from '../../src/process/configuration.ts';

const header = 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\n';
type ConfigMap = NonNullable<Awaited<ReturnType<ConfigMaps['get']>>>;

/** The ConfigMaps of a cluster with at most one. */
function holding(configMap: ConfigMap | undefined): ConfigMaps {
  return {
    get: async (namespace, name) =>
      namespace === 'ringfence-system' && name === configMapName ? configMap : undefined,
    version: async () => configMap?.metadata.resourceVersion,
  };
}

/** The webhook configurations of a cluster, by the version of the configuration in each. */
const written = (versions: { readonly Validating?: string; readonly Mutating?: string }) => ({
  get: async (kind: 'Validating' | 'Mutating') => {
    const version = versions[kind];
    const annotations = { 'ringfence.dev/config-version': version ?? '' };
    return version === undefined ? undefined : { metadata: { name: 'ringfence', annotations } };
  },
});

describe('the first configuration of a replica without a ConfigMap', () => {
  const none = async () => undefined;

  it.each([
    ['which never had one', {}],
    ['which never had one, and where others run by the defaults', { Validating: '0', Mutating: '0' }],
    ['where another tool wrote the annotation', { Validating: 'two' }],
  ])('is the defaults in a cluster %s', async (_, versions) => {
    expect(await firstConfig(none, written(versions), 'fence')).toMatchObject({ mode: 'enforce', version: '0' });
  });

  it.each([
    ['both webhook configurations are', { Validating: '812', Mutating: '812' }],
    ['the validating webhook configuration alone is', { Validating: '812' }],
    ['the mutating webhook configuration alone is', { Validating: '0', Mutating: '812' }],
  ])('is not decided where %s of a version of it', async (_, versions) => {
    await expect(firstConfig(none, written(versions), 'fence')).rejects.toThrow(
      'ConfigMap fence/ringfence does not exist, and the webhook configurations are of an installation that had one (version 812); apply it again, or an empty one for the defaults',
    );
  });

  it('is what is found where one is found, whatever was written before', async () => {
    const found = fileConfig(undefined, 'fence');
    expect(await firstConfig(async () => found, written({ Validating: '812' }), 'fence')).toBe(found);
  });
});

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

describe('a configuration file that changes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-open-file-'));
  const path = join(folder, 'ringfence.yaml');
  const write = (text: string): void => writeFileSync(path, text);
  beforeEach(() => write(`${header}mode: observe\n`));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is the same as long as it says the same', async () => {
    const file = openFile(path, 'fence');
    expect(file.initial).toMatchObject({ mode: 'observe', version: '0' });
    write(`${header}mode: observe\n`);
    for (let times = 0; times < 3; times += 1) expect(await file.read()).toBe(file.initial);
  });

  it('is taken when it has been found twice: one that is being written may be empty', async () => {
    const file = openFile(path, 'fence');
    write('');
    expect(await file.read()).toBe(file.initial);
    write(`${header}mode: warn\n`);
    expect(await file.read()).toBe(file.initial);
    const changed = await file.read();
    expect(changed.mode).toBe('warn');
    expect(await file.read()).toBe(changed);
  });

  it('and is wrong is refused at each reading, until it is right or as it was', async () => {
    const file = openFile(path, 'fence');
    write(`${header}mode: enfroce\n`);
    await file.read();
    for (let times = 0; times < 2; times += 1)
      await expect(file.read()).rejects.toThrow(`${path}:3:7: mode: "enfroce" is not one of`);
    write(`${header}mode: observe\n`);
    await expect(file.read()).rejects.toThrow('enfroce');
    expect(await file.read()).toBe(file.initial);
  });

  it('and is gone is refused, and taken again when it is back', async () => {
    const file = openFile(path, 'fence');
    rmSync(path);
    await expect(file.read()).rejects.toThrow('there is no such file');
    write(`${header}mode: observe\n`);
    expect(await file.read()).toBe(file.initial);
  });

  it('may be a mounted ConfigMap, whose links the kubelet swaps', async () => {
    const mount = join(folder, 'mount');
    for (const [version, mode] of [
      ['v1', 'observe'],
      ['v2', 'enforce'],
    ] as const) {
      mkdirSync(join(mount, version), { recursive: true });
      writeFileSync(join(mount, version, 'config.yaml'), `${header}mode: ${mode}\n`);
    }
    symlinkSync('v1', join(mount, '..data'));
    symlinkSync('..data/config.yaml', join(mount, 'config.yaml'));
    const file = openFile(join(mount, 'config.yaml'), 'fence');
    symlinkSync('v2', join(mount, '..data_tmp'));
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
    await file.read();
    expect((await file.read()).mode).toBe('enforce');
  });

  it('that is wrong from the start is refused', () => {
    write('mode: enforce\n');
    expect(() => openFile(path, 'fence')).toThrow('apiVersion');
  });
});
