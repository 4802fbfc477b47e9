import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { denyAllSpec } from '../../src/baseline/deny-all.ts';
import { GateError } from '../../src/baseline/gate.ts';
import { ApiError } from '../../src/cluster/api-error.ts';
import { owner, pod, setUp, wall } from './gate-double.ts';

describe('doubt', () => {
  it.each<[string, number]>([
    ['get namespace shop', 500],
    [`get shop/${wall}`, 429],
    [`get shop/${wall}`, 0],
    [`apply shop/${wall}`, 500],
    [`apply shop/${wall}`, 409],
    [`apply shop/${wall}`, 403],
    [`apply shop/${wall}`, 404],
  ])('%s answers %i', async (failing, code) => {
    const { cluster, gate, remember } = setUp();
    remember();
    cluster.hooks.before = (call) => {
      if (call === failing) throw new ApiError('the API server says no', { code });
    };
    const doubt = gate.facts('shop', pod);
    await expect(doubt).rejects.toBeInstanceOf(GateError);
    await expect(doubt).rejects.toThrow('namespace shop could not be looked at: the API server says no');
  });

  it('is a wall that someone on the way changes, or that is being deleted', async () => {
    const { cluster, gate } = setUp();
    cluster.hooks.stored = (policy) => ({ ...policy, spec: { ...policy.spec, ingress: [{}] } });
    await expect(gate.facts('shop', pod)).rejects.toThrow('was stored with another specification');
    cluster.hooks.stored = (policy) => policy;
    cluster.setPolicy('shop', wall, denyAllSpec, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    await expect(gate.facts('shop', pod)).rejects.toThrow('NetworkPolicy shop/deny-all-baseline is being deleted');
  });

  it('is an owner that cannot be taken away', async () => {
    const { cluster, gate } = setUp();
    cluster.setPolicy('shop', wall, denyAllSpec, { ownerReferences: [owner] });
    cluster.hooks.before = (call) => {
      if (call.startsWith('clear')) cluster.setPolicy('shop', wall, denyAllSpec, { annotations: { note: 'changed' } });
    };
    await expect(gate.facts('shop', pod)).rejects.toBeInstanceOf(GateError);
  });

  describe('in time', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it.each(['get namespace shop', `get shop/${wall}`, `apply shop/${wall}`])('%s never answers', async (silent) => {
      const { cluster, gate, remember } = setUp();
      remember();
      cluster.hooks.before = (call) => (call === silent ? new Promise(() => undefined) : undefined);
      const heard = expect(gate.facts('shop', pod)).rejects.toThrow(
        /^namespace shop could not be looked at: .+ took longer than/,
      );
      await vi.advanceTimersByTimeAsync(3_000);
      await heard;
      // A call without an answer does not affect later calls.
      cluster.hooks.before = () => undefined;
      const later = gate.facts('shop', pod);
      await vi.advanceTimersByTimeAsync(2_000);
      expect(await later).toMatchObject({ wall: 'made' });
    });

    it('is not an API server that takes more than a second to answer', async () => {
      const { gate, cluster, remember, build } = setUp();
      await build();
      remember();
      cluster.hooks.before = () => new Promise((resolve) => setTimeout(resolve, 1_700));
      const state = gate.facts('shop', pod);
      await vi.advanceTimersByTimeAsync(1_700);
      expect(await state).toMatchObject({ wall: 'there' });
    });

    it('is not a read of someone else that never ends', async () => {
      const { gate, cluster, remember, build } = setUp();
      await build();
      remember();
      cluster.hooks.before = () => {
        cluster.hooks.before = () => new Promise((resolve) => setTimeout(resolve, 1_700));
        return new Promise(() => undefined);
      };
      const first = expect(gate.facts('shop', pod)).rejects.toThrow('took longer than 1800 ms');
      await vi.advanceTimersByTimeAsync(10);
      const began = Date.now();
      const second = gate.facts('shop', pod).then((state) => [state, Date.now() - began]);
      await vi.advanceTimersByTimeAsync(10_000);
      await first;
      expect(await second).toEqual([expect.objectContaining({ wall: 'there' }), 990 + 1_700]);
    });

    it('no caller waits longer than the budget, however many wait before it', async () => {
      const { cluster, gate } = setUp();
      // Each attempt to make the wall takes the allowed 2 s, and the next begins after it.
      cluster.hooks.before = (call) => (call === `apply shop/${wall}` ? new Promise(() => undefined) : undefined);
      const ends: number[] = [];
      for (let wave = 0; wave < 8; wave += 1) {
        const began = Date.now();
        gate.facts('shop', pod).catch(() => ends.push(Date.now() - began));
        await vi.advanceTimersByTimeAsync(400);
      }
      await vi.advanceTimersByTimeAsync(10_000);
      expect(ends).toHaveLength(8);
      expect(Math.max(...ends)).toBe(3_000);
    });

    it('the reads before it are part of the budget', async () => {
      const { cluster, gate, remember } = setUp();
      remember();
      cluster.hooks.before = (call) => {
        if (call === `get shop/${wall}`) return new Promise((resolve) => setTimeout(resolve, 900));
        return call === `apply shop/${wall}` ? new Promise(() => undefined) : undefined;
      };
      gate.facts('shop', pod).catch(() => undefined);
      await vi.advanceTimersByTimeAsync(10);
      const began = Date.now();
      const waited = gate.facts('shop', pod).catch(() => Date.now() - began);
      await vi.advanceTimersByTimeAsync(10_000);
      expect(await waited).toBe(3_000);
    });

    it('an earlier call for the same review is part of the budget', async () => {
      const { cluster, gate } = setUp();
      cluster.hooks.before = () => new Promise(() => undefined);
      const began = Date.now();
      const waited = gate.facts('shop', { ...pod, fresh: true, spentMs: 2_800 }).catch(() => Date.now() - began);
      await vi.advanceTimersByTimeAsync(10_000);
      expect(await waited).toBe(200);
    });

    it('does not hold a Pod for a DNS rule that gets no answer', async () => {
      const { cluster, gate, drifted } = setUp();
      cluster.hooks.before = (call) =>
        call === 'get shop/allow-dns-egress' ? new Promise(() => undefined) : undefined;
      const state = gate.facts('shop', pod);
      await vi.advanceTimersByTimeAsync(500);
      expect(await state).toMatchObject({ wall: 'made' });
      expect(drifted).toEqual(['shop']);
    });
  });
});
