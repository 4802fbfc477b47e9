import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { desiredConfigurations } from '../../src/admission/webhooks.ts';
import { buildBackstop } from '../../src/backstop/backstop.ts';
import { manifestsCommand } from '../../src/commands/manifests.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { fileConfig } from '../../src/process/configuration.ts';

const printed: string[] = [];
beforeEach(() => {
  printed.length = 0;
  vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
});
afterEach(() => vi.restoreAllMocks());

const nowhere = readEnvironment({});

/** The YAML documents that are printed. */
function print(
  args: readonly string[] = [],
  environment = nowhere,
  what: readonly string[] = ['--webhooks'],
): unknown[] {
  manifestsCommand(environment).parse([...what, ...args], { from: 'user' });
  return parseAllDocuments(printed.join('\n')).map((document) => document.toJS() as unknown);
}

describe('ringfence manifests', () => {
  it('prints both webhook configurations as the process makes them', () => {
    const service = { namespace: 'ringfence-system', name: 'ringfence', port: 443 };
    const username = 'system:serviceaccount:ringfence-system:ringfence';
    const config = fileConfig(undefined, 'ringfence-system');
    const { validating, mutating } = desiredConfigurations(config, { service }, username);
    expect(print()).toEqual([validating, mutating]);
  });

  it('prints the backstop, for the same user, alone or after the webhooks', () => {
    const config = fileConfig(undefined, 'ringfence-system');
    const ownUsername = 'system:serviceaccount:ringfence-system:ringfence';
    const backstop = buildBackstop(config, { ownUsername, mutating: true });
    expect(print([], nowhere, ['--backstop'])).toEqual(backstop);
    printed.length = 0;
    expect(print([], nowhere, ['--backstop', '--webhooks']).slice(2)).toEqual(backstop);
    printed.length = 0;
    const older = buildBackstop(config, { ownUsername, mutating: false });
    expect(print(['--no-mutating'], nowhere, ['--backstop'])).toEqual(older);
  });

  it('takes another namespace and address', () => {
    const [validating] = print(['--namespace', 'fence', '--webhook-url', 'https://10.0.0.1:8443']);
    expect(validating).toMatchObject({
      webhooks: [
        { clientConfig: { url: 'https://10.0.0.1:8443/validate/enforced' } },
        ...Array.from({ length: 12 }, () => ({})),
      ],
    });
    expect(printed.join()).toContain('system:serviceaccount:fence:ringfence');
  });

  it('is about the namespace that it runs in, where it runs in one', () => {
    print([], { ...nowhere, podNamespace: 'fence' });
    expect(printed.join()).toContain('system:serviceaccount:fence:ringfence');
  });

  it('prints no YAML anchors: a person reads and edits it', () => {
    print();
    expect(printed.join()).not.toMatch(/: [&*]a\d/);
  });

  it('asks what to print', () => {
    expect(() => manifestsCommand(nowhere).parse([], { from: 'user' })).toThrow(
      'choose what to print: --webhooks or --backstop',
    );
    expect(printed).toEqual([]);
  });
});
