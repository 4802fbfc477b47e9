import { describe, expect, it } from 'vitest';
import { modes } from '../../src/policy/mode.ts';
import { request, setUp } from './scene.ts';

const key = 'count/networkpolicies.networking.k8s.io';
const quota = (hard: unknown) => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'few', namespace: 'shop' },
  spec: { hard },
});
const asked = (hard: unknown, more = {}) =>
  request('ResourceQuota', quota(hard), {
    name: 'few',
    resource: { group: '', version: 'v1', resource: 'resourcequotas' },
    ...more,
  });

describe.each(modes)('in a cluster in %s, a quota', (mode) => {
  it.each([{ [key]: '0' }, { [key]: '1', pods: '10' }])('of %o leaves no room for the baseline', async (hard) => {
    const { answer, audited } = setUp(mode);
    const { allowed, status } = await answer(asked(hard), 'enforced');
    expect([allowed, status?.message.split('\n').slice(0, 2)]).toEqual([
      false,
      [
        `ResourceQuota shop/few: ${key}=${hard[key]} leaves no room for the baseline, which is 2 NetworkPolicies  [baseline-guard]`,
        'Needed: the verb "breach" on fences.ringfence.dev named "shop"',
      ],
    ]);
    expect(audited[0]).toMatchObject({ kind: 'ResourceQuota', name: 'few', decision: 'denied' });
  });

  it.each([{ [key]: '2' }, { [key]: '1k' }, { pods: '0' }, {}, undefined])('of %o leaves room', async (hard) => {
    expect((await setUp(mode).answer(asked(hard), 'enforced')).allowed).toBe(true);
  });

  it('is for those who may breach, and said', async () => {
    const { answer, permitted, told } = setUp(mode);
    permitted.add('dev breach shop');
    const { allowed, warnings } = await answer(asked({ [key]: '0' }), 'enforced');
    expect([allowed, warnings]).toEqual([
      true,
      ['ResourceQuota shop/few: leaves no room for the baseline, which cannot be put back'],
    ]);
    expect(told).toEqual(['warned breach fences/shop']);
  });

  it('is refused where nobody says who may', async () => {
    const { ports, answer } = setUp(mode);
    Object.assign(ports, { isAllowed: () => Promise.reject(new Error('no answer')) });
    const { status } = await answer(asked({ [key]: '0' }), 'enforced');
    expect(status?.message).toContain('not decided: whether dev may breach the fence of shop: no answer');
  });
});
