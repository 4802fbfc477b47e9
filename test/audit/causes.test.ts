import { describe, expect, it } from 'vitest';
import { audit, causesIn, fenced, identity, namespace, own, ownedBy, pod, policy, workload } from './scene.ts';

const { expose: _, ...withoutExpose } = own;

/** A Deployment with its ReplicaSet and two Pods. */
const rollout = (name: string, template: Record<string, string>, pods = template) => [
  workload('shop', 'Deployment', name, template),
  workload('shop', 'ReplicaSet', `${name}-1`, template, ownedBy('Deployment', name)),
  ...['a', 'b'].map((end) => pod('shop', `${name}-1-${end}`, pods, ownedBy('ReplicaSet', `${name}-1`))),
];

describe('one mistake is one cause', () => {
  it('of a namespace without labels, with all that follows from it', async () => {
    const found = await audit([
      namespace('shop', {}),
      ...['a', 'b', 'c'].map((name) => pod('shop', name, { expose: 'false' })),
      workload('shop', 'Deployment', 'web', { expose: 'false' }),
    ]);
    expect(causesIn(found)).toEqual(['15 Namespace shop: labels env, tier, team are missing [required-labels]']);
    expect(found.causes[0]).toMatchObject({
      namespace: 'shop',
      objects: new Map([
        ['Pod', 3],
        ['Deployment', 1],
        ['Namespace', 1],
      ]),
      fix: [
        'Fix, under metadata.labels:',
        ...['  env: ', '  tier: ', '  team: '].map((key) => expect.stringContaining(key) as string),
      ],
    });
  });

  it('of a namespace whose value is wrong, with the workloads that have the right one or none', async () => {
    const { env: _env, ...withoutEnv } = own;
    const found = await audit([
      namespace('shop', { ...identity, env: 'production' }),
      workload('shop', 'Deployment', 'web', own),
      workload('shop', 'Deployment', 'api', withoutEnv),
    ]);
    expect(causesIn(found)).toEqual([
      '3 Namespace shop: env "production" is not one of prod, staging, dev [label-agreement, label-values, required-labels]',
    ]);
    expect(found.causes[0]?.fix).toEqual(['Fix, under metadata.labels:', '  env: prod']);
    // No fix proposes the value of the namespace.
    expect(JSON.stringify(found.findings.map(({ fix }) => fix))).not.toContain('production');
  });

  it('of a template, with its ReplicaSet and its Pods', async () => {
    const found = await audit([namespace('shop'), ...rollout('web', { ...own, env: 'prd' })]);
    expect(causesIn(found)).toEqual(['4 Deployment web: env "prd" is not one of prod, staging, dev [label-values]']);
    expect(found.causes[0]?.fix).toEqual(['Fix, under spec.template.metadata.labels:', '  env: prod']);
  });

  it('of several workloads of a namespace that lack the same label', async () => {
    const found = await audit([namespace('shop'), ...rollout('web', withoutExpose), ...rollout('api', withoutExpose)]);
    expect(causesIn(found)).toEqual(['8 Deployment web, Deployment api: expose missing [required-labels]']);
  });

  it('of workloads of a namespace that lack the same labels: all the labels are named at once', async () => {
    const lacking = { app: 'web' };
    const { team: _team, ...withoutTeam } = own;
    const found = await audit([
      namespace('shop'),
      ...rollout('web', lacking),
      ...rollout('api', lacking),
      ...rollout('job', withoutTeam),
      policy('shop', 'web', { podSelector: {} }, {}),
    ]);
    expect(causesIn(found)).toEqual([
      '32 Deployment web, Deployment api: labels env, tier, team, expose are missing [required-labels]',
      '4 Deployment job: team missing [required-labels]',
      '3 NetworkPolicy web: labels env, tier, team are missing [required-labels]',
    ]);
    expect(found.causes[0]?.fix).toEqual([
      'Fix, under spec.template.metadata.labels:',
      ...['  env: prod', '  tier: api', '  team: shop', '  expose: "false"'],
    ]);
  });

  it('of a label that looks misspelt: it stands alone and is quoted', async () => {
    const { env: _env, team: _team, ...others } = own;
    const found = await audit([namespace('shop'), pod('shop', 'web', { ...others, tema: 'shop' })]);
    expect(found.causes.map(({ message }) => message)).toEqual([
      'env missing',
      'team missing; "tema" is there: is team meant?',
    ]);
  });

  it('of a template on the network of its node, with its Pods: their fields differ', async () => {
    const spec = { hostNetwork: true, containers: [{ name: 'c', image: 'x' }] };
    const deployment = workload('shop', 'Deployment', 'web');
    const found = await audit([
      namespace('shop'),
      { ...deployment, spec: { template: { metadata: { labels: own }, spec } } },
      pod('shop', 'web-1', own, { ...ownedBy('Deployment', 'web'), spec }),
    ]);
    expect(causesIn(found)).toHaveLength(1);
    expect(found.causes[0]).toMatchObject({ at: ['Deployment web'], count: 2 });
  });

  it('of Pods whose template is right: they are to be corrected themselves', async () => {
    const found = await audit([namespace('shop'), ...rollout('web', own, { ...own, tier: 'data' })]);
    expect(causesIn(found)).toEqual([
      '2 Pod web-1-a, Pod web-1-b: tier "data" is not its namespace\'s [label-agreement]',
    ]);
  });

  it('of Pods whose template was not read: the workload that is known by name', async () => {
    const rolloutOf = (name: string) => pod('shop', name, withoutExpose, ownedBy('Rollout', 'web', 'argoproj.io/v1'));
    const found = await audit([namespace('shop'), rolloutOf('web-1'), rolloutOf('web-2')]);
    expect(causesIn(found)).toEqual(['2 Rollout web: expose missing [required-labels]']);
    expect(found.notes).toContainEqual(
      expect.objectContaining({ id: 'templates-not-read', objects: ['Rollout of argoproj.io'], overlooked: true }),
    );
  });

  it('of a rule of a policy that names nobody, whatever it opens', async () => {
    const open = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'open', namespace: 'shop', labels: identity },
      spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] },
    };
    const found = await audit([...fenced('shop'), pod('shop', 'web'), open]);
    const ofPolicy = found.causes.filter(({ checks }) => checks.includes('ingress-from-anyone'));
    expect(ofPolicy).toHaveLength(1);
    expect(ofPolicy[0]?.checks.length).toBeGreaterThan(2);
  });
});

it('worst first: what enforce refuses, then warnings, each by the number of findings', async () => {
  const { causes } = await audit([
    namespace('shop'),
    namespace('bank', {}),
    pod('bank', 'a', own),
    pod('shop', 'b', own, { spec: { hostNetwork: true } }),
    pod('shop', 'c', withoutExpose),
  ]);
  expect(causes.map(({ severity, namespace: home }) => `${severity} ${home}`)).toEqual([
    'error bank',
    'error shop',
    'warning shop',
  ]);
});
