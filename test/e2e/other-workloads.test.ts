// Workloads of other projects that the configuration lists: the webhook and the backstop report at
// `apply` what their Pods would be refused for.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modeLabel } from '../../src/policy/mode.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { applyPolicies, printBackstop, typeAs } from './backstop-scene.ts';
import { applyConfiguration } from './configure.ts';
import { definitionOf, standIn, untilServed } from './foreign-kinds.ts';
import { type Installation, install, type Replica } from './installation.ts';
import { inNamespace, type Manifest, namespace, namespaceLabels, pod, podLabels } from './objects.ts';
import { openApi, type RawApi } from './raw-api.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const options = { controllers: false, disableAdmissionPlugins: ['ServiceAccount'] };
const rollouts = standIn({ group: 'argoproj.io', kind: 'Rollout', resource: 'rollouts', scope: 'Namespaced' });
const timed = standIn({ group: 'example.org', kind: 'TimedRun', resource: 'timedruns', scope: 'Namespaced' });
const workloads = [
  { group: 'argoproj.io', kind: 'Rollout', resource: 'rollouts', template: 'spec.template' },
  {
    group: 'example.org',
    kind: 'TimedRun',
    resource: 'timedruns',
    versions: ['v2'],
    template: 'spec.jobTemplate.spec.template',
  },
];
/** What may stand where the path to a template leads through. */
const oddSteps = { list: [1], number: 3, text: 'text', null: null, empty: {}, deep: { spec: [1] } };
const wrong = { ...podLabels, env: 'prd', tier: 'data' };
const dry = '--dry-run=server';

function rollout(name: string, labels?: object, spec: object = {}): Manifest {
  const template = labels === undefined ? {} : { template: { metadata: { labels } } };
  return {
    apiVersion: 'argoproj.io/v1',
    kind: 'Rollout',
    metadata: { name, namespace: 'shop' },
    spec: { replicas: 1, ...template, ...spec },
  };
}

/** A Pod of the ReplicaSet that a Rollout made. */
function madeBy(replicaSet: string): Manifest {
  const made = pod('made', wrong);
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: replicaSet, uid: '1', controller: true }];
  return { ...made, metadata: { ...(made['metadata'] as object), ownerReferences } };
}

function timedRun(name: string, version: string, labels: object): Manifest {
  const spec = { jobTemplate: { spec: { template: { metadata: { labels } } } } };
  return { apiVersion: `example.org/${version}`, kind: 'TimedRun', metadata: { name, namespace: 'shop' }, spec };
}

describeWithControlPlane('workloads of other projects', options, (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  let api: RawApi;
  const type = (command: string, ...input: readonly Manifest[]) => typeAs(controlPlane(), 'admin', command, ...input);

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    api = openApi(controlPlane(), 'admin');
    await admin.run('apply -f -', ...[rollouts, timed].map(definitionOf));
    await untilServed(api, [rollouts, timed]);
    await admin.run(
      'apply -f -',
      namespace('shop'),
      namespace('soft', { ...namespaceLabels, [modeLabel]: 'warn' }),
      namespace('attic', {}),
    );
    // From before Ringfence: wrong labels, and forms that no template has.
    await admin.run(
      'apply -f -',
      rollout('legacy', wrong),
      rollout('bare'),
      { ...rollout('odd'), spec: 'text' },
      rollout('list', undefined, { template: [1] }),
      rollout('null', undefined, { template: null }),
      ...Object.entries(oddSteps).map(([name, jobTemplate]) => ({
        ...timedRun(name, 'v2', {}),
        spec: { jobTemplate },
      })),
    );
    installation = await install(controlPlane(), 'enforce');
    await applyConfiguration(
      controlPlane(),
      `mode: enforce\nexempt: {namespaces: [attic]}\nworkloads: ${JSON.stringify(workloads)}\n`,
    );
    replica = await installation.start();
    await replica.untilReady();
  });
  afterAll(async () => {
    api.close();
    await installation.end();
  });

  it('are told at apply what their Pods would be told', async () => {
    const refusal = await admin.refused('apply -f -', rollout('web', wrong));
    expect(refusal).toContain(
      '"otherworkloads.ringfence.dev" denied the request: Rollout shop/web: 2 labels of its pod',
    );
    expect(refusal).toContain('Fix, under spec.template.metadata.labels:\n  env: prod\n  tier: api\n');
    await admin.run('apply -f -', rollout('web', podLabels));
  });

  it('are asked about in whichever version they are written', async () => {
    for (const version of ['v1', 'v2'])
      expect(await admin.refused('create -f -', timedRun('a', version, wrong))).toContain(
        'TimedRun shop/a: 2 labels of',
      );
  });

  it('without a template are said to be undecided', async () => {
    const said = await admin.run(`create ${dry} -f -`, rollout('ref', undefined, { workloadRef: { name: 'web' } }));
    expect(said).toContain('Warning: Rollout shop/ref: template not decided: there is none at spec.template');
  });

  it('whose template is of another form are refused as doubt', async () => {
    const refusal = await admin.refused('create -f -', rollout('new', undefined, { template: [1] }));
    expect(refusal).toContain('spec.template  not decided: it is a list where an object belongs');
  });

  const everyday = (name: string, kind = 'rollout') => [
    `annotate ${kind} ${name} -n shop --overwrite note=${Date.now()}`,
    `patch ${kind} ${name} -n shop --type=merge -p {"metadata":{"finalizers":["example.org/hold"]}}`,
    `patch ${kind} ${name} -n shop --type=merge -p {"metadata":{"finalizers":null}}`,
    `patch ${kind} ${name} -n shop --type=merge --subresource=status -p {"status":{"seen":${Date.now()}}}`,
    `delete ${kind} ${name} -n shop ${dry}`,
  ];

  it.each(['legacy', 'bare', 'odd', 'list', 'null'])('that were there before live on: %s', async (name) => {
    const calls = () => replica.log().filter(({ resource }) => resource === 'rollouts').length;
    const before = calls();
    for (const command of everyday(name)) await admin.run(command);
    expect(calls()).toBe(before);
  });

  it.each(Object.keys(oddSteps))(
    'that were there before live on, whatever the path leads through: %s',
    async (name) => {
      for (const command of everyday(name, 'timedrun').slice(0, 1)) await admin.run(command);
    },
  );

  it('that were there before are scaled, and may not change their template and leave it wrong', async () => {
    await admin.run('patch rollout legacy -n shop --type=merge -p {"spec":{"replicas":2}}');
    const change = 'patch rollout legacy -n shop --type=merge -p {"spec":{"template":{"spec":{"a":1}}}}';
    expect(await admin.refused(change)).toContain('Rollout shop/legacy: 2 labels of its pod template');
  });

  it('are judged by the mode of their namespace', async () => {
    const said = await admin.run(`create ${dry} -f -`, inNamespace('soft', rollout('web', wrong)));
    expect(said).toContain('Warning: Rollout soft/web: env "prd" is not one of');
    expect(await admin.run(`create ${dry} -f -`, inNamespace('attic', rollout('web', wrong)))).not.toContain('Warning');
  });

  it('fail closed where the namespace enforces, while no replica answers', async () => {
    replica.process.signal('SIGKILL');
    await replica.process.ended;
    expect(await type(`create ${dry} -f -`, rollout('new', podLabels))).toContain('failed calling webhook');
    await admin.run(`create ${dry} -f -`, inNamespace('soft', rollout('new', wrong)));
    for (const name of ['legacy', 'odd']) for (const command of everyday(name).slice(0, 1)) await admin.run(command);
  });

  describe('before the backstop alone', () => {
    beforeAll(async () => {
      await admin.run('delete validatingwebhookconfigurations,mutatingwebhookconfigurations ringfence');
      const exception = {
        name: 'charts',
        checks: ['label-values', 'label-agreement'],
        namespace: 'shop',
        workloads: [{ kind: 'Rollout', name: 'waived' }],
        reason: 'a chart of others',
        until: new Date(Date.now() + 86_400_000).toISOString().slice(0, 10),
      };
      const configuration = { workloads, exempt: { namespaces: ['attic'] }, exceptions: [exception] };
      await applyPolicies(controlPlane(), api, await printBackstop(controlPlane(), configuration));
    });

    it.each<[string, Manifest, string]>([
      ['a wrong template', rollout('new', wrong), 'label-agreement label-values'],
      ['a template without labels', rollout('new', {}), 'required-labels'],
      ['a right template', rollout('new', podLabels), 'passes'],
      ['no template', rollout('new'), 'passes'],
      ['no specification', { ...rollout('new'), spec: 'text' }, 'passes'],
      ['another kind and version', timedRun('new', 'v1', wrong), 'label-agreement label-values'],
      ['a namespace that warns', inNamespace('soft', rollout('new', wrong)), 'warns label-agreement label-values'],
      ['an exception', rollout('waived', wrong), 'passes'],
      ['its Pod', madeBy('waived-5d4f'), 'passes'],
      ['a Pod of another', madeBy('waived-2-5d4f'), 'label-agreement label-values'],
      ['an exempt namespace', inNamespace('attic', rollout('new', wrong)), 'passes'],
    ])('%s', async (_, made, outcome) => {
      expect(await type(`create ${dry} -f -`, made)).toBe(outcome);
    });

    it.each(['legacy', 'bare', 'odd', 'list', 'null'])('what was there before lives on: %s', async (name) => {
      for (const command of everyday(name).slice(0, 1)) expect(await type(command)).toBe('passes');
    });

    it.each(Object.keys(oddSteps))('it does, whatever the path leads through: %s', async (name) => {
      for (const command of everyday(name, 'timedrun').slice(0, 1)) expect(await type(command)).toBe('passes');
    });

    it('a template that changes must be right', async () => {
      const change = `patch rollout legacy -n shop ${dry} --type=merge -p {"spec":{"template":{"spec":{"a":1}}}}`;
      expect(await type(change)).toBe('label-agreement label-values');
    });
  });
});
