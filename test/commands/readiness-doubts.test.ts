// What keeps readiness from saying "ready" beside live objects that enforce would refuse:
// namespaces of which nothing is known, and what was not read.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { readinessCommand } from '../../src/commands/readiness.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { deployment, namespace, pod, podLabels } from '../admission/scene.ts';
import { runCommand } from './run.ts';

const schema: object = JSON.parse(
  readFileSync(new URL('../../schemas/readiness.schema.json', import.meta.url), 'utf8'),
);
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

const folder = mkdtempSync(join(tmpdir(), 'readiness-doubts-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

function put(content: string): string {
  files += 1;
  const path = join(folder, `${files}.json`);
  writeFileSync(path, content);
  return path;
}

const config = put('apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\nmode: observe\n');
const labels = { env: 'prod', tier: 'api', team: 'shop' };
const shop = namespace(labels);
const listOf = (...items: readonly object[]): string => put(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
const named = (object: object, space: string) => ({
  ...object,
  metadata: { ...(object as { metadata?: object }).metadata, namespace: space },
});
const right = named(deployment(podLabels), 'shop');

const run = (...args: readonly string[]) =>
  runCommand([readinessCommand(readEnvironment({}))], ['readiness', '--config', config, ...args]);

/** Runs it in both formats, which have one exit code. */
async function judged(...args: readonly string[]) {
  const { stdout, stderr, code } = await run(...args, '-o', 'json');
  expect(stderr).toBe('');
  const result: unknown = JSON.parse(stdout);
  expect(validate(result), JSON.stringify(validate.errors)).toBe(true);
  const text = await run(...args);
  expect(text.code).toBe(code);
  return { code, result, text: text.stdout };
}

describe('a namespace whose Namespace is not in the files', () => {
  const said = 'there is no Namespace shop in the files, so its labels are not known: add its manifest to them';

  it('is asked about, and what enforce would refuse in it makes it not ready', async () => {
    const { code, result, text } = await judged('-f', listOf(named(deployment({}), 'shop')));
    expect(result).toMatchObject({
      state: 'not-ready',
      namespaces: [{ name: 'shop', mode: null, next: null, isReady: false, refused: 1 }],
      live: { judged: 1, refused: 1, causes: [{ namespace: 'shop', at: ['Deployment web'] }] },
      unread: [said],
    });
    expect(text).toContain(`NOT READY  shop (mode not known): 1 live\nNOT READ  ${said}\n`);
    expect(code).toBe(1);
  });

  it('is not ready if the labels of its objects may disagree with its own', async () => {
    const { code, text } = await judged('shop', '-f', listOf(right));
    expect(text).toContain('not decided');
    expect(code).toBe(1);
  });

  it('is asked about beside those whose Namespace is there', async () => {
    const files = listOf(shop, right, named(deployment(podLabels), 'pay'));
    const { code, result } = await judged('-f', files);
    expect(result).toMatchObject({
      namespaces: [
        { name: 'pay', isReady: false },
        { name: 'shop', isReady: true },
      ],
    });
    expect(code).toBe(1);
    expect((await judged('shop', '-f', files)).code).toBe(0);
  });

  it('is not decided if nothing of it would be refused', async () => {
    const free = put(
      'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\ntaxonomy: {env: null, tier: null, team: null}\n',
    );
    const { code, result } = await judged(
      '-f',
      listOf(named(deployment({ expose: 'false' }), 'shop')),
      '--config',
      free,
    );
    expect(result).toMatchObject({ state: 'undecided', namespaces: [{ name: 'shop', isReady: true }], unread: [said] });
    expect(code).toBe(2);
  });

  it('is unknown if nothing names it', async () => {
    expect(await run('other', '-f', listOf(right))).toMatchObject({ code: 2, stderr: 'there is no namespace other\n' });
  });
});

it('is not decided if an object names no namespace', async () => {
  const { code, result } = await judged('-f', listOf(shop, right, deployment({})));
  expect(result).toMatchObject({
    state: 'undecided',
    namespaces: [{ name: 'shop', isReady: true }],
    live: { judged: 1 },
    unread: ['1 object names no namespace, so nothing is known of it: set metadata.namespace'],
  });
  expect(code).toBe(2);
});

describe('if no namespace is asked about', () => {
  it('says that a named one is exempt, and is not decided', async () => {
    const files = listOf(shop, right, namespace({}, 'kube-system'));
    const { code, result, text } = await judged('kube-system', '-f', files);
    expect(result).toMatchObject({ state: 'undecided', namespaces: [], exempt: ['kube-system'] });
    expect(text).toMatch(
      /\nnot decided: no namespace was asked about: kube-system is exempt, and enforce does not judge what is in it\.\n$/,
    );
    expect(code).toBe(2);
  });

  it('is not decided if there is none', async () => {
    const { code, text } = await judged('-f', listOf({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } }));
    expect(text).toMatch(/\nnot decided: no namespace was asked about\.\n$/);
    expect(code).toBe(2);
  });
});

it('counts an object that cannot be read as its kind', async () => {
  const unreadable = named({ ...deployment(podLabels), spec: { template: 7 } }, 'shop');
  const { code, result } = await judged('-f', listOf(shop, unreadable));
  expect(result).toMatchObject({ state: 'not-ready', live: { judged: 1, refused: 1 } });
  expect(code).toBe(1);
});

describe('what was overlooked', () => {
  const controlled = (space: string) => {
    const owner = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'web', uid: 'u', controller: true };
    return named(
      { ...pod(podLabels), metadata: { name: 'web-0', labels: podLabels, ownerReferences: [owner] } },
      space,
    );
  };
  const unknown = (space: string) =>
    named({ apiVersion: 'kafka.strimzi.io/v1', kind: 'Kafka', metadata: { name: 'k' }, spec: {} }, space);
  const pay = namespace({ ...labels, team: 'pay' }, 'pay');

  it.each<[string, (space: string) => object, string]>([
    ['templates of a kind that is not listed', controlled, 'Rollout of argoproj.io'],
    ['a kind that may have Pods', unknown, '1 kafka.strimzi.io/v1 Kafka'],
  ])('is not decided: %s', async (__, make, part) => {
    const items = listOf(shop, pay, right, make('shop'));
    const { code, result, text } = await judged('-f', items);
    expect(result).toMatchObject({ state: 'undecided', unread: [expect.stringContaining(part)] });
    expect(text).toContain('NOT READ  ');
    expect(code).toBe(2);
    expect(await judged('pay', '-f', items), 'another namespace').toMatchObject({ code: 0 });
    const exempt = listOf(shop, right, namespace({}, 'kube-system'), make('kube-system'));
    expect(await judged('-f', exempt), 'an exempt one').toMatchObject({ code: 0, result: { unread: [] } });
  });

  it('is not decided: patches of a kustomization', async () => {
    const place = mkdtempSync(join(folder, 'kustomized-'));
    writeFileSync(join(place, 'objects.json'), readFileSync(listOf(shop, right)));
    writeFileSync(
      join(place, 'kustomization.yaml'),
      'resources: [objects.json]\nlabels: [{pairs: {team: pay}, includeTemplates: true}]\n',
    );
    expect(await judged('-f', place)).toMatchObject({ code: 2, result: { state: 'undecided' } });
  });

  it('is no policy of another kind, which enforce does not judge', async () => {
    const spec = { endpointSelector: {}, ingress: [{}] };
    const policy = { apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', metadata: { name: 'c' }, spec };
    expect(await judged('-f', listOf(shop, right, named(policy, 'shop')))).toMatchObject({
      code: 0,
      result: { state: 'ready', unread: [] },
    });
  });
});
