import { describe, expect, it } from 'vitest';
import type { Hint } from '../../src/admission/doubt.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import { validate } from '../../src/admission/validate.ts';
import type { Verdict } from '../../src/admission/verdict.ts';
import { fenceMark, type Mode } from '../../src/policy/mode.ts';
import {
  checksOf,
  deployment,
  fenced,
  identity,
  namespace,
  networkPolicy,
  pod,
  podLabels,
  request,
  setUp,
  type Wire,
} from './scene.ts';

type Scene = ReturnType<typeof setUp>;

function judge(scene: Scene, kind: string, object: unknown, more: Partial<AdmissionRequest> = {}): Promise<Verdict> {
  return validate(request(kind, object, more), scene.ports, scene.config);
}
const update = (oldObject: unknown): Partial<AdmissionRequest> => ({ operation: 'UPDATE', oldObject });
const { expose: _, ...unexposed } = podLabels;
/** A rule for the Pods of its own namespace, which no check finds wrong. */
const opens = { ingress: [{ from: [{ podSelector: {} }] }] };

describe('validation in enforce', () => {
  it.each<[string, string, unknown, Partial<AdmissionRequest>, string[]]>([
    ['a Pod that is right', 'Pod', pod(), {}, []],
    ['a Pod without labels', 'Pod', pod(null), {}, ['required-labels']],
    ['a Pod of another tier', 'Pod', pod({ ...podLabels, tier: 'data' }), {}, ['label-agreement']],
    ['a Pod on the node network', 'Pod', pod(podLabels, { hostNetwork: true }), {}, ['host-network']],
    [
      'a Pod of a namespace that is not there',
      'Pod',
      pod(),
      { namespace: 'gone' },
      ['label-agreement', 'baseline-gate'],
    ],
    ['a Pod whose labels are a list', 'Pod', pod([]), {}, ['readable']],
    ['a Pod that is null', 'Pod', null, {}, ['readable']],
    ['a template that is wrong', 'Deployment', deployment(unexposed), {}, ['required-labels']],
    ['a template that is a text', 'Deployment', { spec: { template: 'x' } }, {}, ['readable']],
    [
      'a ReplicationController without template',
      'ReplicationController',
      { metadata: {}, spec: { template: null } },
      {},
      ['required-labels'],
    ],
    ['a NetworkPolicy without labels', 'NetworkPolicy', networkPolicy('allow', null, opens), {}, ['required-labels']],
    [
      'a NetworkPolicy under a reserved name',
      'NetworkPolicy',
      networkPolicy('deny-all-baseline'),
      {},
      ['baseline-guard'],
    ],
    ['a namespace that is right', 'Namespace', namespace(fenced), {}, []],
    ['a namespace that was not marked', 'Namespace', namespace(identity), {}, ['fence-mark']],
    [
      'a namespace with an unknown mode',
      'Namespace',
      namespace({ ...fenced, 'ringfence.dev/mode': 'off' }),
      {},
      ['mode-value'],
    ],
    ['an unmarked namespace at update', 'Namespace', namespace(identity), update(namespace(identity)), []],
    ['a kind that no rule asks for', 'ConfigMap', {}, {}, ['readable']],
    ['a kind that a rule asks for only under another configuration', 'Service', {}, {}, []],
    ['a kind named as every object has it', 'constructor', {}, {}, ['readable']],
    ['a Pod of an exempt namespace', 'Pod', pod(null), { namespace: 'kube-system' }, []],
    ['a kind that no rule asks for in an exempt namespace', 'ConfigMap', {}, { namespace: 'kube-system' }, []],
    [
      'a namespace of an exempt name',
      'Namespace',
      namespace(null, 'ringfence-system'),
      { namespace: 'ringfence-system' },
      ['exempt'],
    ],
    [
      'an exempt namespace at update, whatever its labels',
      'Namespace',
      namespace({ a: 'b' }, 'ringfence-system'),
      { namespace: 'ringfence-system', ...update(namespace(null, 'ringfence-system')) },
      [],
    ],
    [
      'a deleted policy of another name',
      'NetworkPolicy',
      null,
      { operation: 'DELETE', oldObject: networkPolicy('web') },
      [],
    ],
  ])('%s', async (_, kind, object, more, expected) => {
    const verdict = await judge(setUp(), kind, object, more);
    expect(checksOf(verdict.findings)).toEqual(expected);
    expect(verdict.outcome).toBe(expected.length === 0 ? 'allowed' : 'denied');
    expect(verdict.message === undefined).toBe(expected.length === 0);
  });

  it('judges no Pod of a namespace under an exempt prefix, and those beside it', async () => {
    const scene = { ...setUp(), config: { ...setUp().config, exemptPrefixes: ['openshift-'] } };
    const outcome = async (home: string) => (await judge(scene, 'Pod', pod(null), { namespace: home })).outcome;
    expect([await outcome('openshift-x'), await outcome('openshift')]).toEqual(['allowed', 'denied']);
  });

  it('makes the wall before it admits a Pod, and says so', async () => {
    const scene = setUp();
    expect(await judge(scene, 'Pod', pod())).toMatchObject({ outcome: 'allowed', wall: 'made' });
    expect(scene.cluster.writes()).toEqual(['apply shop/deny-all-baseline', 'apply shop/allow-dns-egress']);
  });

  it.each<[string, string, unknown, Partial<AdmissionRequest>]>([
    ['a dry run', 'Pod', pod(), { dryRun: true }],
    ['the update of a Pod', 'Pod', pod(), update(pod())],
    ['a workload', 'Deployment', deployment(podLabels), {}],
    ['a NetworkPolicy', 'NetworkPolicy', networkPolicy('allow', identity, opens), {}],
  ])('writes nothing for %s', async (_, kind, object, more) => {
    const scene = setUp();
    expect(await judge(scene, kind, object, more)).toMatchObject({ outcome: 'allowed' });
    expect(scene.cluster.writes()).toEqual([]);
  });

  it.each<[Mode, Hint, Verdict['outcome']]>([
    ['enforce', 'enforced', 'denied'],
    ['enforce', undefined, 'denied'],
    // The API server did not mark it. It is ahead of this replica's configuration, or behind it.
    ['enforce', 'unenforced', 'warned'],
    ['warn', 'unenforced', 'warned'],
    ['observe', 'unenforced', 'allowed'],
    // The API server marks everything, but this replica does not know yet that it has to refuse.
    ['warn', 'enforced', 'warned'],
    ['observe', 'enforced', 'allowed'],
  ])('a namespace without the mark, in %s, asked about as %s: %s', async (mode, hint, outcome) => {
    const { ports, config } = setUp(mode);
    const verdict = await validate(request('Namespace', namespace(identity)), ports, config, hint);
    expect(verdict.outcome).toBe(outcome);
    expect(checksOf(verdict.findings)).toEqual(mode === 'observe' ? [] : ['fence-mark']);
  });

  it('does not say a namespace is marked because a prototype is', async () => {
    const labels = JSON.parse(`{"__proto__": {"${fenceMark}": "x"}, "constructor": "x"}`) as unknown;
    const verdict = await judge(setUp(), 'Namespace', namespace(labels));
    expect(verdict.findings[0]?.reason).toContain('where a string (quote it) belongs');
  });
});

describe('the ratchet', () => {
  it.each<[string, string, Wire, Wire, Verdict['outcome']]>([
    ['what was wrong before', 'Pod', pod(unexposed), pod(unexposed), 'warned'],
    ['what is wrong now', 'Pod', pod(podLabels), pod(unexposed), 'denied'],
    [
      'what is wrong in another way',
      'Pod',
      pod({ ...podLabels, env: 'prd' }),
      pod({ ...podLabels, env: 'pro' }),
      'denied',
    ],
    ['a scaled legacy Deployment', 'Deployment', deployment(unexposed), deployment(unexposed, {}, 9), 'warned'],
    [
      'a legacy Deployment with another template',
      'Deployment',
      deployment(unexposed),
      deployment(unexposed, { spec: { a: 1 } }),
      'denied',
    ],
    [
      'a legacy NetworkPolicy with another annotation',
      'NetworkPolicy',
      networkPolicy('a', {}),
      networkPolicy('a', {}, {}, { annotations: {} }),
      'warned',
    ],
    [
      'the rules of a legacy NetworkPolicy',
      'NetworkPolicy',
      networkPolicy('a', {}),
      networkPolicy('a', {}, opens),
      'warned',
    ],
    [
      'a NetworkPolicy that opens to anyone now',
      'NetworkPolicy',
      networkPolicy('a', {}),
      networkPolicy('a', {}, { ingress: [{}] }),
      'denied',
    ],
    ['a legacy namespace', 'Namespace', namespace({}), namespace({ a: 'b' }), 'warned'],
    ['an old object that cannot be read', 'Pod', { metadata: 'x' }, pod(unexposed), 'denied'],
  ])('answers an update of %s', async (_, kind, before, now, outcome) => {
    expect(await judge(setUp(), kind, now, update(before))).toMatchObject({ outcome });
  });

  it('compares the template of a CronJob where it stands', async () => {
    const cronJob = (schedule: string, command: string): Wire => ({
      metadata: { name: 'web' },
      spec: { schedule, jobTemplate: { spec: { template: { metadata: { labels: {} }, spec: { command } } } } },
    });
    const scene = setUp();
    expect(await judge(scene, 'CronJob', cronJob('1', 'a'), update(cronJob('2', 'a')))).toMatchObject({
      outcome: 'warned',
    });
    expect(await judge(scene, 'CronJob', cronJob('1', 'a'), update(cronJob('1', 'b')))).toMatchObject({
      outcome: 'denied',
    });
  });

  it('judges as new what is nested too deep to be compared', async () => {
    const deep = () => JSON.parse(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`) as Wire;
    const legacy = () => deployment(unexposed, { spec: deep() });
    const verdict = await judge(setUp(), 'Deployment', legacy(), update(legacy()));
    expect(verdict).toMatchObject({ outcome: 'denied', findings: [{ because: 'cluster' }] });
  });
});

describe('a Binding', () => {
  const binding = (labels: unknown): Wire => ({ metadata: { name: 'web', labels }, target: { name: 'node' } });

  it.each<[string, unknown, Verdict['outcome'], string[]]>([
    ['with the labels of the scheduler', { 'topology.kubernetes.io/zone': 'a' }, 'allowed', []],
    ['that would overwrite the tier', { tier: 'data' }, 'denied', ['label-agreement']],
    ['whose labels are a text', 'tier=data', 'denied', ['readable']],
  ])('%s is judged as the update of its Pod', async (_, labels, outcome, expected) => {
    const scene = setUp();
    scene.pods.set('shop/web', pod());
    const verdict = await judge(scene, 'Binding', binding(labels));
    expect(verdict.outcome).toBe(outcome);
    expect(checksOf(verdict.findings)).toEqual(expected);
  });

  it('finds its Pod by its own name where the request has none', async () => {
    const scene = setUp();
    scene.pods.set('shop/web', pod());
    const { name: __, ...unnamed } = request('Binding', binding({ tier: 'data' }));
    expect(await validate(unnamed, scene.ports, scene.config)).toMatchObject({ outcome: 'denied' });
  });

  it.each<[Mode, Verdict['outcome']]>([
    ['enforce', 'denied'],
    ['observe', 'allowed'],
  ])('in %s, of a Pod that is not there, is %s', async (mode, outcome) => {
    const verdict = await judge(setUp(mode), 'Binding', binding({ tier: 'api' }));
    expect(verdict).toMatchObject({ outcome, findings: [{ check: 'readable', undecided: true }] });
  });
});
