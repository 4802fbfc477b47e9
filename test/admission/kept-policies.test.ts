import { describe, expect, it } from 'vitest';
import { keepPolicies } from '../../src/admission/kept-policies.ts';
import type { RawObject } from '../../src/kubernetes/object-meta.ts';

const limits = { perNamespace: 100_000, free: 10_000, inAll: 150_000 };
const block = { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } };

/** A policy with so many peers, each of which weighs some 300 bytes. */
function policy(name: string, peers: number, namespace = 'shop', more: object = {}): RawObject {
  const spec = { podSelector: {}, ingress: [{ from: [...Array.from({ length: peers }, () => block)] }], ...more };
  return { metadata: { name, namespace, uid: `${namespace}/${name}`, resourceVersion: '1' }, spec } as RawObject;
}

function open() {
  let leftOut = 0;
  const kept = keepPolicies(() => {
    leftOut += 1;
  }, limits);
  const isKept = (raw: RawObject) => kept.keep(raw).isLeftOut === undefined;
  return { kept, isKept, leftOut: () => leftOut };
}

describe('the policies that are kept', () => {
  it('are those of a namespace up to its quota, and what is gone makes room', () => {
    const { kept, isKept, leftOut } = open();
    const first = kept.keep(policy('a', 200));
    expect(first.spec).toEqual(policy('a', 200)['spec' as never]);
    expect([policy('b', 150), policy('c', 20)].map(isKept)).toEqual([false, true]);
    expect(leftOut()).toBe(1);
    kept.forget(first);
    expect(isKept(policy('b', 150))).toBe(true);
    // A change takes the place of what it was.
    expect([policy('b', 200), policy('b', 210), policy('b', 150)].map(isKept)).toEqual([true, true, true]);
  });

  it('are few bytes where one is left out: its name, and a hundred of the namespaces that it names', () => {
    const { kept } = open();
    const names = Array.from({ length: 1_000 }, (_, index) => `front-${index}`);
    const expression = { key: 'kubernetes.io/metadata.name', operator: 'In', values: names };
    const peer = { namespaceSelector: { matchExpressions: [expression] } };
    const raw = policy('wide', 0, 'shop', { ingress: [{ from: [peer] }] });
    const { metadata, spec, isLeftOut } = kept.keep({ ...raw, metadata: { ...raw.metadata, labels: { a: 'b' } } });
    expect([metadata, spec]).toEqual([{ name: 'wide', namespace: 'shop' }, {}]);
    expect(isLeftOut?.names).toEqual(names.slice(0, 100));
  });

  it('count with their labels', () => {
    const { isKept } = open();
    const labels = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`key-${index}`, 'x']));
    const raw = policy('labelled', 1);
    expect(isKept({ ...raw, metadata: { ...raw.metadata, labels } })).toBe(false);
  });

  it('are those of every namespace up to what is free, whatever the others have', () => {
    const { isKept } = open();
    expect([policy('a', 250, 'one'), policy('a', 200, 'two')].map(isKept)).toEqual([true, true]);
    expect([policy('a', 200, 'three'), policy('b', 20, 'three'), policy('c', 20, 'three')].map(isKept)).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('are always the baseline', () => {
    const { isKept } = open();
    expect([policy('a', 300), policy('b', 100)].map(isKept)).toEqual([true, false]);
    expect([policy('deny-all-baseline', 0), policy('deny-all-baseline', 100)].map(isKept)).toEqual([true, false]);
  });

  it('stay the same object while they do not change, and are looked at again where they were left out', () => {
    const { kept } = open();
    const a = kept.keep(policy('a', 250));
    const b = kept.keep(policy('b', 100));
    expect(kept.keep(policy('a', 250), a)).toBe(a);
    expect(kept.keep(policy('b', 100), b).isLeftOut).toBeDefined();
    kept.forget(a);
    expect(kept.keep(policy('b', 100), b).isLeftOut).toBeUndefined();
  });

  it('are those of the newer where one is created again before the older is forgotten', () => {
    const { kept, isKept } = open();
    const old = kept.keep(policy('a', 250));
    kept.keep(policy('a', 250));
    kept.forget(old);
    expect(isKept(policy('b', 100))).toBe(false);
  });

  it('are those of the last full list: what a list that failed has brought in makes room', () => {
    const { kept, isKept } = open();
    const old = kept.keep(policy('a', 250));
    const other = kept.keep(policy('c', 20));
    // The list that brings the newer version fails, and the policy is deleted before the next one.
    const newer = kept.keep(policy('a', 260));
    kept.keep(policy('never-listed', 20));
    kept.forget(old);
    expect(isKept(policy('b', 250))).toBe(false);
    kept.retain([newer, other]);
    expect(isKept(policy('b', 250))).toBe(false);
    kept.retain([other]);
    expect([policy('b', 280), policy('d', 30)].map(isKept)).toEqual([true, false]);
  });
});
