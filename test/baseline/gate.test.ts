import { describe, expect, it } from 'vitest';
import { denyAllSpec } from '../../src/baseline/deny-all.ts';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import { refusal } from '../api-server/object-store.ts';
import { shopLabels } from './cluster-double.ts';
import { config, labels, owner, pod, setUp, wall } from './gate-double.ts';

const [desiredWall, desiredDns] = desiredBaseline({ name: 'shop', labels }, config);
const lookCalls = ['get namespace shop', `get shop/${wall}`];
const makeCalls = [...lookCalls, `apply shop/${wall}`, 'get shop/allow-dns-egress', 'apply shop/allow-dns-egress'];

describe('a Pod that enters a fenced namespace', () => {
  it('costs one read where the wall stands and says what the cache says', async () => {
    const { cluster, gate, remember, build } = setUp();
    await build();
    remember();
    expect(await gate.facts('shop', pod)).toEqual({ exists: true, labels, fenced: true, wall: 'there' });
    expect(cluster.calls).toEqual([`get shop/${wall}`]);
  });

  it('has its wall made, then its DNS, exactly as desired', async () => {
    const { cluster, gate } = setUp();
    expect(await gate.facts('shop', pod)).toEqual({ exists: true, labels, fenced: true, wall: 'made' });
    expect(cluster.calls).toEqual(makeCalls);
    expect(cluster.applied).toEqual([desiredWall, desiredDns]);
  });

  it('finds the wall of a namespace that the cache does not know, after reading the namespace', async () => {
    const { cluster, gate, build } = setUp();
    await build();
    expect(await gate.facts('shop', pod)).toMatchObject({ wall: 'there' });
    expect(cluster.calls).toEqual(lookCalls);
  });

  it.each<[string, unknown, Readonly<Record<string, string>>]>([
    ['opened by a rule', { ...denyAllSpec, ingress: [{}] }, {}],
    ['emptied', {}, {}],
    ['not there at all', null, {}],
    ['made to select fewer Pods', { ...denyAllSpec, podSelector: { matchLabels: { app: 'web' } } }, {}],
    [
      'opened, and claimed by a newer configuration',
      { ...denyAllSpec, egress: [{}] },
      { 'ringfence.dev/config-version': '99' },
    ],
  ])('has a wall repaired whose specification was %s', async (_what, spec, annotations) => {
    const { cluster, gate, remember, build } = setUp();
    await build();
    remember();
    cluster.setPolicy('shop', wall, spec, { annotations });
    expect(await gate.facts('shop', pod)).toMatchObject({ wall: 'made' });
    expect(cluster.policy('shop', wall)?.spec).toEqual(denyAllSpec);
  });

  it('has a wall freed that the garbage collector would take', async () => {
    const { cluster, gate, remember, build } = setUp();
    await build();
    remember();
    cluster.setPolicy('shop', wall, denyAllSpec, { ownerReferences: [owner] });
    expect(await gate.facts('shop', pod)).toMatchObject({ wall: 'made' });
    expect(cluster.policy('shop', wall)?.metadata.ownerReferences).toBeUndefined();
    expect(cluster.applied).toEqual([]);
  });

  it('is judged by the live labels where wall and namespace differ, and does not wait for the repair', async () => {
    const { cluster, gate, remember, drifted, build } = setUp();
    await build();
    remember();
    cluster.setNamespace('shop', { ...shopLabels, team: 'other' });
    remember();
    const state = await gate.facts('shop', pod);
    expect(state).toMatchObject({ wall: 'there', labels: new Map([...labels, ['team', 'other']]) });
    expect(cluster.writes()).toEqual([]);
    expect(drifted).toEqual(['shop']);
  });

  it('is judged by the live labels where the cache lags', async () => {
    const { cluster, gate, remember, drifted, build } = setUp();
    remember();
    cluster.setNamespace('shop', { ...shopLabels, team: 'other' });
    await build();
    expect(await gate.facts('shop', pod)).toMatchObject({ labels: new Map([...labels, ['team', 'other']]) });
    expect(drifted).toEqual([]);
  });

  it('never passes by the wall of an earlier namespace of that name', async () => {
    const { cluster, gate, remember, build } = setUp();
    await build();
    remember();
    cluster.removeNamespace('shop');
    cluster.setNamespace('shop', shopLabels);
    expect(await gate.facts('shop', pod)).toMatchObject({ wall: 'made' });
    expect(cluster.policy('shop', wall)?.spec).toEqual(denyAllSpec);
  });

  it('never passes by it either where the namespace is created again between two reads', async () => {
    const { cluster, gate, build } = setUp();
    await build();
    cluster.hooks.before = (call) => {
      if (call !== 'get namespace shop') return;
      cluster.hooks.before = () => undefined;
      cluster.removeNamespace('shop');
      cluster.setNamespace('shop', shopLabels);
    };
    expect(await gate.facts('shop', pod)).toMatchObject({ wall: 'made' });
  });

  it('enters without a wall where the mark is gone, whatever the cache says', async () => {
    const { cluster, gate, remember } = setUp();
    remember();
    cluster.setNamespace('shop', { env: 'prod' });
    const state = await gate.facts('shop', pod);
    expect(state).toEqual({ exists: true, labels: new Map([['env', 'prod']]), fenced: false, wall: 'not-needed' });
    expect(cluster.writes()).toEqual([]);
  });

  it.each(['', 'false', 'no'])('is fenced by the presence of the mark, with value "%s" too', async (value) => {
    const { cluster, gate } = setUp();
    cluster.setNamespace('shop', { [fenceMark]: value });
    expect(await gate.facts('shop', pod)).toMatchObject({ fenced: true, wall: 'made' });
  });

  it('is told that the namespace ends, or is not there', async () => {
    const { cluster, gate } = setUp();
    cluster.setNamespace('shop', shopLabels, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    expect(await gate.facts('shop', pod)).toMatchObject({ exists: true, wall: 'terminating' });
    expect(await gate.facts('nowhere', pod)).toEqual({ exists: false });
    expect(cluster.writes()).toEqual([]);
  });

  it('is told so as well where that happens before the wall is made', async () => {
    const { cluster, gate } = setUp();
    cluster.hooks.before = (call) => {
      if (call === `apply shop/${wall}`)
        cluster.setNamespace('shop', shopLabels, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    };
    expect(await gate.facts('shop', pod)).toMatchObject({ wall: 'terminating' });
    cluster.setNamespace('gone', shopLabels);
    cluster.hooks.before = (call) => {
      if (call === `apply gone/${wall}`) cluster.removeNamespace('gone');
    };
    expect(await gate.facts('gone', pod)).toEqual({ exists: false });
  });

  it('passes where another replica made the wall first', async () => {
    const { cluster, gate } = setUp();
    cluster.hooks.before = (call) => {
      if (call !== `apply shop/${wall}`) return;
      cluster.setPolicy('shop', wall, denyAllSpec, { labels: shopLabels });
      throw refusal(409);
    };
    expect(await gate.facts('shop', pod)).toMatchObject({ wall: 'there' });
  });

  it('does not wait for a DNS rule that cannot be made', async () => {
    const { cluster, gate, drifted } = setUp();
    cluster.hooks.before = (call) => {
      if (call === 'apply shop/allow-dns-egress') throw refusal(500);
    };
    expect(await gate.facts('shop', pod)).toMatchObject({ wall: 'made' });
    expect(drifted).toEqual(['shop']);
  });
});

describe('other reviews', () => {
  it('write nothing in a dry run, and ask nobody to', async () => {
    const { cluster, gate, drifted } = setUp();
    const state = await gate.facts('shop', { ensure: true, dryRun: true });
    expect(state).toEqual({ exists: true, labels, fenced: true, wall: 'dry-run' });
    cluster.setPolicy('shop', wall, { ...denyAllSpec, ingress: [{}] });
    expect(await gate.facts('shop', { ensure: true, dryRun: true })).toMatchObject({ wall: 'dry-run' });
    expect(cluster.writes()).toEqual([]);
    expect(drifted).toEqual([]);
  });

  it('need no wall, but have a missing one repaired', async () => {
    const { cluster, gate, drifted } = setUp();
    expect(await gate.facts('shop', { ensure: false, dryRun: false })).toMatchObject({ labels, wall: 'not-needed' });
    expect(cluster.writes()).toEqual([]);
    expect(drifted).toEqual(['shop']);
  });
});
