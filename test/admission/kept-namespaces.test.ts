import { describe, expect, it } from 'vitest';
import { allLabels } from '../../src/admission/facts.ts';
import { keepNamespace } from '../../src/admission/kept-namespaces.ts';
import { modeLabel } from '../../src/policy/mode.ts';
import { configIn, fenced } from './scene.ts';

const config = configIn('enforce');
const numbered = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`example.com/${'k'.repeat(50)}-${index}`, 'v'.repeat(60)]),
  );
const raw = (labels: Readonly<Record<string, string>>) => ({ metadata: { name: 'shop', uid: '1', labels } });

describe('what is kept of a namespace', () => {
  it('is all of its labels, as the same object while it does not change', () => {
    const kept = keepNamespace(raw({ ...fenced, ...numbered(100) }), undefined, config);
    expect(kept.labels.size).toBe(104);
    expect(keepNamespace(raw({}), kept, config)).toBe(kept);
    expect(allLabels('shop', { namespace: () => kept })).toBe(kept.labels);
  });

  it('is who it is and its mode where it has too many, and the rest is not known', () => {
    const kept = keepNamespace(raw({ ...numbered(600), ...fenced, [modeLabel]: 'warn' }), undefined, config);
    expect(Object.fromEntries(kept.labels)).toEqual({ ...fenced, [modeLabel]: 'warn' });
    expect(kept).toMatchObject({ fenced: true, hasMoreLabels: true });
    expect(allLabels('shop', { namespace: () => kept })).toBeUndefined();
    // It is read again, because its labels or the taxonomy may be others.
    expect(keepNamespace(raw(fenced), kept, config).hasMoreLabels).toBeUndefined();
  });
});
