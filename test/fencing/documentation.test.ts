// docs/fencing.md and docs/uninstall.md show what the commands print.
import { readFileSync } from 'node:fs';
import { beforeEach, expect, it } from 'vitest';
import { fence } from '../../src/fencing/fence.ts';
import type { Report } from '../../src/fencing/report.ts';
import { formatIntent, formatSteps } from '../../src/fencing/text.ts';
import { unfence } from '../../src/fencing/unfence.ts';
import { uninstall } from '../../src/fencing/uninstall.ts';
import { paths } from '../api-server/address.ts';
import { config, type FencingScene, installRingfence, labels, makeBaseline, marked, openScene } from './scene.ts';

const blocksOf = (page: string): readonly string[] =>
  [...readFileSync(page, 'utf8').matchAll(/^```(?:console|sh)?\n(.*?)^```$/gms)].map(([, text = '']) => text);
const blocks = blocksOf('docs/fencing.md');
const ownNamespace = 'ringfence-system';
let scene: FencingScene;

beforeEach(() => {
  scene = openScene();
  installRingfence(scene.api);
});

/** What a person sees after the command itself. */
function printed(report: Report, answer: string): string {
  const intents = scene.intents.map((intent) => `${formatIntent(intent)}\n${answer}`);
  const progress = scene.lines.map((line) => `${line}\n`);
  return [...intents, ...progress, formatSteps(report), ...report.messages.map((message) => `${message}\n`)].join('');
}

it('shows fence', async () => {
  scene.api.put(paths.namespace('shop'), { metadata: { labels } });
  scene.meanwhile.sleep = () => makeBaseline(scene.api, 'shop');
  const report = await fence(
    'shop',
    { unlabelled: false, replace: false, acceptCuts: false, dryRun: false, timeoutMs: 1_000, ownNamespace },
    scene.ports,
    config,
  );
  expect(blocks).toContain(`$ ringfence fence shop\n${printed(report, 'Go on? [y/N] y\n')}`);
});

it('shows unfence', async () => {
  scene.api.put(paths.namespace('shop'), { metadata: { labels: marked } });
  makeBaseline(scene.api, 'shop');
  const report = await unfence('shop', { keepBaseline: false, dryRun: false, timeoutMs: 5_000 }, scene.ports);
  expect(blocks).toContain(`$ ringfence unfence shop --yes\n${printed(report, '')}`);
});

it('shows uninstall', async () => {
  scene.api.put(paths.namespace('shop'), { metadata: { labels: { ...marked, 'ringfence.dev/mode': 'warn' } } });
  makeBaseline(scene.api, 'shop');
  const options = { ownNamespace, removeBaselines: false, dryRun: true, timeoutMs: 5_000 };
  const report = await uninstall(options, scene.ports);
  expect(blocksOf('docs/uninstall.md')).toContain(`$ ringfence uninstall --dry-run\n${printed(report, '')}`);
});
