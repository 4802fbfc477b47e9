import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { cappedIds } from '../../src/policy/capped.ts';
import { isInHistory, previousRelease } from '../drills/previous-release.ts';

const read = (text: string) =>
  parseConfig(text, { file: 'config', ownNamespace: 'ringfence-system', version: '0', checkIds: cappedIds });
const git = (...args: readonly string[]): string => execFileSync('git', args, { encoding: 'utf8' });
const isThere = await isInHistory(previousRelease);
if (!isThere) process.stderr.write(`\nskipped: configurations of ${previousRelease}, which this clone lacks\n\n`);
const page = readFileSync('docs/upgrades.md', 'utf8');

describe.skipIf(!isThere)('the configuration of the release before', () => {
  const files = isThere
    ? git('ls-tree', '-r', '--name-only', previousRelease, 'manifests', 'examples')
        .split('\n')
        .filter((path) => /(?:^|\/)(?:config|ringfence)\.yaml$/.test(path))
    : [];

  it('is in files that it ships', () => expect(files.length).toBeGreaterThan(4));

  it.each(files)('is read from %s', (path) => {
    expect(() => read(git('show', `${previousRelease}:${path}`))).not.toThrow();
  });

  it('has no key that is gone', () => {
    type Schema = { readonly properties: object };
    const before = JSON.parse(git('show', `${previousRelease}:schemas/config.schema.json`)) as Schema;
    const now = JSON.parse(readFileSync('schemas/config.schema.json', 'utf8')) as Schema;
    const gone = Object.keys(before.properties).filter((key) => !(key in now.properties));
    expect(gone).toEqual([]);
  });
});

describe('the change of the configuration that docs/upgrades.md shows', () => {
  const [, before = '', now = ''] = /```yaml\n# before\n(.*?)# now\n(.*?)```/s.exec(page) ?? [];
  const head = 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\n';

  it('is refused in its old form, with what to write', () => {
    expect(() => read(head + before)).toThrow(ConfigError);
    expect(() => read(head + before)).toThrow(/^config:4:8: baseline\.dns: a mapping /);
  });

  it('means the same in its new form', () => {
    expect(read(head + now).baseline.dns[0]).toMatchObject({ namespace: 'kube-system', ports: [53] });
  });
});
