import { describe, expect, it } from 'vitest';
import { openSpec } from '../../src/baseline/trial.ts';
import { defaultConfig } from '../../src/config/load.ts';
import { audit, baseline, fenced, identity, marked, namespace, own, pod, policy } from './scene.ts';

const rule = (findings: Awaited<ReturnType<typeof audit>>['findings'], id: string) =>
  findings.filter(({ check }) => check === id).map(({ name, severity, message }) => `${severity} ${name}: ${message}`);

describe('the baseline of a fenced namespace', () => {
  it('in order is no finding', async () => {
    const { namespaces, findings } = await audit(fenced('shop'));
    expect(namespaces[0]).toMatchObject({ fence: 'fenced', why: '', baseline: [{ drift: [] }, { drift: [] }] });
    expect(findings).toEqual([]);
  });

  const [wall, dns] = baseline('shop') as [Record<string, unknown>, Record<string, unknown>];
  const changed = (metadata: object) => ({ ...wall, metadata: { ...(wall['metadata'] as object), ...metadata } });
  it.each([
    ['missing', [dns], 'error deny-all-baseline: is missing: the mark promises a fence that is not there'],
    [
      'spec',
      [{ ...wall, spec: { podSelector: {}, policyTypes: ['Ingress'] } }, dns],
      'error deny-all-baseline: has another specification than the baseline: what it denies is not known',
    ],
    [
      'labels',
      [changed({ labels: { ...identity, tier: 'data' } }), dns],
      'warning deny-all-baseline: has other identity labels than its namespace',
    ],
    [
      'owner-references',
      [changed({ ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x' }] }), dns],
      'warning deny-all-baseline: has an owner, and is deleted with it',
    ],
    [
      'terminating',
      [changed({ deletionTimestamp: '2026-11-29T00:00:00Z' }), dns],
      'error deny-all-baseline: is being deleted',
    ],
  ])('with %s is broken, and said once', async (drift, policies, message) => {
    const { namespaces, findings } = await audit([namespace('shop', marked), ...policies]);
    expect(namespaces[0]).toMatchObject({ fence: 'broken', baseline: [{ drift: [drift] }, { drift: [] }] });
    expect(rule(findings, 'baseline-state')).toEqual([message]);
    expect(rule(findings, 'baseline-guard')).toEqual([]);
  });
});

describe('a policy that voids the baseline', () => {
  const voidedBy = async (spec: object) => {
    const objects = [
      ...fenced('shop'),
      pod('shop', 'a'),
      pod('shop', 'b', { ...own, app: 'b' }),
      policy('shop', 'open', spec),
    ];
    const { namespaces } = await audit(objects);
    return namespaces[0]?.voided.map(({ direction, peers, pods, of }) => `${direction} ${peers} ${pods}/${of}`);
  };
  const everyPod = { namespaceSelector: {} };
  it.each([
    ['everyone', { podSelector: {}, ingress: [{}] }, ['ingress everyone 2/2']],
    ['to everyone', { podSelector: {}, policyTypes: ['Egress'], egress: [{}] }, ['egress everyone 2/2']],
    ['every Pod', { podSelector: {}, ingress: [{ from: [everyPod] }] }, ['ingress every Pod 2/2']],
    ['for some Pods', { podSelector: { matchLabels: { app: 'b' } }, ingress: [{}] }, ['ingress everyone 1/2']],
    ['one port', { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] }, []],
    ['its own Pods', { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] }, []],
    ['a direction that it does not isolate', { podSelector: {}, policyTypes: ['Ingress'], egress: [{}] }, []],
  ])('%s', async (_, spec, voided) => {
    expect(await voidedBy(spec)).toEqual(voided);
  });
});

describe('a namespace that is not fenced says why', () => {
  const observing = { ...defaultConfig({ ownNamespace: 'ringfence-system', version: '0' }), mode: 'observe' as const };
  it.each([
    ['kube-system', {}, {}, 'never: it holds the components of the cluster itself'],
    ['ringfence-system', {}, {}, 'never: Ringfence runs in it'],
    ['default', {}, {}, 'every cluster has it, so nothing marks it; ringfence fence default does'],
    ['old', {}, {}, 'it was there before Ringfence enforced, or was unfenced; first: ringfence plan old'],
    ['ending', {}, { deletionTimestamp: '2026-11-29T00:00:00Z' }, 'it is being deleted'],
  ])('%s', async (name, labels, metadata, why) => {
    const { namespaces } = await audit([namespace(name, labels, metadata)]);
    expect(namespaces[0]).toMatchObject({ fence: 'not-fenced', why });
  });

  it('where the cluster observes', async () => {
    const { namespaces } = await audit([namespace('shop')], observing);
    expect(namespaces[0]?.why).toBe('the cluster is in observe, which marks no namespace; first: ringfence plan shop');
  });

  it('where the configuration exempts it', async () => {
    const { namespaces } = await audit([namespace('tools')], { ...observing, exemptNamespaces: ['tools'] });
    expect(namespaces[0]).toMatchObject({ isExempt: true, why: 'the configuration exempts it' });
  });

  it('with the mark on one that is never fenced, which is a finding', async () => {
    const { namespaces, findings } = await audit([namespace('kube-system', { 'ringfence.dev/fence': 'true' })]);
    expect(namespaces[0]?.fence).toBe('not-fenced');
    expect(findings.map(({ check, severity }) => `${severity} ${check}`)).toEqual(['error never-fenced']);
  });
});

describe('a namespace on trial', () => {
  const trialUntil = '2026-11-30T00:00:00Z';
  const annotations = { 'ringfence.dev/trial-until': trialUntil };
  const onTrial = namespace('shop', marked, { annotations });
  const ended = namespace('shop', marked, { annotations: { 'ringfence.dev/trial-until': '2026-11-28T00:00:00Z' } });
  const standing = baseline('shop').map((one) => ({
    ...one,
    metadata: { ...(one['metadata'] as object), annotations },
  }));

  it('is fenced until its end', async () => {
    const { namespaces, findings } = await audit([onTrial, ...standing]);
    expect([namespaces[0]?.fence, namespaces[0]?.trialUntil, findings]).toEqual(['fenced', trialUntil, []]);
  });

  it('has a broken fence if its baseline allows everything before', async () => {
    const open = standing.map((one) => ({ ...one, spec: openSpec }));
    expect((await audit([onTrial, ...open])).namespaces[0]?.fence).toBe('broken');
  });

  it('is not fenced after it, and why, also while its wall still stands', async () => {
    const { namespaces, findings } = await audit([ended, ...standing]);
    expect(namespaces[0]).toMatchObject({
      fence: 'not-fenced',
      why: 'its trial is over, and its wall still stands: only Ringfence opens it; ringfence fence shop fences it',
    });
    expect(findings.filter(({ check }) => check === 'baseline-state')).toEqual([]);
  });

  it('is not fenced after it, when its baseline allows everything', async () => {
    const over = standing.map((one) => ({ ...one, spec: openSpec }));
    const { namespaces, findings } = await audit([ended, ...over]);
    expect(namespaces[0]).toMatchObject({
      fence: 'not-fenced',
      why: 'its trial is over; ringfence fence shop fences it',
    });
    expect(findings.filter(({ check }) => check === 'baseline-state')).toEqual([]);
  });
});
