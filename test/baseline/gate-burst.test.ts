import { describe, expect, it } from 'vitest';
import { denyAllSpec } from '../../src/baseline/deny-all.ts';
import { settleMicrotasks } from './cluster-double.ts';
import { pod, setUp, wall } from './gate-double.ts';

describe('a burst of Pods', () => {
  it('costs two reads where the wall stands, and none is answered from a read before its time', async () => {
    const { cluster, gate, remember, build } = setUp();
    await build();
    remember();
    const first = Promise.withResolvers<void>();
    cluster.hooks.before = () => {
      cluster.hooks.before = () => undefined;
      return first.promise;
    };
    const early = gate.facts('shop', pod);
    await settleMicrotasks();
    const late = Array.from({ length: 50 }, () => gate.facts('shop', pod));
    await settleMicrotasks();
    expect(cluster.calls).toHaveLength(1);
    first.resolve();
    expect(await early).toMatchObject({ wall: 'there' });
    for (const state of await Promise.all(late)) expect(state).toMatchObject({ wall: 'there' });
    expect(cluster.calls).toHaveLength(2);
  });

  it('sees a wall taken away while a read was under way', async () => {
    const { cluster, gate, remember, build } = setUp();
    await build();
    remember();
    const { get } = cluster.policies;
    const answered = Promise.withResolvers<void>();
    // The first read has found a standing wall, but its answer arrives after the wall was deleted.
    cluster.policies.get = async (...args) => {
      const answer = await get(...args);
      cluster.policies.get = get;
      await answered.promise;
      return answer;
    };
    const early = gate.facts('shop', pod);
    await settleMicrotasks();
    cluster.removePolicy('shop', wall);
    const late = gate.facts('shop', pod);
    await settleMicrotasks();
    answered.resolve();
    expect(await early).toMatchObject({ wall: 'there' });
    expect(await late).toMatchObject({ wall: 'made' });
    expect(cluster.policy('shop', wall)?.spec).toEqual(denyAllSpec);
  });

  it('makes the wall once', async () => {
    const { cluster, gate } = setUp();
    const states = await Promise.all(Array.from({ length: 50 }, () => gate.facts('shop', pod)));
    expect(new Set(states.map((state) => state.exists && state.wall))).toEqual(new Set(['made', 'there']));
    expect(cluster.writes()).toEqual([`apply shop/${wall}`, 'apply shop/allow-dns-egress']);
    expect(cluster.calls.length).toBeLessThan(10);
  });
});
