import { describe, expect, it } from 'vitest';
import { validateNamespace } from '../../src/admission/namespace-review.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import type { Verdict } from '../../src/admission/verdict.ts';
import type { NetworkPolicy } from '../../src/kubernetes/network-policy.ts';
import { fenceMark, type Mode, modeLabel } from '../../src/policy/mode.ts';
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
} from './scene.ts';

type LabelMap = Readonly<Record<string, string>>;
type Scene = ReturnType<typeof setUp>;

function create(scene: Scene, labels: unknown, name = 'shop', more: Partial<AdmissionRequest> = {}): Promise<Verdict> {
  return validateNamespace(
    request('Namespace', namespace(labels, name), { name, ...more }),
    scene.ports,
    scene.config,
    undefined,
  );
}

function change(scene: Scene, before: LabelMap, now: LabelMap, name = 'shop'): Promise<Verdict> {
  const oldObject = namespace(before, name);
  return create(scene, now, name, { operation: 'UPDATE', oldObject });
}

/** A scene in which the API server lists `living` in every namespace. */
function inhabited(mode: Mode, living: Readonly<Record<string, readonly unknown[] | Error>>, isWhole = true): Scene {
  const scene = setUp(mode);
  const residents: Scene['ports']['residents'] = {
    async list(_, { resource }) {
      const objects = living[resource] ?? [];
      if (objects instanceof Error) throw objects;
      return { objects, isWhole };
    },
  };
  return { ...scene, ports: { ...scene.ports, residents } };
}

describe('a new namespace', () => {
  it.each<[Mode, LabelMap, Verdict['outcome'], readonly string[]]>([
    ['enforce', fenced, 'allowed', []],
    ['enforce', identity, 'denied', ['fence-mark']],
    ['warn', fenced, 'allowed', []],
    ['warn', identity, 'warned', ['fence-mark']],
    ['observe', identity, 'allowed', []],
    // Its own mode is enforce, so the mutating webhook marks it. Something has hidden it.
    ['observe', { ...identity, [modeLabel]: 'enforce' }, 'denied', ['fence-mark']],
    ['warn', { ...identity, [modeLabel]: 'enforce' }, 'denied', ['fence-mark']],
    ['observe', { ...fenced, [modeLabel]: 'enforce' }, 'allowed', []],
    // The cluster marks it, whatever its own mode is.
    ['enforce', { ...identity, [modeLabel]: 'observe' }, 'denied', ['lower', 'fence-mark']],
  ])('in a cluster in %s, labelled %o, is %s', async (mode, labels, outcome, checks) => {
    const verdict = await create(setUp(mode), labels);
    expect(verdict.outcome).toBe(outcome);
    expect(checksOf(verdict.findings)).toEqual(checks);
  });

  it('in warn is told what enforce would do, and its missing labels first', async () => {
    const { warnings } = await create(setUp('warn'), { env: 'prod', tier: 'web' });
    expect(warnings).toEqual([
      'Namespace shop: team missing; a DNS label [required-labels]',
      'Namespace shop: ringfence.dev/fence missing; enforce sets it, and with it a deny-all that allows DNS [fence-mark]',
    ]);
  });

  it('is judged under the mode that it asks for, its identity under the cluster’s', async () => {
    const scene = setUp('observe');
    scene.unclaimable.add('team:shop');
    const verdict = await create(scene, { team: 'shop', [fenceMark]: '', [modeLabel]: 'enforce' });
    expect(verdict.choice).toEqual({ mode: 'enforce', source: 'namespace' });
    expect(verdict.findings.map(({ check, action, because }) => `${check} ${action} (${because})`)).toEqual([
      'required-labels deny (namespace)',
      'required-labels deny (namespace)',
      'claim record (cluster)',
    ]);
  });

  it.each<[string, (scene: Scene) => void, boolean]>([
    ['that exists: the API server answers AlreadyExists', () => undefined, false],
    ['that was deleted, and is still heard of', ({ cluster }) => cluster.removeNamespace('shop'), true],
    [
      'whose existence cannot be told',
      ({ cluster }) => {
        cluster.hooks.before = () => Promise.reject(new Error('down'));
      },
      true,
    ],
  ])('uses permissions under a name %s', async (_, prepare, isUsed) => {
    const scene = setUp();
    scene.cached.set('shop', { labels: new Map(Object.entries(fenced)), fenced: true, terminating: false });
    prepare(scene);
    const verdict = await create(scene, fenced);
    expect(verdict.outcome).toBe('allowed');
    expect('permissions' in verdict).toBe(isUsed);
  });

  it('asks no more of the API server where nobody has heard of its name', async () => {
    const scene = setUp();
    await create(scene, fenced);
    expect(scene.cluster.calls).toEqual([]);
  });

  it('tells which permissions it used', async () => {
    const permissions = ['claim identities/env:prod', 'claim identities/tier:api', 'claim identities/team:shop'];
    expect(await create(setUp(), fenced)).toMatchObject({ outcome: 'allowed', findings: [], permissions });
    expect(await create(setUp(), { [fenceMark]: '' })).not.toHaveProperty('permissions');
  });

  it('of an exempt name is the guard’s alone', async () => {
    const scene = setUp();
    scene.permitted.add('dev exempt ringfence-system');
    scene.unclaimable.add('team:shop');
    // An exempt namespace needs no mark and no labels, but its name and identity need permissions.
    const verdict = await create(scene, { team: 'shop' }, 'ringfence-system');
    expect(checksOf(verdict.findings)).toEqual(['claim']);
    expect(verdict).toMatchObject({ outcome: 'denied', permissions: ['exempt fences/ringfence-system'] });
    expect((await create(setUp(), {}, 'ringfence-system')).message).toBe(`\
Namespace ringfence-system: a permission is missing
  name  "ringfence-system" is exempt, or a peer, in the configuration; dev may not exempt ringfence-system  [exempt]
Needed: the verb "exempt" on fences.ringfence.dev named "ringfence-system"
Granted by a ClusterRole, bound by a ClusterRoleBinding, with
  rules:
  - {apiGroups: [ringfence.dev], resources: [fences], verbs: [exempt], resourceNames: ["ringfence-system"]}`);
  });

  it('of a peer’s name is judged as any other, beside that', async () => {
    const verdict = await create(setUp(), { [fenceMark]: '' }, 'monitoring');
    expect(checksOf(verdict.findings)).toEqual(['required-labels', 'exempt']);
  });

  it('that cannot be read is doubt, in the mode before', async () => {
    expect(await create(setUp('enforce'), ['env'])).toMatchObject({ outcome: 'denied', choice: { mode: 'enforce' } });
    expect(await create(setUp('observe'), ['env'])).toMatchObject({ outcome: 'allowed', choice: { mode: 'observe' } });
  });
});

describe('a changed namespace', () => {
  it('is not asked for the mark', async () => {
    expect(await change(setUp(), identity, { ...identity, colour: 'blue' })).toMatchObject({ outcome: 'allowed' });
  });

  it('that is exempt is the guard’s alone', async () => {
    const verdict = await change(setUp(), {}, { env: 'prd' }, 'ringfence-system');
    expect(checksOf(verdict.findings)).toEqual(['relabel']);
  });

  it('that cannot be read any more is doubt, in the mode that it had', async () => {
    const oldObject = namespace({ ...fenced, [modeLabel]: 'warn' });
    const verdict = await create(setUp('enforce'), ['env'], 'shop', { operation: 'UPDATE', oldObject });
    expect(verdict).toMatchObject({ outcome: 'warned', choice: { mode: 'warn', source: 'namespace' } });
  });

  it('hears what existing NetworkPolicies come to open by its new labels', async () => {
    const scene = setUp();
    scene.permitted.add('dev relabel front');
    scene.cached.set('shop', { labels: new Map(Object.entries(fenced)), fenced: true, terminating: false });
    const from = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'front' } } };
    const policy = networkPolicy('from-front', identity, { ingress: [{ from: [from] }] });
    const caches = { ...scene.ports.caches, policiesNaming: () => [policy as unknown as NetworkPolicy] };
    const verdict = await change(
      { ...scene, ports: { ...scene.ports, caches } },
      { ...fenced, tier: 'web' },
      { ...fenced, tier: 'data' },
      'front',
    );
    expect(checksOf(verdict.findings)).toEqual(['flow-matrix']);
    expect(verdict.message).toContain('with it NetworkPolicy shop/from-front');
  });
});

describe('a namespace that is raised to enforce', () => {
  const living = {
    pods: [pod({}), pod({}), pod(podLabels)],
    deployments: [deployment({})],
    networkpolicies: [networkPolicy('open', {}, { ingress: [{}] })],
  };
  const raise = (scene: Scene, name = 'shop') => change(scene, fenced, { ...fenced, [modeLabel]: 'enforce' }, name);

  it('is told of each kind how many would be refused, and the command that lists them', async () => {
    const verdict = await raise(inhabited('warn', living));
    expect(verdict).toMatchObject({ outcome: 'allowed', findings: [] });
    expect(verdict.warnings).toEqual([
      'Namespace shop: 2 pods here would be refused if made now; to list them:',
      'Namespace shop: kubectl get pods -n shop -o yaml | ringfence check -',
      'Namespace shop: 1 deployments here would be refused if made now; to list them:',
      'Namespace shop: kubectl get deployments -n shop -o yaml | ringfence check -',
      'Namespace shop: 1 networkpolicies here would be refused if made now; to list them:',
      'Namespace shop: kubectl get networkpolicies -n shop -o yaml | ringfence check -',
    ]);
  });

  it('is told "at least" where not all was read, and where nothing is known', async () => {
    const more = { pods: [pod({})], jobs: new Error('no answer in 2000 ms') };
    expect((await raise(inhabited('observe', more, false))).warnings).toEqual([
      'Namespace shop: at least 1 pods here would be refused if made now; to list them:',
      'Namespace shop: kubectl get pods -n shop -o yaml | ringfence check -',
      'Namespace shop: whether jobs here would be refused is not known: no answer in 2000 ms',
    ]);
  });

  it('is told the whole command, however long its name', async () => {
    const name = 'a'.repeat(63);
    const { warnings } = await raise(inhabited('warn', { replicationcontrollers: [deployment({})] }), name);
    expect(warnings[0]).toMatch(
      /^Namespace a+…a+: 1 replicationcontrollers here would be refused if made now; to list/,
    );
    expect(warnings[1]).toBe(`kubectl get replicationcontrollers -n ${name} -o yaml | ringfence check -`);
  });

  it('is told so when it is refused, too', async () => {
    const scene = inhabited('warn', { pods: [pod({})] });
    const verdict = await change(scene, { ...fenced, [modeLabel]: 'enforce' }, { ...identity, [modeLabel]: 'warn' });
    expect(verdict).toMatchObject({ outcome: 'denied', warnings: [] });
  });

  it.each<[string, Mode, LabelMap, LabelMap]>([
    ['that is created so', 'warn', {}, {}],
    ['that enforced before', 'enforce', fenced, { ...fenced, [modeLabel]: 'enforce' }],
    ['that is raised to warn', 'observe', fenced, { ...fenced, [modeLabel]: 'warn' }],
    ['whose mode stays', 'warn', fenced, { ...fenced, colour: 'blue' }],
  ])('and no other: one %s hears nothing', async (title, mode, before, now) => {
    const scene = inhabited(mode, living);
    const verdict = title.includes('created')
      ? await create(scene, { ...fenced, [modeLabel]: 'enforce' })
      : await change(scene, before, now);
    expect(verdict.warnings).toEqual([]);
  });

  it('hears of it where its own mild mode is taken away in a cluster that enforces', async () => {
    const verdict = await change(inhabited('enforce', living), { ...fenced, [modeLabel]: 'warn' }, fenced);
    expect(verdict.warnings).toHaveLength(6);
  });
});
