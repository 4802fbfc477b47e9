// The messages of kubectl about a NetworkPolicy for a developer with the built-in role `edit`,
// check by check, while Ringfence enforces.
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { checks } from '../../src/policy/checks/index.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { eventually, type Installation, install, type Replica } from './installation.ts';
import { write } from './network-policy-parts.ts';
import { rows } from './network-policy-rows.ts';
import { inNamespace, type Manifest, namespace, namespaceLabels, networkPolicy } from './objects.ts';
import { grant } from './people.ts';
import { checksIn, openTerminal, type Terminal } from './terminal.ts';
import { decisionsOf, failedCalls } from './traffic.ts';

const inTier = (tier: string) => ({ ...namespaceLabels, tier });

describe('the rows', () => {
  it('are one for each check on NetworkPolicies alone', () => {
    const onThem = checks.filter(({ kinds }) => kinds.every((kind) => kind === 'NetworkPolicy')).map(({ id }) => id);
    expect(rows.map(({ check }) => check).sort()).toEqual(onThem);
  });
});

describeWithSharedControlPlane('NetworkPolicies in enforce', (controlPlane) => {
  let installation: Installation;
  let replica: Replica;
  let admin: Terminal;
  let dev: Terminal;

  beforeAll(async () => {
    admin = openTerminal(controlPlane(), 'admin');
    dev = openTerminal(controlPlane(), 'dev');
    await grant(controlPlane(), 'dev', ...roles);
    await admin.run(
      'apply -f -',
      // The objects from before Ringfence.
      namespace('old'),
      inNamespace('old', networkPolicy('open', {}, { ingress: [{}] })),
      inNamespace('old', networkPolicy('from-later', namespaceLabels, fromNamespace('later'))),
    );
    installation = await install(controlPlane(), 'enforce');
    replica = await installation.start();
    await replica.untilReady();
    await dev.run(
      'apply -f -',
      namespace('shop'),
      namespace('vault', inTier('data')),
      namespace('front', inTier('web')),
    );
  });
  afterAll(() => installation.end());

  it.each(rows)('$check: $verdict, and accepted once it is right', async (row) => {
    // A review that never came and a wrong answer look the same in kubectl.
    onTestFailed(async () => {
      const judged = decisionsOf(replica).filter((line) => line['name'] === row.name);
      console.error(JSON.stringify({ judged, failed: await failedCalls(controlPlane()) }, undefined, 2));
    });
    const name = `networkpolicy.networking.k8s.io/${row.name}`;
    if (row.verdict === 'refused') {
      expect(await dev.refused('create -f -', write(row, 'wrong'))).toBe(
        `Error from server (Forbidden): error when creating "STDIN": admission webhook "networkpolicies.ringfence.dev" denied the request: ${row.says.join('\n')}`,
      );
      expect(await dev.run('apply -f -', write(row, 'right'))).toBe(`${name} created\n`);
    } else {
      const warnings = row.says.map((line) => `Warning: ${line}\n`).join('');
      expect(await dev.run('apply -f -', write(row, 'wrong'))).toBe(`${name} created\n${warnings}`);
      expect(await dev.run('apply -f -', write(row, 'right'))).toBe(`${name} configured\n`);
    }
  });

  it('a refusal brings the warnings that explain it', async () => {
    const spec = fromNamespaces({ name: 'monitoring' });
    expect(await dev.refused('create -f -', networkPolicy('scrape', namespaceLabels, spec))).toBe(`\
Warning: NetworkPolicy shop/scrape: ingress[0].from[0] nobody governs the namespace label "name" [ungoverned-selector]
Warning: NetworkPolicy shop/scrape: ingress[0].from[0]: select by kubernetes.io/metadata.name: monitoring
Error from server (Forbidden): error when creating "STDIN": admission webhook "networkpolicies.ringfence.dev" denied the request: NetworkPolicy shop/scrape: 2 findings keep it out
  ingress[0].from[0]  opens staging, dev, (any other), (none) -> prod; add env: prod to its namespaceSelector                         [cross-environment]
  ingress[0].from[0]  opens data, cache, (any other), (none) -> api on TCP/8080; add tier: web or tier: api to its namespaceSelector  [flow-matrix]`);
    await dev.run('create -f -', networkPolicy('scrape', namespaceLabels, fromNamespace('monitoring')));
  });

  it('the three tiers of the example are accepted without a word', async () => {
    const folder = 'examples/three-tiers';
    await dev.run(`apply -f ${folder}/namespaces.yaml`);
    const names = ['outside-to-web', 'web-to-api', 'api-from-web', 'api-to-store', 'store-from-api'];
    expect(await dev.run(`apply -f ${folder}/network-policies.yaml`)).toBe(
      names.map((name) => `networkpolicy.networking.k8s.io/${name} created\n`).join(''),
    );
  });

  describe('one that was wrong before Ringfence came', () => {
    it('is annotated without a word, and labelled with warnings of what stood before', async () => {
      expect(await dev.run('annotate networkpolicy open -n old note=kept')).toBe(`${open} annotated\n`);
      const [first, ...warnings] = (await dev.run('label networkpolicy open -n old sensitivity=low'))
        .trimEnd()
        .split('\n');
      expect(first).toBe(`${open} labeled`);
      expect(warnings.filter((line) => line.length > 'Warning: '.length + 120 || line.includes('…'))).toEqual([]);
      expect(new Set(warnings.map((line) => line.slice(0, 33)))).toEqual(
        new Set(['Warning: NetworkPolicy old/open: ']),
      );
      expect(warnings.flatMap((line) => / \(as before\) \[([a-z0-9 -]+)\]$/.exec(line)?.[1] ?? [])).toEqual([
        ...['required-labels', 'required-labels', 'required-labels'],
        'ingress-from-anyone and 4 more',
      ]);
    });

    it('is judged as new where its specification changes, its labels as they were', async () => {
      const refusal = await dev.refused(patch({ ingress: [{ ports: [{ port: 8080 }] }] }));
      expect([...checksIn(refusal)]).toEqual(allowAllChecks);
      expect(refusal).not.toContain('Warning');
      expect(await dev.run(patch({ ingress: [{ from: [{ podSelector: {} }] }] }))).toBe(`\
${open} patched
Warning: NetworkPolicy old/open: env missing; namespace old says env=prod (as before) [required-labels]
Warning: NetworkPolicy old/open: tier missing; namespace old says tier=api (as before) [required-labels]
Warning: NetworkPolicy old/open: team missing; namespace old says team=shop (as before) [required-labels]
`);
    });
  });

  describe('a namespace that policies name', () => {
    it('is refused at creation under an identity by which an existing one opens a forbidden flow', async () => {
      expect(await dev.refused('create -f -', namespace('later', { ...inTier('data'), env: 'dev' }))).toBe(`\
Error from server (Forbidden): error when creating "STDIN": admission webhook "namespaces.ringfence.dev" denied the request: Namespace later: 2 labels keep it out
  env   with it NetworkPolicy old/from-later (ingress[0].from[0]) opens dev -> prod; change that NetworkPolicy first, or choose another env   [cross-environment]
  tier  with it NetworkPolicy old/from-later (ingress[0].from[0]) opens data -> api; change that NetworkPolicy first, or choose another tier  [flow-matrix]`);
      expect(await dev.run('create -f -', namespace('later'))).toBe('namespace/later created\n');
    });

    it('is not relabelled into one', async () => {
      await dev.run('create -f -', networkPolicy('from-front', namespaceLabels, fromNamespace('front')));
      // The namespaces that policies name come from the cache.
      const relabel = 'label namespace front --overwrite tier=data';
      await eventually('the cache', () => admin.refused(`${relabel} --dry-run=server`).catch(() => undefined));
      expect(await admin.refused(relabel)).toBe(`\
Error from server (Forbidden): admission webhook "namespaces.ringfence.dev" denied the request: Namespace front: 1 label keeps it out
  tier  with it NetworkPolicy shop/from-front (ingress[0].from[0]) opens data -> api; change that NetworkPolicy first, or choose another tier  [flow-matrix]`);
      expect(await admin.run('label namespace front --overwrite tier=api')).toBe('namespace/front labeled\n');
    });
  });
});

const open = 'networkpolicy.networking.k8s.io/open';

/** The checks that refuse an allow-all, in the order of the message. */
const allowAllChecks = [
  'ingress-from-anyone',
  'cross-environment',
  'flow-matrix',
  'internal-exposed',
  'exposes-unexposed',
];

function fromNamespaces(matchLabels: object): object {
  return { ingress: [{ from: [{ namespaceSelector: { matchLabels } }], ports: [{ port: 8080 }] }] };
}

function fromNamespace(name: string): object {
  return fromNamespaces({ 'kubernetes.io/metadata.name': name });
}

function patch(spec: object): string {
  return `patch networkpolicy open -n old --type=merge -p ${JSON.stringify({ spec })}`;
}

/**
 * The rights of the built-in role `edit` in every namespace, and the rights to create and relabel
 * namespaces.
 */
const roles: readonly Manifest[] = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'namespace-maker' },
    rules: [
      { apiGroups: [''], resources: ['namespaces'], verbs: ['create', 'get', 'patch'] },
      { apiGroups: ['ringfence.dev'], resources: ['identities'], verbs: ['claim'] },
      { apiGroups: ['ringfence.dev'], resources: ['fences'], verbs: ['relabel'] },
    ],
  },
  ...['namespace-maker', 'edit'].map((name) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: `developers-${name}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'developers' }],
  })),
];
