import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConfigContext, defaultConfig, loadConfigFile, parseConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';

const context: ConfigContext = {
  version: '0',
  ownNamespace: 'ringfence',
  checkIds: ['host-network', 'label-values', 'required-labels'],
};
const head = 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\n';

describe('parseConfig', () => {
  it.each([
    ['nothing', ''],
    ['comments only', '# nothing yet\n'],
    ['an empty document', '---\n'],
    ['its head only', head],
    ['a byte order mark', `\uFEFF${head}`],
  ])('gives the defaults for %s', (_, text) => {
    const parsed = parseConfig(text, { ...context, file: 'f.yaml' });
    expect(describeConfig(parsed)).toEqual(describeConfig(defaultConfig(context)));
  });

  it.each<[string, string, readonly string[]]>([
    [
      'a misspelt mode, with the nearest',
      `${head}mode: enfroce\n`,
      ['f.yaml:3:7: mode: "enfroce" is not one of observe, warn, enforce; did you mean "enforce"?'],
    ],
    [
      'a mode that is like none',
      `${head}mode: block\n`,
      ['f.yaml:3:7: mode: "block" is not one of observe, warn, enforce'],
    ],
    [
      'an empty mode',
      `${head}mode:\n`,
      ['f.yaml:3:6: mode: is empty; write observe or warn or enforce, or leave the key out'],
    ],
    ['an unknown key', `${head}moed: warn\n`, ['f.yaml:3:1: moed: unknown key; did you mean "mode"?']],
    [
      'an unknown key like none',
      `${head}xyz: 1\n`,
      [
        'f.yaml:3:1: xyz: unknown key; known here: apiVersion, kind, mode, taxonomy, required, exempt, checks, workloads, exceptions, inherit, backstop, webhooks, otherPolicies, audit, reports, baseline, flowKey, flows, peers, breadth',
      ],
    ],
    [
      'a missing head',
      'mode: warn\n',
      [
        'f.yaml:1:1: apiVersion: missing; write "apiVersion: ringfence.dev/v1alpha1"',
        'f.yaml:1:1: kind: missing; write "kind: Configuration"',
      ],
    ],
    [
      'another version',
      'apiVersion: ringfence.dev/v1\nkind: Configuration\n',
      ['f.yaml:1:13: apiVersion: "ringfence.dev/v1" is not "ringfence.dev/v1alpha1"'],
    ],
    ['a text alone', 'hello\n', ['f.yaml:1:1: "hello" is not a mapping']],
    ['a list', '- mode: warn\n', ['f.yaml:1:1: a list is not a mapping']],
    [
      'a key written twice, with everything else that is wrong',
      `${head}mode: warn\nmode: observe\nxyzzy: 1\n`,
      [
        'f.yaml:4:1: mode: appears twice in this mapping',
        'f.yaml:5:1: xyzzy: unknown key; known here: apiVersion, kind, mode, taxonomy, required, exempt, checks, workloads, exceptions, inherit, backstop, webhooks, otherPolicies, audit, reports, baseline, flowKey, flows, peers, breadth',
      ],
    ],
    [
      'a key written twice far inside',
      `${head}taxonomy:\n  env: {values: [a]}\n  env: {values: [b]}\n`,
      ['f.yaml:5:3: taxonomy.env: appears twice in this mapping'],
    ],
    [
      'a second document',
      `${head}---\nmode: warn\n`,
      ['f.yaml:3:1: a second document begins here ("---"); one file holds one configuration'],
    ],
    [
      'what is not YAML',
      'mode: [warn\n',
      ['f.yaml:2:1: not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ],
    [
      'a tab as indentation',
      `${head}exempt:\n\tnamespaces: []\n`,
      ['f.yaml:4:1: not YAML: Tabs are not allowed as indentation'],
    ],
    ['a tag', `${head}mode: !secret warn\n`, ['f.yaml:3:7: not YAML: Unresolved tag: !secret']],
    [
      'an alias to nothing',
      'mode: *x\n',
      ['f.yaml: not YAML: Unresolved alias (the anchor must be set before the alias): x'],
    ],
    [
      'a key that is a number',
      `${head}taxonomy:\n  1: {values: [a]}\n`,
      ['f.yaml:4:3: the key 1 is read as a number; quote it'],
    ],
  ])('refuses %s', (_, text, lines) => {
    expect(problemsOf(() => parseConfig(text, { ...context, file: 'f.yaml' }))).toEqual(lines);
  });

  it('tells a problem of shape and one of sense together', () => {
    const text = `${head}mode: on\ntaxonomy:\n  zone: {values: web}\nrequired:\n  Pod: [zoen]\nchecks:\n  host-netwrok: wran\n`;
    expect(problemsOf(() => parseConfig(text, { ...context, file: 'f.yaml' }))).toEqual([
      'f.yaml:3:7: mode: "on" is not one of observe, warn, enforce',
      'f.yaml:5:18: taxonomy.zone.values: "web" is not a list',
      'f.yaml:7:9: required.Pod[0]: "zoen" is not a key of the taxonomy; did you mean "zone"?',
      'f.yaml:9:3: checks.host-netwrok: there is no such check; did you mean "host-network"?',
      'f.yaml:9:17: checks.host-netwrok: "wran" is not one of observe, warn, enforce; did you mean "warn"?',
    ]);
  });

  it.each([
    ['nesting without end', '['.repeat(20_000), 'nested too deep'],
    [
      'aliases that unfold without end',
      ['a: &a [x, x, x, x, x, x, x, x]', ...'bcdef'].map((line, i) => (i === 0 ? line : unfold(line, i))).join('\n'),
      'Excessive alias count',
    ],
    ['more than a ConfigMap can hold', `# ${'x'.repeat(1_048_576)}`, 'is larger than'],
  ])('says a sentence for %s', (_, text, part) => {
    const problems = problemsOf(() => parseConfig(text, { ...context, file: 'f.yaml' }));
    expect(problems).toEqual([expect.stringContaining(part)]);
  });
});

describe('loadConfigFile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-config-'));
  const file = (name: string): string => join(folder, name);
  beforeAll(() => {
    writeFileSync(file('good.yaml'), `${head}mode: observe\n`);
    writeFileSync(file('latin.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xff]));
    writeFileSync(file('large.yaml'), `# ${'x'.repeat(1_048_576)}`);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reads a file', () => {
    expect(loadConfigFile(file('good.yaml'), context).mode).toBe('observe');
  });

  it.each([
    ['none.yaml', 'there is no such file'],
    ['good.yaml/none.yaml', 'there is no such file'],
    ['.', 'is a directory, not a file'],
    ['latin.yaml', 'is not UTF-8 text'],
    ['large.yaml', 'is larger than 1048576 bytes'],
  ])('says of %s that it %s', (name, message) => {
    expect(problemsOf(() => loadConfigFile(file(name), context))).toEqual([`${file(name)}: ${message}`]);
  });
});

function unfold(name: string, index: number): string {
  const above = 'abcdef'[index - 1];
  return `${name}: &${name} [${Array.from({ length: 8 }, () => `*${above}`).join(', ')}]`;
}

/**
 * Returns a configuration as comparable data. Functions compare by identity, and a pattern contains
 * one.
 */
function describeConfig(config: unknown): string {
  return JSON.stringify(config, (_, value: unknown) => (value instanceof Map ? [...value] : value));
}

function problemsOf(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message.split('\n');
  }
  throw new Error('nothing was refused');
}
