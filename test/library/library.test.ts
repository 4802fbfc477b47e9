import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check, diff, FileError, type Manifest, plan, reach, reachFromOutside } from '../../src/library/library.ts';
import { runCommand } from './command.ts';

const folder = 'examples/three-tiers';
const manifests: readonly Manifest[] = readdirSync(folder)
  .filter((name) => name !== 'expectations.yaml')
  .map((name) => ({ file: join(folder, name), text: readFileSync(join(folder, name), 'utf8') }));
const files = manifests.map(({ file }) => file);
const world = files.flatMap((file) => ['-f', file]);
const configFile = 'examples/bank-of-anthos/ringfence.yaml';
const config = readFileSync(configFile, 'utf8');

describe('the library', () => {
  it('answers as check does', async () => {
    const expected = await runCommand('check', ...files, '-o', 'json');
    expect(await check(manifests)).toEqual(expected);
    expect(expected).toMatchObject({ summary: { objects: expect.any(Number) } });
  });

  it('answers as check does with a configuration and with what is skipped', async () => {
    const expected = await runCommand(
      'check',
      ...files,
      '-o',
      'json',
      '--config',
      configFile,
      '--skip',
      'label-values',
    );
    expect(await check(manifests, { config, skip: ['label-values'] })).toEqual(expected);
    expect((expected as { findings: object[] }).findings.length).toBeGreaterThan(0);
  });

  it('answers as reach does: every flow, one question, and from outside', async () => {
    expect(await reach(manifests)).toEqual(await runCommand('reach', ...world, '--matrix', '-o', 'json'));
    const [from, to, port] = ['tier=web', 'tier=api', '8080/TCP'];
    const one = await runCommand('reach', ...world, '--from', from, '--to', to, '--port', port, '-o', 'json');
    expect(await reach(manifests, { from, to, port })).toEqual(one);
    const outside = await runCommand('reach', ...world, '--from', 'outside', '-o', 'json');
    expect(JSON.parse(JSON.stringify(await reachFromOutside(manifests)))).toEqual(outside);
  });

  it('answers as diff does', async () => {
    const before = manifests.filter(({ file }) => !file.endsWith('network-policies.yaml'));
    const answer = await diff(before, manifests);
    expect(answer.changes.length).toBeGreaterThan(0);
    expect(answer.changes.every(({ change }) => change === 'closed')).toBe(true);
    expect(await diff(manifests, manifests)).toMatchObject({ changes: [] });
  });

  it('answers as plan does', async () => {
    const [namespace = ''] = namespaces();
    const expected = await runCommand('plan', namespace, ...world, '-o', 'json');
    const { plan: planned, networkPolicies } = await plan(namespace, manifests);
    expect(JSON.parse(JSON.stringify(planned))).toEqual(expected);
    const names = [...planned.policies, ...planned.otherPolicies.map((name) => name.split('/')[1])];
    expect(new Set(networkPolicies.map(({ metadata }) => metadata.name))).toEqual(new Set(names));
  });

  it('reads objects as it reads text', async () => {
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'shop', labels: { env: 'prd' } },
    };
    const asText = await check([{ file: 'pod.json', text: JSON.stringify(object) }]);
    expect(await check([{ file: 'pod.json', object }])).toEqual(asText);
    expect(asText.findings[0]).toMatchObject({ file: 'pod.json', line: 1, kind: 'Pod', name: 'web' });
  });

  it('has what it cannot read in the answer of check, and rejects with it elsewhere', async () => {
    const broken = [{ file: 'a.yaml', text: 'kind: [' }];
    expect((await check(broken)).problems).toMatchObject([{ file: 'a.yaml', line: 1 }]);
    await expect(reach(broken)).rejects.toThrow(/^a\.yaml:1:\d+: /);
    await expect(diff([], broken)).rejects.toThrow(FileError);
  });

  it.each<[string, () => Promise<unknown>, string | RegExp]>([
    ['no list', () => check('k8s/' as never), 'manifests must be a list of {file, text} or {file, object}'],
    ['no name', () => check([{ text: '' } as never]), 'manifests[0].file must be the name of a file'],
    ['standard input', () => check([{ file: '-', text: '' }]), 'manifests[0].file: - is no name of a file'],
    [
      'neither',
      () => reach([{ file: 'a' } as never]),
      'manifests[0] (a) needs either text, a string, or object, an object',
    ],
    [
      'twice',
      () =>
        diff(
          [
            { file: 'a', text: '' },
            { file: './a', text: '' },
          ],
          [],
        ),
      'before[1].file: ./a occurs twice; each file has a name of its own',
    ],
    [
      'a circle',
      () => check([{ file: 'a', object: circle() }]),
      /^manifests\[0\] \(a\): the object is no JSON: Converting circular/,
    ],
    [
      'no check',
      () => check([], { skip: ['label-value'] }),
      'skip: there is no check "label-value"; did you mean "label-values"?',
    ],
    ['no CIDR', () => reach(manifests, {}, { podCidrs: ['10'] }), 'podCidrs[0]: 10 is no CIDR such as 10.244.0.0/16'],
    ['no Pods', () => reach([]), 'the input has no Pods and no workloads'],
    ['no end', () => reach(manifests, { from: 'shop/nobody' }), /^from: /],
    ['outside', () => reach(manifests, { from: 'outside' }), 'from: outside is no end here; use reachFromOutside'],
    ['no port', () => reach(manifests, { port: '1/TPC' }), /^port: /],
    [
      'a wrong configuration',
      () => check([], { config: 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\nmode: x\n' }),
      /^config:3:7: mode: /,
    ],
    ['a wrong object as configuration', () => check([], { config: { mode: 'x' } }), /^config:/],
    ['kube-system', () => plan('kube-system', manifests), /^namespace kube-system belongs to Kubernetes/],
    [
      'no namespace',
      () => plan('nowhere', manifests),
      'there is no namespace nowhere here: neither a Namespace object nor a Pod',
    ],
  ])('says what is wrong: %s', async (_, run, expected) => {
    await expect(run()).rejects.toThrow(expected);
  });
});

function namespaces(): readonly string[] {
  const text = readFileSync(join(folder, 'namespaces.yaml'), 'utf8');
  return [...text.matchAll(/^ {2}name: (\S+)/gm)].map(([, name = '']) => name);
}

function circle(): object {
  const object: Record<string, unknown> = {};
  object['self'] = object;
  return object;
}
