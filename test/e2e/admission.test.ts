// The messages of kubectl for a developer with plain RBAC rights, while Ringfence enforces.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
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
} from './objects.ts';
import { grant } from './people.ts';
import { findingsIn, openTerminal, type StoredObject, type Terminal } from './terminal.ts';

describeWithSharedControlPlane('admission in enforce', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  let dev: Terminal;

  beforeAll(async () => {
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start();
    await replica.untilReady();
    admin = openTerminal(controlPlane(), 'admin');
    dev = openTerminal(controlPlane(), 'dev');
    await grant(controlPlane(), 'dev', ...developerRole);
    await dev.run('apply -f -', namespace('shop'));
    await dev.run('apply -f -', namespace('vault', { ...namespaceLabels, tier: 'data', expose: 'false' }));
  });
  afterAll(() => installation.end());

  const decisions = () => replica.log().filter(({ msg }) => msg === 'admission decision').length;

  it('a namespace without labels is refused with a manifest to paste', async () => {
    expect(await dev.refused('create namespace bank')).toBe(
      `\
Error from server (Forbidden): admission webhook "namespaces.ringfence.dev" denied the request: Namespace bank: 3 labels keep it out
  env   missing; one of prod, staging, dev     [required-labels]
  tier  missing; one of web, api, data, cache  [required-labels]
  team  missing; a DNS label                   [required-labels]
Fix, under metadata.labels:
  env: <prod|staging|dev>
  tier: <web|api|data|cache>
  team: <a DNS label>
kubectl create namespace takes no labels; apply this instead (Helm: before the release, without --create-namespace;
Argo CD: the labels under syncPolicy.managedNamespaceMetadata):
  apiVersion: v1
  kind: Namespace
  metadata:
    name: bank
    labels:
      env: <prod|staging|dev>
      tier: <web|api|data|cache>
      team: <a DNS label>`,
    );
  });

  it.each<[string, Record<string, string>, readonly string[]]>([
    [
      'empty values',
      { env: '', tier: '', team: '' },
      [
        '  env   "" is not one of prod, staging, dev     [label-values]',
        '  tier  "" is not one of web, api, data, cache  [label-values]',
        '  team  "" is not a DNS label                   [label-values]',
      ],
    ],
    [
      'a misspelt value and one that only begins right',
      { ...namespaceLabels, env: 'prd', tier: 'apis' },
      [
        '  env   "prd" is not one of prod, staging, dev; did you mean "prod"?     [label-values]',
        '  tier  "apis" is not one of web, api, data, cache; did you mean "api"?  [label-values]',
      ],
    ],
    [
      'a sensitivity that does not exist',
      { ...namespaceLabels, sensitivity: 'top' },
      ['  sensitivity  "top" is not one of high, medium, low  [label-values]'],
    ],
    [
      'a mode that does not exist',
      { ...namespaceLabels, 'ringfence.dev/mode': 'enforced' },
      ['  ringfence.dev/mode  "enforced" is not one of observe, warn, enforce; did you mean "enforce"?  [mode-value]'],
    ],
  ])('a namespace with %s is refused', async (_title, labels, findings) => {
    expect(findingsIn(await dev.refused('apply -f -', namespace('bank', labels)))).toEqual(findings);
  });

  it('a namespace with its labels is created, marked and walled', async () => {
    expect(await dev.run('apply -f -', namespace('bank'))).toBe('namespace/bank created\n');
    expect((await dev.get('namespace bank')).metadata.labels).toMatchObject({ 'ringfence.dev/fence': 'true' });
    await eventually('the baseline', () => isWalled('bank'));
    const { spec, metadata } = await dev.get('networkpolicy deny-all-baseline -n bank');
    expect(spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    expect(metadata.labels).toEqual({ ...namespaceLabels, 'app.kubernetes.io/managed-by': 'ringfence' });
  });

  it('a namespace by generateName is created, marked and walled', async () => {
    const name = (await dev.run('create -f - -o name', generated('bank-', namespace('')))).trim().split('/')[1] ?? '';
    expect((await dev.get(`namespace ${name}`)).metadata.labels).toMatchObject({ 'ringfence.dev/fence': 'true' });
    await eventually('the baseline', () => isWalled(name));
  });

  it('an update of a namespace is judged where it changes an identity label, and only there', async () => {
    expect(findingsIn(await dev.refused('label namespace bank env-'))).toEqual([
      '  env  missing; one of prod, staging, dev  [required-labels]',
      '  env  removed; dev may not relabel bank   [relabel]',
    ]);
    const before = decisions();
    await dev.run('annotate namespace bank note=kept');
    expect(decisions()).toBe(before);
    await dev.run('label namespace bank colour=blue');
    expect(decisions()).toBe(before);
    await admin.run('label namespace bank sensitivity=low');
    expect(decisions()).toBe(before + 1);
  });

  it('a Pod reads every finding at once, and one fix to copy', async () => {
    expect(await dev.refused('run web -n shop --image=x --labels=env=prd,tier=api')).toBe(`\
Error from server (Forbidden): admission webhook "pods.ringfence.dev" denied the request: Pod shop/web: 3 labels keep it out
  env     "prd" is not one of prod, staging, dev; did you mean "prod"?  [label-values]
  team    missing; namespace shop says team=shop                        [required-labels]
  expose  missing; "true" if the outside may reach it, else "false"     [required-labels]
Fix, under metadata.labels:
  env: prod
  team: shop
  expose: "false"
With kubectl run: --labels='env=prod,tier=api,team=shop,expose=false'; with kubectl debug --copy-to: --keep-labels`);
  });

  const missing = [
    '  env     missing; namespace shop says env=prod                      [required-labels]',
    '  tier    missing; namespace shop says tier=api                      [required-labels]',
    '  team    missing; namespace shop says team=shop                     [required-labels]',
    '  expose  missing; "true" if the outside may reach it, else "false"  [required-labels]',
  ];

  it.each<[string, string, Manifest, readonly string[]]>([
    ['no labels', 'shop/web', pod('web', {}), missing],
    ['a name of its own making', 'shop/web-', generated('web-', pod('', {})), missing],
    [
      'another tier than its namespace',
      'shop/web',
      pod('web', { ...podLabels, tier: 'data' }),
      ['  tier  "data" is not its namespace\'s; namespace shop says tier=api  [label-agreement]'],
    ],
    [
      'a misspelt key',
      'shop/web',
      pod('web', { ...namespaceLabels, exposed: 'false' }),
      ['  expose  missing; "exposed" is there: is expose meant?  [required-labels]'],
    ],
    [
      'internal and expose together, on the host network',
      'shop/web',
      pod('web', { ...podLabels, expose: 'true', internal: 'true' }, { hostNetwork: true }),
      [
        '  expose       "true" contradicts internal="true": what is internal is never exposed  [internal-expose]',
        '  hostNetwork  true puts it outside every NetworkPolicy; namespace shop is fenced     [host-network]',
      ],
    ],
    [
      'expose in a namespace that must not be',
      'vault/web',
      inNamespace('vault', pod('web', { ...podLabels, tier: 'data', expose: 'true' })),
      ['  expose  "true" is not allowed here; namespace vault says expose=false  [namespace-exposure]'],
    ],
  ])('a Pod with %s is refused', async (_title, name, manifest, findings) => {
    const refusal = await dev.refused('create -f -', manifest);
    expect(refusal).toContain(`denied the request: Pod ${name}`);
    expect(findingsIn(refusal)).toEqual(findings);
  });

  it('kubectl debug --copy-to strips the labels, and does what the refusal says', async () => {
    await dev.run('apply -f -', pod('web'));
    const copy = 'debug web -n shop --image=x --copy-to=web-copy';
    expect(await dev.refused(copy)).toContain('with kubectl debug --copy-to: --keep-labels');
    await dev.run(`${copy} --keep-labels`);
  });

  it('a List of 50 Pods: each refusal names its Pod, and all the others are created', async () => {
    const isWrong = (index: number) => index % 5 === 0;
    const name = (index: number) => `burst-${String(index).padStart(2, '0')}`;
    const items = Array.from({ length: 50 }, (_, index) => pod(name(index), isWrong(index) ? {} : podLabels));
    const printed = (await dev.refused('apply -f -', ...items)).split('\n');
    const refused = printed.flatMap((line) => /denied the request: Pod shop\/([^:]+): 4 labels/.exec(line)?.[1] ?? []);
    const indices = [...items.keys()];
    expect(refused).toEqual(indices.filter(isWrong).map(name));
    const { items: pods } = await dev.get<{ items: StoredObject[] }>('pods -n shop');
    expect(pods.map(({ metadata }) => metadata.name).filter((found) => found.startsWith('burst'))).toEqual(
      indices.filter((index) => !isWrong(index)).map(name),
    );
  });

  it('a NetworkPolicy carries the labels of its namespace', async () => {
    expect(await dev.refused('apply -f -', networkPolicy('allow-web', {}))).toBe(`\
Error from server (Forbidden): error when creating "STDIN": admission webhook "networkpolicies.ringfence.dev" denied the request: NetworkPolicy shop/allow-web: 3 labels keep it out
  env   missing; namespace shop says env=prod   [required-labels]
  tier  missing; namespace shop says tier=api   [required-labels]
  team  missing; namespace shop says team=shop  [required-labels]
Fix, under metadata.labels:
  env: prod
  tier: api
  team: shop`);
    await dev.run('apply -f -', networkPolicy('allow-web'));
    expect(findingsIn(await dev.refused('label networkpolicy allow-web -n shop --overwrite team=bank'))).toEqual([
      '  team  "bank" is not its namespace\'s; namespace shop says team=shop  [label-agreement]',
    ]);
    const before = decisions();
    await dev.run('annotate networkpolicy allow-web -n shop note=kept');
    await dev.run('delete networkpolicy allow-web -n shop');
    expect(decisions()).toBe(before);
  });

  it('the baseline may be applied as it is, from Git say, and not otherwise', async () => {
    const { apiVersion, kind, spec } = await dev.get<Manifest>('networkpolicy deny-all-baseline -n bank');
    const same = { apiVersion, kind, spec, metadata: { name: 'deny-all-baseline', namespace: 'bank' } };
    await dev.run('apply --server-side -f -', same);
    const open = { ...same, spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] } };
    expect(await dev.refused('apply --server-side --force-conflicts -f -', open)).toContain(
      'NetworkPolicy bank/deny-all-baseline: namespace bank is fenced, and this NetworkPolicy is its baseline',
    );
  });

  async function isWalled(name: string): Promise<boolean> {
    return (await dev.run(`get networkpolicies -n ${name} -o name`)).includes('deny-all-baseline');
  }
});
