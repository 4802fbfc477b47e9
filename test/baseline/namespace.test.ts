import { describe, expect, it } from 'vitest';
import { readNamespace } from '../../src/baseline/namespace.ts';
import type { RawNamespace } from '../../src/kubernetes/object-meta.ts';

const nothing = { name: '', uid: '', labels: new Map(), fenced: false, terminating: false };

describe('a Namespace', () => {
  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'shop'],
    ['without metadata', { spec: {} }],
    ['with a list as metadata', { metadata: [] }],
    ['with fields of other types', { metadata: { name: 1, uid: {}, labels: [], annotations: 'x' }, status: 'x' }],
  ])('%s says nothing', (_, raw) => {
    expect(readNamespace(raw as RawNamespace)).toEqual(nothing);
  });

  it('is fenced by the mark, whatever its value, and ends by its status or its metadata', () => {
    const metadata = { name: 'shop', uid: 'u', labels: { 'ringfence.dev/fence': 'x' } };
    const shop = { ...nothing, name: 'shop', uid: 'u', labels: new Map(Object.entries(metadata.labels)), fenced: true };
    expect(readNamespace({ metadata } as RawNamespace)).toEqual(shop);
    expect(readNamespace({ metadata, status: { phase: 'Terminating' } })).toEqual({ ...shop, terminating: true });
    const deleted = { metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(readNamespace(deleted as RawNamespace)).toEqual({ ...shop, terminating: true });
  });
});
