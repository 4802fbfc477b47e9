import { describe, expect, it } from 'vitest';
import { fenceMark } from '../../src/policy/mode.ts';
import { refusal } from '../api-server/object-store.ts';
import { shopLabels } from './cluster-double.ts';
import { pod, setUp } from './gate-double.ts';

describe('the metrics of the gate', () => {
  it('are told of each answer once, whoever shared its reads', async () => {
    const { gate, looked, remember } = setUp();
    await gate.facts('shop', pod);
    remember();
    await Promise.all([1, 2, 3].map(() => gate.facts('shop', pod)));
    expect(looked).toEqual(['made', 'there', 'there', 'there']);
  });

  it('are told of a namespace that is not there, needs no wall, or is ending', async () => {
    const { cluster, gate, looked } = setUp();
    await gate.facts('nowhere', pod);
    const { [fenceMark]: _, ...unfenced } = shopLabels;
    cluster.setNamespace('free', unfenced);
    await gate.facts('free', pod);
    cluster.setNamespace('ending', shopLabels, { deletionTimestamp: '2026-11-25T10:00:00Z' });
    await gate.facts('ending', pod);
    await gate.facts('shop', { ensure: true, dryRun: true });
    expect(looked).toEqual(['absent', 'not-needed', 'terminating', 'dry-run']);
  });

  it('are told of doubt', async () => {
    const { cluster, gate, looked } = setUp();
    cluster.hooks.before = () => {
      throw refusal(500);
    };
    await expect(gate.facts('shop', pod)).rejects.toThrow('could not be looked at');
    expect(looked).toEqual(['failed']);
  });
});
