// Objects without labels from before a cluster enforced: what must still work, and what a change of
// them has to get right. Data only.
import type { WorkloadKind } from '../../src/kubernetes/kinds.ts';
import { inNamespace, type Manifest, namespace, networkPolicy, pod, podLabels, workload } from './objects.ts';

/** A command after `kubectl`, split at spaces, and its standard input. */
export type Typed = readonly [command: string, ...input: readonly Manifest[]];

export interface Legacy {
  readonly kind: string;
  /**
   * The objects that are made while the cluster observes, in namespace `shop`, which is labelled
   * and marked.
   */
  readonly made: readonly Manifest[];
  /** Commands that all succeed, one after the other. */
  readonly passes: readonly Typed[];
  /** Commands that are refused with this message. */
  readonly refused: readonly (readonly [says: string, ...typed: Typed])[];
  /** Commands that succeed and leave no violation. */
  readonly mended?: readonly Typed[];
  /** The last commands: the object is deleted like any other. */
  readonly ends: readonly Typed[];
}

const anything = { conditions: [{ type: 'Seen', status: 'True' }] };
const opened = { spec: { ingress: [{}] } };

/** The changes that any object can go through: annotated, finalised, released. */
function everyday(object: string): readonly Typed[] {
  return [
    [`annotate ${object} note=kept`],
    [`patch ${object} --type=merge -p {"metadata":{"finalizers":["example.org/hold"]}}`],
    [`patch ${object} --type=merge -p {"metadata":{"finalizers":null}}`],
  ];
}

function workloadRow(kind: WorkloadKind, daily: readonly string[], status: object): Legacy {
  const name = `legacy-${kind.toLowerCase()}`;
  const object = `${kind.toLowerCase()} ${name} -n shop`;
  return {
    kind,
    made: [workload(kind, name, {})],
    passes: [
      ...everyday(object),
      [`label ${object} colour=blue`],
      [`patch ${object} --subresource=status --type=merge -p ${JSON.stringify({ status })}`],
      ...daily.map((command): Typed => [command.replace('OBJECT', object)]),
    ],
    refused: [
      [`${kind} shop/${name}: 4 labels of its pod template keep it out`, 'apply -f -', touched(kind, name, {})],
      // Three labels are right and the last is not. The template changed, so all of them are
      // judged.
      [`"data" is not its namespace's`, 'apply -f -', touched(kind, name, { ...podLabels, tier: 'data' })],
    ],
    mended: [['apply -f -', touched(kind, name, podLabels)]],
    ends: [[`delete ${object} --cascade=foreground`]],
  };
}

/**
 * The same workload with a changed template: an annotation, which even a suspended Job may change.
 */
function touched(kind: WorkloadKind, name: string, labels: Readonly<Record<string, string>>): Manifest {
  const made = structuredClone(workload(kind, name, labels)) as Record<string, unknown>;
  const steps =
    kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec', 'template', 'metadata'] : ['spec', 'template', 'metadata'];
  const metadata = steps.reduce<Record<string, unknown>>((at, step) => at[step] as Record<string, unknown>, made);
  metadata['annotations'] = { note: 'touched' };
  return made as Manifest;
}

const scaled = ['scale OBJECT --replicas=1', 'scale OBJECT --replicas=0'];

export const legacies: readonly Legacy[] = [
  {
    kind: 'Namespace',
    made: [namespace('old', {})],
    passes: [
      ...everyday('namespace old'),
      ['label namespace old colour=blue'],
      [
        'replace --raw /api/v1/namespaces/old/finalize -f -',
        {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: 'old', labels: { colour: 'blue' } },
          spec: { finalizers: ['kubernetes', 'example.org/hold'] },
        },
      ],
      [
        'replace --raw /api/v1/namespaces/old/finalize -f -',
        {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: 'old', labels: { colour: 'blue' } },
          spec: { finalizers: ['kubernetes'] },
        },
      ],
      // Everything in it works as before, because the namespace has no labels to disagree with.
      ['apply -f -', inNamespace('old', pod('any', { ...podLabels, tier: 'data' }))],
    ],
    refused: [
      ['"prd" is not one of prod, staging, dev; did you mean "prod"?', 'label namespace old env=prd'],
      ['dev may not relabel old', 'label namespace old env=prod'],
      ['dev may not fence old', 'label namespace old ringfence.dev/fence=true'],
    ],
    ends: [['delete namespace old --wait=false']],
  },
  {
    kind: 'Pod',
    made: [pod('legacy', {}), pod('drained', {}, { nodeName: 'node-1' })],
    passes: [
      ...everyday('pod legacy -n shop'),
      ['label pod legacy -n shop colour=blue'],
      ['set image pod/legacy -n shop main=registry.example/main:2'],
      ['drain node-1 --force --grace-period=0 --timeout=20s'],
    ],
    refused: [
      [`"data" is not its namespace's`, 'label pod legacy -n shop tier=data'],
      ['"yes" is not one of true, false', 'label pod legacy -n shop expose=yes'],
    ],
    mended: [['label pod legacy -n shop env=prod tier=api team=shop expose=false']],
    ends: [['delete pod legacy -n shop --grace-period=0 --force']],
  },
  workloadRow('Deployment', [...scaled, 'rollout pause OBJECT', 'rollout resume OBJECT'], anything),
  workloadRow('StatefulSet', scaled, { observedGeneration: 1, replicas: 0 }),
  workloadRow('DaemonSet', ['patch OBJECT --type=merge -p {"spec":{"minReadySeconds":1}}'], { numberUnavailable: 0 }),
  workloadRow('ReplicaSet', scaled, { replicas: 0 }),
  workloadRow('ReplicationController', scaled, { replicas: 0 }),
  workloadRow('Job', ['patch OBJECT --type=merge -p {"spec":{"parallelism":2}}'], { ready: 0 }),
  workloadRow('CronJob', ['patch OBJECT --type=merge -p {"spec":{"schedule":"@yearly"}}'], { active: [] }),
  {
    kind: 'NetworkPolicy',
    made: [networkPolicy('legacy', {})],
    passes: [
      ...everyday('networkpolicy legacy -n shop'),
      ['label networkpolicy legacy -n shop colour=blue'],
      ['patch networkpolicy legacy -n shop --type=merge -p {"spec":{"policyTypes":["Ingress","Egress"]}}'],
    ],
    refused: [
      [
        'ingress[0]  lets everyone in, the outside included',
        `patch networkpolicy legacy -n shop --type=merge -p ${JSON.stringify(opened)}`,
      ],
      [`"data" is not its namespace's`, 'label networkpolicy legacy -n shop tier=data'],
    ],
    mended: [['label networkpolicy legacy -n shop env=prod tier=api team=shop']],
    ends: [['delete networkpolicy legacy -n shop']],
  },
  {
    kind: 'Binding and status of a Pod',
    made: [pod('unbound', {})],
    passes: [
      [
        'create --raw /api/v1/namespaces/shop/pods/unbound/binding -f -',
        binding({ 'topology.kubernetes.io/zone': 'a' }),
      ],
      [`patch pod unbound -n shop --subresource=status -p ${JSON.stringify({ status: { phase: 'Running' } })}`],
    ],
    refused: [
      // A Binding is judged whether or not the Pod already has an identity.
      [
        `"data" is not its namespace's`,
        'create --raw /api/v1/namespaces/shop/pods/unbound/binding -f -',
        binding({ tier: 'data' }),
      ],
      [
        `"data" is not its namespace's`,
        'patch pod unbound -n shop --subresource=status -p {"metadata":{"labels":{"tier":"data"}}}',
      ],
    ],
    ends: [['delete pod unbound -n shop --grace-period=0 --force']],
  },
  {
    kind: 'the baseline of a namespace without labels',
    // Its owners fenced it while the cluster observed. Its baseline has no identity labels.
    made: [namespace('bare', { 'ringfence.dev/fence': '' })],
    passes: [
      ['annotate networkpolicy deny-all-baseline -n bare note=kept'],
      ['label networkpolicy deny-all-baseline -n bare colour=blue'],
      ['apply -f -', inNamespace('bare', pod('any', podLabels))],
    ],
    refused: [
      [
        'namespace bare is fenced, and this NetworkPolicy is its baseline (spec: not the specification of the baseline)',
        `patch networkpolicy deny-all-baseline -n bare --type=merge -p ${JSON.stringify(opened)}`,
      ],
      [`tier=data is not the namespace's`, 'label networkpolicy deny-all-baseline -n bare tier=data'],
      ['Needed: the verb "breach"', 'delete networkpolicy deny-all-baseline -n bare'],
    ],
    ends: [['delete namespace bare --wait=false']],
  },
];

function binding(labels: Readonly<Record<string, string>>): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'unbound', namespace: 'shop', labels },
    target: { apiVersion: 'v1', kind: 'Node', name: 'node-1' },
  };
}
