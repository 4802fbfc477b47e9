// Objects in a namespace, without a webhook: old violations, the action in each mode, and requests
// that are not judged.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type WorkloadKind, workloadKinds } from '../../src/kubernetes/kinds.ts';
import { fenceMark, modeLabel } from '../../src/policy/mode.ts';
import { describeWithControlPlane } from '../control-plane/vitest.ts';
import { applyPolicies, printBackstop, typeAs, wallIn } from './backstop-scene.ts';
import {
  developerRole,
  generated,
  inNamespace,
  type Manifest,
  namespace,
  namespaceLabels,
  networkPolicy,
  pod,
  podLabels,
  workload,
} from './objects.ts';
import { grant } from './people.ts';
import { openApi } from './raw-api.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const options = {
  users: [{ name: 'dev', groups: ['developers'] }],
  controllers: false,
  disableAdmissionPlugins: ['ServiceAccount'],
};
const dry = '--dry-run=server';
const status = '--subresource=status';

describeWithControlPlane('the backstop of objects', options, (controlPlane) => {
  let admin: Terminal;
  const type = (command: string, ...input: readonly Manifest[]) => typeAs(controlPlane(), 'dev', command, ...input);

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    await grant(controlPlane(), 'dev', ...developerRole);
    await admin.run(
      'apply -f -',
      namespace('shop', { ...namespaceLabels, [fenceMark]: 'true' }),
      namespace('soft', { ...namespaceLabels, [modeLabel]: 'warn' }),
      namespace('quiet', { ...namespaceLabels, [modeLabel]: 'observe' }),
      namespace('bare', { ...namespaceLabels, [fenceMark]: 'true' }),
      namespace('old', {}),
      namespace('ringfence-system', {}),
      wallIn('shop'),
    );
    const wrong = { env: 'prd', tier: 'api' };
    await admin.run(
      'apply -f -',
      pod('bound'),
      ...[pod('web', wrong), networkPolicy('web', wrong, { podSelector: { matchLabels: { tier: 'wbe' } } })].map(
        (one) => inNamespace('old', one),
      ),
      ...workloadKinds.map((kind) => inNamespace('old', workload(kind, 'web', wrong))),
    );
    await admin.run('create -f -', namespace('cluster-x', {}), namespace('waived', {}));
    const exempt = { namespaces: ['cluster-*'] };
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    const exception = { checks: ['required-labels'], namespace: 'waived', reason: 'charts', until: day(30) };
    const named = (kind: string, name: string) => ({
      ...exception,
      name,
      workloads: [{ kind, name: `${name}-[a-z]` }],
    });
    const exceptions = [
      named('DaemonSet', 'exporter'),
      named('Deployment', 'web'),
      { ...exception, name: 'agents', workloads: [{ serviceAccount: 'agents' }] },
      { ...named('StatefulSet', 'old'), until: day(0) },
    ];
    const api = openApi(controlPlane(), 'admin');
    await applyPolicies(controlPlane(), api, await printBackstop(controlPlane(), { exempt, exceptions }));
  });

  it.each<[string, string, string]>([
    ['a Pod gets a label of no meaning', 'label pod web -n old colour=blue', 'passes'],
    ['a wrong label is put right', `label pod web -n old ${dry} --overwrite env=prod`, 'passes'],
    ['a wrong label becomes another wrong one', `label pod web -n old ${dry} --overwrite env=prdd`, 'label-values'],
    ['so it does through the status', `patch pod web -n old ${dry} ${status} -p ${relabelled('prdd')}`, 'label-values'],
    ['a label that is required goes', `label pod web -n old ${dry} tier-`, 'required-labels'],
    ['a NetworkPolicy is annotated', `annotate networkpolicy web -n old ${dry} a=b`, 'passes'],
    ['a NetworkPolicy is relabelled', `label networkpolicy web -n old ${dry} --overwrite env=x`, 'label-values'],
    ['a NetworkPolicy gets a label of no meaning', `label networkpolicy web -n old ${dry} colour=blue`, 'passes'],
    [
      'a NetworkPolicy selects what nobody is',
      `patch networkpolicy web -n old ${dry} -p ${selecting('x')}`,
      'unknown-taxonomy-value',
    ],
    ['a NetworkPolicy selects what is', `patch networkpolicy web -n old ${dry} -p ${selecting('api')}`, 'passes'],
    ['a Deployment is scaled', `scale deployment web -n old ${dry} --replicas=1`, 'passes'],
    ['a ReplicaSet is scaled', `scale replicaset web -n old ${dry} --replicas=1`, 'passes'],
    ['a Job is let go', `patch job web -n old ${dry} -p {"spec":{"suspend":false}}`, 'passes'],
    ['a CronJob is annotated', `annotate cronjob web -n old ${dry} a=b`, 'passes'],
  ])('what stood before stays as it was: %s', async (_title, command, outcome) => {
    expect(await type(command)).toBe(outcome);
  });

  it.each(workloadKinds.filter((kind) => kind !== 'Job'))('a new template of a %s is judged as new', async (kind) => {
    const command = `set image ${kind} web -n old ${dry} main=registry.example/main:2`;
    expect(await type(command)).toBe('label-values required-labels');
  });

  it('whatever is wrong with it, everything can be deleted', async () => {
    const kinds = ['pod', 'networkpolicy', ...workloadKinds];
    for (const way of ['web', '--all'])
      expect(await type(`delete ${kinds.join(',')} ${way} -n old ${dry}`)).toBe('passes');
  });

  it.each([
    ['that enforces', 'shop', 'label-values required-labels'],
    ['that says nothing, in a cluster that enforces', 'old', 'label-values required-labels'],
    ['that warns', 'soft', 'warns label-values required-labels'],
    ['that observes', 'quiet', 'passes'],
    ['that is exempt', 'ringfence-system', 'passes'],
    ['that is exempt by a prefix', 'cluster-x', 'passes'],
  ])('a wrong Pod in a namespace %s', async (_title, home, outcome) => {
    expect(await type(`create ${dry} -f -`, inNamespace(home, pod('new', { env: 'prd' })))).toBe(outcome);
  });

  const bare = (kind: WorkloadKind, name: string) => inNamespace('waived', workload(kind, name, {}));
  const madeBy = (kind: string, name: string) => {
    const made = inNamespace('waived', pod('made', {}));
    const ownerReferences = [{ apiVersion: 'apps/v1', kind, name, uid: '1', controller: true }];
    return { ...made, metadata: { ...(made['metadata'] as object), ownerReferences } };
  };
  it.each<[string, Manifest, string]>([
    ['a workload', bare('DaemonSet', 'exporter-a'), 'passes'],
    ['its Pod', madeBy('DaemonSet', 'exporter-a'), 'passes'],
    ['a workload of another name', bare('DaemonSet', 'exporter-ab'), 'required-labels'],
    ['a workload of another kind', bare('StatefulSet', 'exporter-a'), 'required-labels'],
    ['a Pod of a Deployment', madeBy('ReplicaSet', 'web-a-5d4f'), 'passes'],
    ['a Pod of another Deployment', madeBy('ReplicaSet', 'web-ab-5d4f'), 'required-labels'],
    ['a Pod of a ServiceAccount', inNamespace('waived', pod('x', {}, { serviceAccountName: 'agents' })), 'passes'],
    [
      'a template of a ServiceAccount',
      inNamespace('waived', workload('Job', 'x', {}, { serviceAccountName: 'agents' })),
      'passes',
    ],
    ['what an exception waived until today', bare('StatefulSet', 'old-a'), 'required-labels'],
    ['another namespace', inNamespace('shop', workload('DaemonSet', 'exporter-a', {})), 'required-labels'],
    ['another check', inNamespace('waived', workload('DaemonSet', 'exporter-a', { env: 'prd' })), 'label-values'],
  ])('an exception and %s', async (_title, made, outcome) => {
    expect(await type(`create ${dry} -f -`, made)).toBe(outcome);
  });

  it.each<[string, Manifest, string]>([
    ['writes the baseline', inNamespace('old', networkPolicy('deny-all-baseline', {})), 'passes'],
    ['writes a NetworkPolicy of another name', networkPolicy('new', {}), 'required-labels'],
    ['creates a Pod', pod('new', {}), 'required-labels'],
  ])('Ringfence’s own user is judged as anyone but for the baseline: %s', async (_title, made, outcome) => {
    const as = '--as=system:serviceaccount:ringfence-system:ringfence --as-group=developers';
    expect(await typeAs(controlPlane(), 'admin', `create ${dry} -f - ${as}`, made)).toBe(outcome);
  });

  it('the words are those of the documentation', async () => {
    const shown = [...readFileSync('docs/backstop.md', 'utf8').matchAll(/^```\n(.*denied request: .*)\n```$/gm)];
    const wrong = pod('web', { env: 'prd', tier: 'api', expose: 'false' });
    for (const [index, object] of [wrong, inNamespace('bare', pod('web'))].entries()) {
      const { stderr } = await controlPlane().kubectl(['create', dry, '-f', '-'], { input: JSON.stringify(object) });
      expect(stderr.trim().replace('error when creating "STDIN": ', '')).toBe(shown[index]?.[1]);
    }
  });

  it('a name that the API server makes is the name in the message', async () => {
    const { stderr } = await controlPlane().kubectl(['create', '-f', '-'], {
      as: 'dev',
      input: JSON.stringify(generated('web-', pod('web', { ...podLabels, env: 'prd' }))),
    });
    expect(stderr).toMatch(/Pod shop\/web-\w{5}: env "prd" is not one of prod, staging, dev \[label-values\]$/m);
  });

  describe.each(['pods/bound/binding', 'bindings'])('a Binding (%s) may carry', (path) => {
    it.each([
      ['what the scheduler writes', { 'topology.kubernetes.io/zone': 'a' }, 'passes'],
      ['the namespace’s identity', { tier: 'api' }, 'passes'],
      ['no other identity', { tier: 'data' }, 'label-agreement'],
      ['no value that nobody has', { team: 'Shop_' }, 'label-values'],
      ['nothing that contradicts itself', { expose: 'true', internal: 'true' }, 'internal-expose'],
    ])('%s', async (_title, labels, outcome) => {
      const metadata = { name: 'bound', namespace: 'shop', labels };
      const target = { apiVersion: 'v1', kind: 'Node', name: 'node-1' };
      const binding = { apiVersion: 'v1', kind: 'Binding', metadata, target };
      expect(await type(`create --raw /api/v1/namespaces/shop/${path}?dryRun=All -f -`, binding)).toBe(outcome);
    });
  });
});

function relabelled(env: string): string {
  return JSON.stringify({ metadata: { labels: { env } } });
}

function selecting(tier: string): string {
  return JSON.stringify({ spec: { podSelector: { matchLabels: { tier } } } });
}
