// docs/charts.md: what public charts and operators need in a fenced namespace that enforces. Each
// row is judged with the objects that the project makes.
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseConfig } from '../src/config/load.ts';
import { parseManifest } from '../src/documents/parse.ts';
import { takeInventory } from '../src/judgement/inventory.ts';
import { judgeDocuments } from '../src/judgement/judgement.ts';

/** One row: objects that are refused under the defaults, and what makes them admitted. */
interface Chart {
  readonly refused: readonly string[];
  readonly configuration: object;
  readonly objects: readonly { readonly metadata: object }[];
  /** The objects once the remedy is applied, where it changes them. */
  readonly with?: Chart['objects'];
}

const paths = globSync('test/charts/*.yaml').sort();
const shop = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', labels: { env: 'prod', tier: 'api', team: 'shop' } },
};

/** What admission says of these objects in namespace `shop`, and which checks refuse. */
async function judge(objects: Chart['objects'], configuration: object) {
  const text = stringify({ apiVersion: 'ringfence.dev/v1alpha1', kind: 'Configuration', ...configuration });
  const config = parseConfig(text, { file: 'ringfence.yaml', version: '0', ownNamespace: undefined, checkIds: [] });
  const placed = objects.map((object) => ({ ...object, metadata: { ...object.metadata, namespace: 'shop' } }));
  const { documents } = parseManifest([shop, ...placed].map((object) => stringify(object)).join('---\n'), 'chart.yaml');
  const inventory = takeInventory(documents, { cluster: [], defaultNamespace: undefined, now: 0 }, config);
  const { objects: judged } = await judgeDocuments(documents, inventory, config);
  const findings = judged.flatMap((one) => one.findings);
  return {
    refused: new Set(findings.filter(({ action }) => action === 'deny').map(({ check }) => check)),
    findings: findings.map(({ check, reason }) => `${reason} [${check}]`),
  };
}

describe.each(paths)('%s', (path) => {
  const chart = parse(readFileSync(path, 'utf8')) as Chart;

  it('is refused under the defaults', async () => {
    expect((await judge(chart.objects, {})).refused).toEqual(new Set(chart.refused));
  });

  it('is admitted with what the table says, and not by half of it', async () => {
    const remedied = chart.with ?? chart.objects;
    expect(await judge(remedied, chart.configuration)).toEqual({ refused: new Set(), findings: [] });
    // Where the configuration is a part of the remedy, or the objects are, neither does alone.
    if (chart.with !== undefined && chart.refused.some((check) => check !== 'required-labels'))
      expect((await judge(chart.objects, chart.configuration)).refused.size).toBeGreaterThan(0);
    if ('inherit' in chart.configuration) expect((await judge(remedied, {})).refused.size).toBeGreaterThan(0);
  });
});

it('the page has a row for each', () => {
  const page = readFileSync('docs/charts.md', 'utf8');
  const rows = [...page.matchAll(/^\| \[[^\]]+\]\(\.\.\/test\/charts\/([a-z-]+\.yaml)\) \|/gm)].map(([, file]) => file);
  expect(new Set(rows)).toEqual(new Set(paths.map((path) => basename(path))));
  expect(rows.length).toBeGreaterThanOrEqual(10);
});
