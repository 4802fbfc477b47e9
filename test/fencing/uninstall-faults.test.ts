import { beforeEach, describe, expect, it } from 'vitest';
import { uninstall } from '../../src/fencing/uninstall.ts';
import { paths } from '../api-server/address.ts';
import { refusal } from '../api-server/object-store.ts';
import {
  type FencingScene,
  installRingfence,
  labels,
  makeBaseline,
  marked,
  openScene,
  putPolicy,
  wall,
} from './scene.ts';

let scene: FencingScene;
const options = { ownNamespace: 'ringfence-system', removeBaselines: false, dryRun: false, timeoutMs: 60_000 };
const run = (more: Partial<typeof options> = {}) => uninstall({ ...options, ...more }, scene.ports);

/** What of a cluster says Ringfence's name. */
const remains = () =>
  scene.api.paths().filter((path) => {
    const { labels, annotations } = scene.api.at(path)?.metadata ?? {};
    return /ringfence/.test(path + JSON.stringify({ labels, annotations }));
  });
const policies = () => scene.api.paths().filter((path) => path.includes('/networkpolicies/'));

beforeEach(() => {
  scene = openScene({ pageSize: 2 });
  installRingfence(scene.api);
  scene.api.put(paths.namespace('bank'), { metadata: { labels: { ...labels, 'ringfence.dev/mode': 'warn' } } });
  scene.api.put(paths.namespace('free'), { metadata: { labels } });
  for (const name of ['shop', 'till']) {
    scene.api.put(paths.namespace(name), { metadata: { labels: { ...marked, 'ringfence.dev/mode': 'enforce' } } });
    makeBaseline(scene.api, name);
  }
});

describe('uninstall and faults', () => {
  it.each([false, true])(
    'goes on where it was interrupted, whatever write that was (baselines removed: %s)',
    async (removeBaselines) => {
      const whole = openScene();
      installRingfence(whole.api);
      for (let cut = 0; ; cut += 1) {
        scene = openScene({ pageSize: 2 });
        installRingfence(scene.api);
        scene.api.put(paths.namespace('shop'), { metadata: { labels: marked } });
        makeBaseline(scene.api, 'shop');
        let writes = 0;
        scene.api.world.before = (call) => {
          if (/^(?:GET|LIST|ASK) /.test(call)) return;
          if (writes === cut) throw new TypeError('the machine was switched off');
          writes += 1;
        };
        const isWhole = await run({ removeBaselines }).then(
          () => true,
          () => false,
        );
        scene.api.world.before = () => undefined;
        if (!isWhole) expect(await run({ removeBaselines }), `cut at write ${cut}`).toMatchObject({ outcome: 'done' });
        expect(remains(), `cut at write ${cut}`).toEqual([]);
        expect(policies(), `cut at write ${cut}`).toHaveLength(removeBaselines ? 0 : 2);
        if (!isWhole) continue;
        expect(cut).toBeGreaterThan(8);
        return;
      }
    },
  );

  it('takes webhooks away that a replica put back in the last moment, and changes that it made to them', async () => {
    let returns = 2;
    scene.meanwhile.sleep = () => {
      if (scene.api.at(paths.clusterRoleBinding('ringfence-webhooks')) !== undefined || returns === 0) return;
      returns -= 1;
      scene.api.put(paths.webhooks('validating'), {});
    };
    scene.api.world.before = (call) => {
      if (call !== 'DELETE mutatingwebhookconfigurations/ringfence' || returns === 0) return;
      scene.api.put(paths.webhooks('mutating'), {
        metadata: { ...scene.api.at(paths.webhooks('mutating'))?.metadata },
      });
    };
    expect(await run()).toMatchObject({ outcome: 'done' });
    expect(remains()).toEqual([]);
  });

  it('looks again when the rights of the replicas have ended: for webhooks, marks and labels', async () => {
    scene.api.world.before = (call) => {
      if (call !== 'DELETE clusterrolebindings/ringfence') return;
      scene.api.put(paths.webhooks('mutating'), {});
      scene.api.put(paths.namespace('late'), { metadata: { labels: marked } });
      putPolicy(scene.api, 'late', wall, ['ringfence']);
    };
    expect(await run()).toMatchObject({ outcome: 'done' });
    expect(remains()).toEqual([]);
  });

  it('works where Ringfence does not answer, and the API server has not heard yet that it need not ask', async () => {
    let refusals = 4;
    scene.api.world.before = (call) => {
      if (call !== 'PATCH namespaces/bank' || refusals-- <= 0) return;
      if (refusals % 2 === 0) throw refusal(500, 'InternalError', 'failed calling webhook "namespaces.ringfence.dev"');
      throw refusal(403, 'Forbidden', 'admission webhook "namespaces.ringfence.dev" denied the request');
    };
    expect(await run()).toMatchObject({ outcome: 'done' });
    expect(remains()).toEqual([]);
  });

  it('takes away again what a reconciliation under way put back', async () => {
    let returns = 2;
    scene.meanwhile.sleep = () => {
      if (returns === 0 || scene.api.at(paths.policy('shop', wall)) !== undefined) return;
      returns -= 1;
      putPolicy(scene.api, 'shop', wall, ['ringfence']);
    };
    expect(await run({ removeBaselines: true })).toMatchObject({ outcome: 'done' });
    expect(policies()).toEqual([]);
  });

  it('lists anew where the pages outlived the history', async () => {
    let expired = 1;
    scene.api.world.before = (call) => {
      if (call === 'LIST namespaces' && expired-- > 0) throw refusal(410, 'Expired', 'too old');
    };
    expect(await run()).toMatchObject({ outcome: 'done' });
  });

  it('says so where the namespace takes longer to end', async () => {
    scene.api.world.endingReads = 1_000_000;
    const { outcome, messages } = await run({ timeoutMs: 10_000 });
    expect([outcome, messages[0]]).toEqual([
      'done',
      'Ringfence is uninstalled; namespace ringfence-system is still being deleted, which needs no further step',
    ]);
    expect(scene.lines).toContain('waiting for the deletion of namespace ringfence-system');
  });

  it('tells what was done where a webhook of others refuses the rest', async () => {
    scene.api.world.before = (call) => {
      if (call === 'DELETE namespaces/ringfence-system') throw refusal(403, 'Forbidden', 'not on a Friday');
    };
    const { outcome, messages, steps } = await run();
    expect([outcome, messages[0]]).toEqual(['refused', 'not on a Friday']);
    expect(steps.length).toBeGreaterThan(6);
  });
});
