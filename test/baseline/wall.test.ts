import { describe, expect, it } from 'vitest';
import { denyAllSpec } from '../../src/baseline/deny-all.ts';
import { isWalled, readNetworkPolicy } from '../../src/baseline/wall.ts';

const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'x' };
const metadata = { name: 'deny-all-baseline', namespace: 'shop' };

describe('the wall', () => {
  it.each<[string, object | undefined, unknown, boolean]>([
    ['stands', {}, denyAllSpec, true],
    ['does not stand open', {}, { ...denyAllSpec, ingress: [{}] }, false],
    ['does not stand without a specification', {}, undefined, false],
    ['does not stand while it is being deleted', { deletionTimestamp: '2026-01-01T00:00:00Z' }, denyAllSpec, false],
    ['does not stand where the garbage collector may take it', { ownerReferences: [owner] }, denyAllSpec, false],
  ])('%s', (_what, more, spec, expected) => {
    expect(isWalled(readNetworkPolicy({ metadata: { ...metadata, ...more }, spec }))).toBe(expected);
  });
});
