// The policies that `fence --stage --planned` takes from the folder of a plan.
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readPlanned } from '../../src/commands/planned.ts';
import { openPolicy, writeExample } from './plan-scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));
const [whole, out] = [join(folder, 'whole'), join(folder, 'out')];

beforeAll(() => writeExample(whole));
beforeEach(() => {
  rmSync(out, { recursive: true, force: true });
  cpSync(whole, out, { recursive: true });
});

describe('the policies to stage', () => {
  const names = async (namespace = 'backend') =>
    (await readPlanned(out, namespace)).map(({ metadata }) => metadata.name);

  it('are those of the plan', async () => {
    expect(await names()).toEqual(['allow-api-egress', 'allow-api-ingress']);
  });

  it.each<[string, (file: string, text: string) => void, string]>([
    [
      'was cut before its ports',
      (file, text) => writeFileSync(file, text.slice(0, text.indexOf('      ports:'))),
      'spec is not that of the plan',
    ],
    [
      'was cut in its head',
      (file, text) => writeFileSync(file, text.slice(0, text.indexOf('# Flows:'))),
      'holds no object\nNetworkPolicy backend/allow-api-ingress of the plan is missing',
    ],
    ['is missing', (file) => rmSync(file), 'NetworkPolicy backend/allow-api-ingress of the plan is missing'],
    ['is there twice', (file) => copyFileSync(file, file.replace('.yaml', '')), 'backend/allow-api-ingress is also in'],
    [
      'is ignored, beside another one',
      () => {
        writeFileSync(join(out, 'backend', 'open.yaml'), openPolicy);
        writeFileSync(join(out, 'backend', '.ringfenceignore'), 'open.yaml');
      },
      'NetworkPolicy backend/open is not in the plan',
    ],
  ])('are refused if one %s', async (_, spoil, message) => {
    const file = join(out, 'backend', 'allow-api-ingress.yaml');
    spoil(file, readFileSync(file, 'utf8'));
    await expect(names()).rejects.toThrow(message);
    await expect(names()).rejects.toThrow('nothing was staged: the files are not those of');
    // The files of another namespace are another plan.
    expect(await names('frontend')).toEqual(['allow-web-egress', 'allow-web-ingress']);
  });

  it('are none of a namespace that needs none, and are refused without a plan', async () => {
    const path = join(out, 'plan.json');
    const record = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly plans: Record<string, { policies: unknown[] }>;
    };
    const { backend } = record.plans;
    writeFileSync(path, JSON.stringify({ ...record, plans: { backend: { ...backend, policies: [] } } }));
    rmSync(join(out, 'backend'), { recursive: true });
    expect(await names()).toEqual([]);
    await expect(names('frontend')).rejects.toThrow('plan.json: has no plan of namespace frontend');
    rmSync(path);
    await expect(names()).rejects.toThrow('plan.json: there is no such file');
  });

  it('are refused if the record gives one the name of a part of the baseline', async () => {
    const path = join(out, 'plan.json');
    for (const file of [path, join(out, 'backend', 'allow-api-ingress.yaml')])
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll('allow-api-ingress', 'allow-dns-egress'));
    await expect(names()).rejects.toThrow('"allow-dns-egress" is a name of the baseline');
  });
});
