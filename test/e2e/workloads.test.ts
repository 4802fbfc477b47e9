// The kinds that make Pods get at `apply` the findings of their Pods. The ratchet lets objects from
// before Ringfence live on.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type WorkloadKind, workloadKinds } from '../../src/kubernetes/kinds.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import {
  developerRole,
  generated,
  inNamespace,
  namespace,
  namespaceLabels,
  networkPolicy,
  pod,
  podLabels,
  workload,
} from './objects.ts';
import { grant } from './people.ts';
import { findingsIn, openTerminal, type StoredObject, type Terminal } from './terminal.ts';

/**
 * The changes in the life of a legacy object of each kind, besides annotations, labels and
 * finalizers. None changes its template.
 */
const everydayPatch: Readonly<Record<WorkloadKind, object>> = {
  Deployment: { spec: { replicas: 1, paused: true } },
  StatefulSet: { spec: { replicas: 1 } },
  DaemonSet: { spec: { minReadySeconds: 1 } },
  ReplicaSet: { spec: { replicas: 1 } },
  ReplicationController: { spec: { replicas: 1 } },
  Job: { spec: { parallelism: 2 } },
  CronJob: { spec: { schedule: '@yearly' } },
};

describeWithSharedControlPlane('workloads in enforce', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  let dev: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    dev = openTerminal(controlPlane(), 'dev');
    await grant(controlPlane(), 'dev', ...developerRole);
    // The state before Ringfence: nothing is labelled except one namespace, whose owners have
    // requested the fence.
    await dev.run(
      'apply -f -',
      namespace('shop', { ...namespaceLabels, 'ringfence.dev/fence': '' }),
      namespace('old', {}),
    );
    await dev.run(
      'apply -f -',
      pod('legacy', {}),
      networkPolicy('legacy', {}),
      inNamespace('old', pod('legacy', {})),
      ...workloadKinds.map((kind) => workload(kind, `legacy-${kind.toLowerCase()}`, {})),
    );
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start();
    await replica.untilReady();
  });
  afterAll(() => installation.end());

  const decisions = () => replica.log().filter(({ msg }) => msg === 'admission decision');

  describe.each(workloadKinds)('%s', (kind) => {
    const name = kind.toLowerCase();
    const at = `${kind === 'CronJob' ? 'spec.jobTemplate.' : ''}spec.template.metadata.labels`;

    it('is told at apply what its Pods would be told', async () => {
      const wrong = { ...podLabels, env: 'prd', tier: 'data' };
      const refusal = await dev.refused('apply -f -', workload(kind, 'web', wrong, { hostNetwork: true }));
      expect(refusal).toContain(`denied the request: ${kind} shop/web: 3 findings of its pod template keep it out\n`);
      expect(refusal).toContain(`Fix, under ${at}:\n  env: prod\n  tier: api\n`);
      const podRefusal = await dev.refused('apply -f -', pod('web', wrong, { hostNetwork: true }));
      expect(findingsIn(refusal)).toEqual(findingsIn(podRefusal));
      expect(findingsIn(refusal)).toHaveLength(3);
    });

    it('is told by its generated name', async () => {
      const refusal = await dev.refused('create -f -', generated('web-', workload(kind, 'web', {})));
      expect(refusal).toMatch(new RegExp(`denied the request: ${kind} shop/web-\\w{5}: 4 labels of its pod template`));
    });

    it('is accepted when its template is right, and its image may change', async () => {
      await dev.run('apply -f -', workload(kind, 'web'));
      // A Job's containers are immutable.
      if (kind !== 'Job') await dev.run(`set image ${name}/web -n shop main=registry.example/main:2`);
      await dev.run(`delete ${name} web -n shop`);
    });

    it('that was there before is scaled, labelled, annotated and finalised as before, without a call', async () => {
      const before = decisions().length;
      const legacy = `${name} legacy-${name} -n shop`;
      await dev.run(`patch ${legacy} --type=merge -p ${JSON.stringify(everydayPatch[kind])}`);
      await dev.run(`label ${legacy} colour=blue`);
      await dev.run(`annotate ${legacy} note=kept`);
      await dev.run(`patch ${legacy} -p {"metadata":{"finalizers":["example.org/hold"]}}`);
      await dev.run(`patch ${legacy} --type=merge -p {"metadata":{"finalizers":null}}`);
      const ours = decisions()
        .slice(before)
        .filter(({ kind: judged }) => judged === kind);
      expect(ours.filter(({ user }) => user === 'dev')).toEqual([]);
    });

    it('that was there before may not change its template and leave it wrong', async () => {
      const template = { template: { metadata: { annotations: { note: 'changed' } } } };
      const spec = kind === 'CronJob' ? { jobTemplate: { spec: template } } : template;
      const command = `patch ${name} legacy-${name} -n shop --type=merge -p ${JSON.stringify({ spec })}`;
      expect(await dev.refused(command)).toContain(
        `${kind} shop/legacy-${name}: 4 labels of its pod template keep it out`,
      );
    });

    it('that was there before is deleted', async () => {
      const before = decisions().length;
      await dev.run(`delete ${name} legacy-${name} -n shop --cascade=foreground`);
      expect(
        decisions()
          .slice(before)
          .filter(({ user }) => user === 'dev'),
      ).toEqual([]);
    });
  });

  it('scaling a Deployment from before passes; its new Pods are judged as new', async () => {
    const made = decisions().filter(
      ({ kind, user, decision }) => kind === 'Pod' && user !== 'dev' && decision === 'denied',
    );
    expect(made.map(({ user }) => user)).toContain('system:serviceaccount:kube-system:replicaset-controller');
    const { items } = await dev.get<{ items: StoredObject[] }>('pods -n shop');
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['legacy']);
  });

  it('a Pod from before is annotated, labelled, finalised and evicted; what it changes of its identity must be right', async () => {
    const legacy = 'pod legacy -n shop';
    await dev.run(`annotate ${legacy} note=kept`);
    expect(await dev.run(`label ${legacy} sensitivity=low`)).toBe(`\
pod/legacy labeled
Warning: Pod shop/legacy: env missing; namespace shop says env=prod (as before) [required-labels]
Warning: Pod shop/legacy: tier missing; namespace shop says tier=api (as before) [required-labels]
Warning: Pod shop/legacy: team missing; namespace shop says team=shop (as before) [required-labels]
Warning: Pod shop/legacy: expose missing; "true" if the outside may reach it, else "false" (as before) [required-labels]
`);
    expect(findingsIn(await dev.refused(`label ${legacy} tier=data`))).toEqual([
      '  tier  "data" is not its namespace\'s; namespace shop says tier=api  [label-agreement]',
    ]);
    await dev.run(`label ${legacy} tier=api`);
    // A corrected label must stay correct.
    expect(findingsIn(await dev.refused(`label ${legacy} tier-`))).toHaveLength(1);
    await dev.run(`patch ${legacy} -p {"metadata":{"finalizers":["example.org/hold"]}}`);
    await dev.run('create --raw /api/v1/namespaces/shop/pods/legacy/eviction -f -', {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'legacy', namespace: 'shop' },
    });
    expect((await dev.get(legacy)).metadata.deletionTimestamp).toBeDefined();
    await dev.run(`patch ${legacy} --type=merge -p {"metadata":{"finalizers":null}}`);
    await eventually('the Pod to be gone', async () => (await dev.run('get pods -n shop -o name')) === '');
  });

  it('a NetworkPolicy from before keeps its labels; what it comes to open is judged as new', async () => {
    await dev.run('annotate networkpolicy legacy -n shop note=kept');
    expect(await dev.run('label networkpolicy legacy -n shop sensitivity=low')).toContain('(as before)');
    const change = (spec: object) => `patch networkpolicy legacy -n shop --type=merge -p ${JSON.stringify({ spec })}`;
    expect(await dev.run(change({ policyTypes: ['Ingress', 'Egress'] }))).toContain('(as before)');
    expect(await dev.refused(change({ ingress: [{}] }))).toContain(
      'ingress[0]  lets everyone in, the outside included',
    );
    await dev.run('delete networkpolicy legacy -n shop');
  });

  it('a namespace from before is neither fenced nor refused, and has nothing to agree with', async () => {
    expect(await admin.run('label namespace old sensitivity=low')).toContain('(as before)');
    expect((await dev.get('namespace old')).metadata.labels).not.toHaveProperty(['ringfence.dev/fence']);
    expect(await dev.run('get networkpolicies -n old')).toContain('No resources found');
    await dev.run('apply -f -', inNamespace('old', pod('web', { ...podLabels, tier: 'data' })));
    const onNode = inNamespace('old', pod('agent', podLabels, { hostNetwork: true }));
    expect(await dev.run('create --dry-run=server -f -', onNode)).toContain(
      'Warning: Pod old/agent: hostNetwork true puts it outside every NetworkPolicy [host-network]\nWarning: Pod old/agent: hostNetwork: lets it reach the Pods of its node, fenced or not\n',
    );
    await dev.run('delete namespace old --wait=false');
  });

  it('the namespace whose owners had asked for the fence has its baseline', async () => {
    expect(await dev.run('get networkpolicies -n shop -o name')).toContain('deny-all-baseline');
  });
});
