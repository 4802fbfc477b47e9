import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../src/config/pattern.ts';
import { checks } from '../../src/policy/checks/index.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import type { Exception } from '../../src/policy/exception.ts';
import { isSubject, readSubject, type SubjectKind } from '../../src/policy/subject.ts';
import type { ValuePattern } from '../../src/policy/taxonomy.ts';
import { config, podLabels } from './minimal.ts';

const exporter: Exception = {
  name: 'node-exporter',
  checks: ['host-network'],
  namespace: 'shop',
  workloads: [{ kind: 'DaemonSet', name: compilePattern('node-exporter') as ValuePattern }],
  reason: 'it reads the node',
  until: '2027-01-31',
};
const agents: Exception = { ...exporter, name: 'agents', workloads: [{ serviceAccount: 'agents' }] };
const of = (kind: string, name: string): Exception => ({
  ...exporter,
  workloads: [{ kind, name: compilePattern(name) as ValuePattern }],
});

interface Made {
  readonly kind?: SubjectKind;
  readonly name?: string;
  readonly by?: object;
  readonly namespace?: string;
  readonly serviceAccountName?: string;
  readonly labels?: object;
}

function judge(exceptions: readonly Exception[], made: Made = {}, mode: 'enforce' | 'warn' = 'enforce') {
  const { kind = 'Pod', name = 'node-exporter-x2b4z', by, namespace = 'shop', labels = podLabels } = made;
  const inner = {
    metadata: { labels },
    spec: { hostNetwork: true, ...('serviceAccountName' in made ? made : {}) },
  };
  const metadata = { name, labels, ...(by === undefined ? {} : { ownerReferences: [by] }) };
  const object = kind === 'Pod' ? { ...inner, metadata } : { metadata, spec: { template: inner } };
  const said = new Map([
    ['env', 'prod'],
    ['tier', 'api'],
    ['team', 'shop'],
  ]);
  const facts = { known: true, fenced: true, labels: said } as const;
  const subject = readSubject(kind, object, { operation: 'CREATE', namespace, facts });
  if (!isSubject(subject)) throw new Error('unreadable');
  return evaluate(checks, subject, undefined, { mode, source: 'cluster' }, { ...config, exceptions });
}

const owner = (kind: string, name: string, controller = true) => ({ kind, name, controller });

describe('an exception', () => {
  it('leaves a finding recorded, which names it, its end, and what it means', () => {
    expect(judge([exporter], { by: owner('DaemonSet', 'node-exporter') })).toEqual({
      outcome: 'allowed',
      findings: [
        expect.objectContaining({
          check: 'host-network',
          action: 'record',
          because: 'exception',
          exception: 'node-exporter',
          reason:
            'true puts it outside every NetworkPolicy; namespace shop is fenced; exception node-exporter waives this until 2027-01-31',
        }),
      ],
    });
  });

  it.each<[string, Exception, Made, boolean]>([
    ['the DaemonSet', exporter, { kind: 'DaemonSet', name: 'node-exporter' }, true],
    ['a Pod that it made', exporter, { by: owner('DaemonSet', 'node-exporter') }, true],
    ['a Pod of that name alone', exporter, {}, false],
    ['a DaemonSet of a longer name', exporter, { kind: 'DaemonSet', name: 'node-exporter-2' }, false],
    ['a DaemonSet of a name that contains it', exporter, { kind: 'DaemonSet', name: 'my-node-exporter' }, false],
    ['another kind of that name', exporter, { kind: 'Deployment', name: 'node-exporter' }, false],
    ['another namespace', exporter, { by: owner('DaemonSet', 'node-exporter'), namespace: 'shop-2' }, false],
    ['an owner that is no controller', exporter, { by: owner('DaemonSet', 'node-exporter', false) }, false],
    ['a pattern', of('DaemonSet', 'node-.*'), { kind: 'DaemonSet', name: 'node-exporter' }, true],
    ['a Pod by its own name', of('Pod', 'node-exporter-.{5}'), {}, true],
    [
      'a Pod of a ReplicaSet of a Deployment',
      of('Deployment', 'web-a'),
      { by: owner('ReplicaSet', 'web-a-5d4f') },
      true,
    ],
    [
      'a Pod of a Deployment of a shorter name',
      of('Deployment', 'web'),
      { by: owner('ReplicaSet', 'web-a-5d4f') },
      false,
    ],
    [
      'a ReplicaSet of a Deployment',
      of('Deployment', 'web'),
      { kind: 'ReplicaSet', name: 'web-5', by: owner('Deployment', 'web') },
      true,
    ],
    ['a Pod of a Job of a CronJob', of('CronJob', 'nightly'), { by: owner('Job', 'nightly-29000000') }, true],
    ['a Pod of a ReplicaSet of a Rollout', of('Rollout', 'web'), { by: owner('ReplicaSet', 'web-5d4f') }, true],
    ['a Pod of another Rollout', of('Rollout', 'web'), { by: owner('ReplicaSet', 'web-a-5d4f') }, false],
    ['a Pod that a CloneSet made', of('CloneSet', 'web'), { by: owner('CloneSet', 'web') }, true],
    ['a Pod of a Job, by a kind of others', of('JobSet', 'web'), { by: owner('Job', 'web-1') }, false],
    ['a Pod of a ReplicaSet, by a StatefulSet', of('StatefulSet', 'web'), { by: owner('ReplicaSet', 'web-1') }, false],
    ['an owner named as every object has it', of('Deployment', 'web'), { by: owner('constructor', 'web-1') }, false],
    ['a ServiceAccount', agents, { serviceAccountName: 'agents' }, true],
    ['a template of a ServiceAccount', agents, { kind: 'Deployment', name: 'x', serviceAccountName: 'agents' }, true],
    ['another ServiceAccount', agents, { serviceAccountName: 'agents-2' }, false],
    ['the default ServiceAccount', { ...agents, workloads: [{ serviceAccount: 'default' }] }, {}, true],
  ])('%s', (_, exception, made, isWaived) => {
    const { outcome, findings } = judge([exception], made);
    const hostNetwork = findings.find(({ check }) => check === 'host-network');
    expect(hostNetwork?.exception).toBe(isWaived ? exception.name : undefined);
    expect(outcome).toBe(isWaived ? 'allowed' : 'denied');
  });

  it('waives no other check', () => {
    const made = { by: owner('DaemonSet', 'node-exporter'), labels: {} };
    const { outcome, findings } = judge([exporter], made);
    expect(outcome).toBe('denied');
    expect(findings.filter(({ action }) => action === 'deny').map(({ check }) => check)).toEqual(
      Array(4).fill('required-labels'),
    );
  });

  it('waives the warning as well, where the cluster warns', () => {
    expect(judge([exporter], { by: owner('DaemonSet', 'node-exporter') }, 'warn').outcome).toBe('allowed');
    expect(judge([], { by: owner('DaemonSet', 'node-exporter') }, 'warn').outcome).toBe('warned');
  });
});
