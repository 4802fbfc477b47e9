import { beforeEach, describe, expect, it } from 'vitest';
import { fence } from '../../src/fencing/fence.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import { paths } from '../api-server/address.ts';
import { refusal } from '../api-server/object-store.ts';
import {
  config,
  dns,
  type FencingScene,
  installRingfence,
  labels,
  makeBaseline,
  managedBy,
  marked,
  openScene,
  wall,
} from './scene.ts';

let scene: FencingScene;
const options = {
  unlabelled: false,
  replace: false,
  acceptCuts: false,
  dryRun: false,
  timeoutMs: 30_000,
  ownNamespace: 'ringfence-system',
};
const run = (more: Partial<typeof options> = {}, name = 'shop') =>
  fence(name, { ...options, ...more }, scene.ports, config);
const mark = () => scene.api.at(paths.namespace('shop'))?.metadata.labels?.[fenceMark];

/** The reconciler: makes the baseline some milliseconds after the mark is there. */
function reconcileAfter(ms: number): void {
  let since: number | undefined;
  scene.meanwhile.sleep = (elapsed) => {
    if (mark() !== undefined) since ??= elapsed;
    if (since !== undefined && elapsed - since >= ms) makeBaseline(scene.api, 'shop');
  };
}

beforeEach(() => {
  scene = openScene();
  installRingfence(scene.api);
  scene.api.put(paths.namespace('shop'), { metadata: { labels } });
});

describe('fence', () => {
  it('puts the mark on, and waits until both objects of the baseline are true', async () => {
    reconcileAfter(500);
    expect(await run()).toEqual({
      command: 'fence',
      namespace: 'shop',
      outcome: 'done',
      dryRun: false,
      steps: [
        { action: 'mark', kind: 'Namespace', name: 'shop', detail: 'ringfence.dev/fence=true' },
        {
          action: 'make',
          kind: 'NetworkPolicy',
          namespace: 'shop',
          name: wall,
          detail: 'nothing in, nothing out, for every Pod',
        },
        { action: 'make', kind: 'NetworkPolicy', namespace: 'shop', name: dns, detail: 'egress to DNS' },
      ],
      messages: ['namespace shop is fenced. To remove the fence: ringfence unfence shop'],
    });
    expect(scene.api.writes()).toEqual(['PATCH namespaces/shop']);
    expect(scene.lines).toEqual([`waiting for ${wall} (missing), ${dns} (missing)`]);
  });

  it('says what it will do and what the plan knows that it cuts, and does nothing without a yes', async () => {
    scene.person.says = false;
    expect(await run()).toMatchObject({ outcome: 'refused', steps: [], messages: ['nothing was changed'] });
    expect(scene.intents).toMatchObject([
      {
        title: 'fence namespace shop',
        steps: [{ action: 'mark' }, { action: 'make', name: wall }, { action: 'make', name: dns }],
        cautions: [expect.stringContaining('This cuts all'), expect.stringContaining('knows of no flow')],
      },
    ]);
    expect(scene.api.writes()).toEqual([]);
  });

  it('marks the namespace that it judged: what changed meanwhile is judged again', async () => {
    reconcileAfter(0);
    let changes = 2;
    scene.api.world.before = (call) => {
      if (call !== 'PATCH namespaces/shop' || changes === 0) return;
      changes -= 1;
      scene.api.put(paths.namespace('shop'), { metadata: { ...scene.api.at(paths.namespace('shop'))?.metadata } });
    };
    expect(await run()).toMatchObject({ outcome: 'done' });
    const { uid } = scene.api.put(paths.namespace('shop'), { metadata: { labels } }).metadata;
    scene.api.world.before = (call) => {
      if (call === 'PATCH namespaces/shop') scene.api.put(paths.namespace('shop'), { metadata: { uid, labels: {} } });
    };
    expect(await run()).toMatchObject({ outcome: 'refused', messages: [expect.stringContaining('env')] });
    expect(mark()).toBeUndefined();
  });

  it('does nothing, and asks nothing, where the fence stands', async () => {
    scene.api.put(paths.namespace('shop'), { metadata: { labels: marked } });
    makeBaseline(scene.api, 'shop', 'argocd-controller');
    expect(await run()).toMatchObject({
      outcome: 'unchanged',
      messages: ['namespace shop is already fenced, and its baseline is correct'],
    });
    expect([scene.intents, scene.api.writes()]).toEqual([[], []]);
  });

  it('waits, and asks nothing, where the mark is there and the baseline is not yet', async () => {
    scene.api.put(paths.namespace('shop'), { metadata: { labels: { [fenceMark]: '' } } });
    scene.meanwhile.sleep = () => {
      scene.api.put(paths.namespace('shop'), {
        metadata: { ...scene.api.at(paths.namespace('shop'))?.metadata, labels: marked },
      });
      makeBaseline(scene.api, 'shop');
    };
    expect(await run()).toMatchObject({ outcome: 'done', steps: [{ action: 'make' }, { action: 'make' }] });
    expect([scene.intents, scene.api.writes()]).toEqual([[], []]);
  });

  it('tells what is there already, as Git has it', async () => {
    makeBaseline(scene.api, 'shop', 'argocd-controller');
    expect(await run()).toMatchObject({
      outcome: 'done',
      steps: [{ action: 'mark' }, { action: 'leave', detail: 'true already' }, { action: 'leave' }],
    });
  });

  it('by a dry run has the mark judged, and stores nothing', async () => {
    expect(await run({ dryRun: true })).toMatchObject({
      outcome: 'done',
      dryRun: true,
      steps: [{ action: 'mark' }, { action: 'make' }, { action: 'make' }],
      messages: [expect.stringContaining('This cuts all'), expect.stringContaining('knows of no flow')],
    });
    expect(scene.api.writes()).toEqual(['PATCH namespaces/shop']);
    expect([mark(), scene.intents]).toEqual([undefined, []]);
    refuseThePatch('needs the verb "fence"');
    expect(await run({ dryRun: true })).toMatchObject({ outcome: 'refused', steps: [] });
  });
});

function refuseThePatch(words: string): void {
  scene.api.world.before = (call) => {
    if (call === 'PATCH namespaces/shop') throw refusal(403, 'Forbidden', words);
  };
}

describe('a NetworkPolicy of somebody under a name of the baseline', () => {
  const theirs = { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: {} }] }] };
  const owned = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' };
  const put = (name: string, spec: object = theirs) =>
    scene.api.put(paths.policy('shop', name), {
      ...owned,
      spec,
      metadata: { labels: { owner: 'alice' }, managedFields: managedBy('alice') },
    });
  beforeEach(() => put(wall));

  it('stops the command, which shows the difference', async () => {
    const { outcome, steps, messages } = await run();
    expect([outcome, steps, scene.intents, scene.api.writes()]).toEqual(['refused', [], [], []]);
    expect(messages).toEqual([
      `nothing was changed: the baseline would replace a NetworkPolicy of yours
NetworkPolicy shop/deny-all-baseline has another specification than the baseline:
  - ingress:
  -   - from:
  -       - podSelector: {}
    podSelector: {}
    policyTypes:
      - Ingress
  +   - Egress
NetworkPolicies add up: apply yours under another name and delete the old one, or have it printed and replaced: --replace`,
    ]);
  });

  it('is called replaced by a dry run, with and without --replace', async () => {
    const expected = [
      { action: 'mark', detail: 'ringfence.dev/fence=replace' },
      { action: 'replace', name: wall },
      { action: 'make', name: dns },
    ];
    expect(await run({ dryRun: true })).toMatchObject({ outcome: 'refused', steps: expected });
    const { messages, ...dry } = await run({ dryRun: true, replace: true });
    expect(dry).toMatchObject({ outcome: 'done', steps: expected });
    expect(messages[0]).toContain('has another specification than the baseline');
    expect(scene.kept).toEqual([]);
  });

  it('is kept, as it is when the person has said yes, before --replace puts the mark on', async () => {
    reconcileAfter(0);
    const later = { ...theirs, ingress: [] };
    const { confirm, keep } = scene.ports;
    const ports = {
      ...scene.ports,
      async confirm(intent: Parameters<typeof confirm>[0]) {
        put(wall, later);
        return confirm(intent);
      },
      async keep(objects: readonly object[]) {
        expect(mark()).toBeUndefined();
        await keep(objects);
      },
    };
    const kept = [{ ...owned, metadata: { name: wall, namespace: 'shop', labels: { owner: 'alice' } }, spec: later }];
    expect(await fence('shop', { ...options, replace: true }, ports, config)).toMatchObject({
      outcome: 'done',
      steps: [{ action: 'mark' }, { action: 'replace', name: wall }, { action: 'make', name: dns }],
      replaced: kept,
    });
    expect([mark(), scene.kept]).toEqual(['replace', [kept]]);
    expect(scene.intents[0]?.cautions[0]).toContain('has another specification than the baseline');
  });

  it('is in the report too where the command ends too early', async () => {
    const report = await run({ replace: true, timeoutMs: 0 });
    expect(report).toMatchObject({ outcome: 'failed', replaced: [{ metadata: { name: wall } }] });
  });

  it('stays where it cannot be kept', async () => {
    const ports = { ...scene.ports, keep: () => Promise.reject(new TypeError('no space left')) };
    await expect(fence('shop', { ...options, replace: true }, ports, config)).rejects.toThrow('no space left');
    expect(mark()).toBeUndefined();
  });

  it('is no obstacle with the specification of the baseline: only its labels are corrected', async () => {
    makeBaseline(scene.api, 'shop', 'alice');
    const spec = scene.api.at(paths.policy('shop', wall))?.['spec'];
    scene.api.put(paths.policy('shop', wall), { spec, metadata: { labels: { env: 'dev' } } });
    reconcileAfter(0);
    expect(await run()).toMatchObject({
      outcome: 'done',
      steps: [
        { action: 'mark', detail: 'ringfence.dev/fence=true' },
        { action: 'correct', name: wall, detail: 'other labels than its namespace' },
        { action: 'leave', name: dns },
      ],
    });
  });

  it('is replaced without a question where the mark is there: the guarantee is older', async () => {
    scene.api.put(paths.namespace('shop'), { metadata: { labels: marked } });
    scene.meanwhile.sleep = () => makeBaseline(scene.api, 'shop');
    expect(await run()).toMatchObject({ outcome: 'done', steps: [{ action: 'replace' }, { action: 'make' }] });
    expect(scene.kept).toEqual([]);
  });
});
