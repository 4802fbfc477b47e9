import { describe, expect, it } from 'vitest';
import { validate } from '../../src/admission/validate.ts';
import { openingKinds } from '../../src/kubernetes/other-policies.ts';
import { fenceMark, type Mode, modeLabel, modes } from '../../src/policy/mode.ts';
import { fenced, identity, request, setUp, type Wire } from './scene.ts';

const open = { endpointSelector: {}, ingress: [{ fromEntities: ['all'] }] };
const closed = { endpointSelector: {}, ingress: [{}] };

type Row = (typeof openingKinds)[number];
const find = (group: string, resource: string): Row => {
  const found = openingKinds.find((one) => one.group === group && one.resource === resource);
  if (found === undefined) throw new Error(`no ${group}/${resource}`);
  return found;
};
const cnp = find('cilium.io', 'ciliumnetworkpolicies');
const wide = find('policy.networking.k8s.io', 'clusternetworkpolicies');
const set = find('crd.projectcalico.org', 'networksets');

function policy({ group, kind, scope }: Row, more: Wire = { spec: open }, metadata: Wire = {}): Wire {
  const place = scope === 'Namespaced' ? { namespace: 'shop' } : {};
  return { apiVersion: `${group}/v2`, kind, metadata: { name: 'web', ...place, ...metadata }, ...more };
}

/** A request about a policy of another kind. It is an update if there is an old object. */
function ask(row: Row, object: unknown, oldObject: unknown = null, more: Wire = {}) {
  const { group, kind, resource, scope } = row;
  const { namespace: _, ...plain } = request(kind, object);
  return {
    ...plain,
    ...(scope === 'Namespaced' ? { namespace: 'shop' } : {}),
    kind: { group, version: 'v2', kind },
    resource: { group, version: 'v2', resource },
    operation: oldObject === null ? 'CREATE' : 'UPDATE',
    oldObject,
    ...more,
  };
}

describe.each(openingKinds.map((row) => [`${row.group} ${row.kind}`, row] as const))('%s', (_, row) => {
  const fence = row.scope === 'Namespaced' ? 'shop' : '*';
  const title = row.scope === 'Namespaced' ? `${row.kind} shop/web` : `${row.kind} web`;

  it.each(modes)('without the permission is a finding under %s', async (mode) => {
    const scene = setUp(mode);
    const answer = await scene.answer(ask(row, policy(row)));
    expect(scene.asked).toEqual([`open fences/${fence}`]);
    expect(answer.allowed).toBe(mode !== 'enforce');
    expect(scene.audited).toMatchObject([
      { findings: [{ check: 'other-policy', because: 'cluster' }], mode, resource: row.resource, kind: row.kind },
    ]);
    if (mode === 'enforce') {
      const [first, second] = (answer.status?.message ?? '').split('\n');
      const what = row.scope === 'Namespaced' ? 'the baseline of shop' : 'any baseline';
      expect(first).toBe(`${title}: a permission is missing`);
      expect(second).toBe(`  spec  can open what ${what} closes; dev may not open ${fence}  [other-policy]`);
      expect(answer.status?.message).toContain(
        `- {apiGroups: [ringfence.dev], resources: [fences], verbs: [open], resourceNames: ["${fence}"]}`,
      );
    }
    expect(answer.warnings?.[0] ?? '').toMatch(mode === 'warn' ? /^\w+ .*\[other-policy\]$/ : /^$/);
  });

  it('with the permission passes, and leaves a record of it', async () => {
    const scene = setUp();
    scene.permitted.add(`dev open ${fence}`);
    expect(await scene.answer(ask(row, policy(row)))).toMatchObject({ allowed: true });
    expect(scene.audited).toMatchObject([{ findings: [], permissions: [`open fences/${fence}`], decision: 'allowed' }]);
    expect(scene.told).toEqual([`allowed open fences/${fence}`]);
  });
});

describe('a policy of another kind', () => {
  it('changed from harmless to open asks; a change beside what it says does not', async () => {
    const scene = setUp();
    const answer = await scene.answer(ask(cnp, policy(cnp), policy(cnp, { spec: closed })));
    expect(answer.allowed).toBe(false);
    const idle = policy(
      cnp,
      { spec: open, status: { conditions: [] } },
      { labels: { a: 'b' }, annotations: { c: 'd' } },
    );
    expect(await scene.answer(ask(cnp, idle, policy(cnp)))).toMatchObject({ allowed: true });
    expect(scene.asked).toEqual(['open fences/shop']);
  });

  it.each<[string, Row, Wire, Wire]>([
    ['rules beside its spec', cnp, policy(cnp, { spec: closed, specs: [open] }), policy(cnp, { spec: closed })],
    ['a field taken away', cnp, policy(cnp, {}), policy(cnp)],
    ['a field called __proto__', cnp, JSON.parse('{"__proto__": 1}') as Wire, {}],
    ['a set that policies select by its labels', set, policy(set, {}, { labels: { trusted: 'yes' } }), policy(set, {})],
    [
      'labels as Calico stores them',
      set,
      policy(set, {}, { annotations: { 'projectcalico.org/metadata': '{"labels":{"trusted":"yes"}}' } }),
      policy(set, {}),
    ],
  ])('is changed by %s', async (_, row, now, before) => {
    expect((await setUp().answer(ask(row, now, before))).allowed).toBe(false);
  });

  it.each<[string, Wire, string | undefined]>([
    ['in a namespace that is not fenced', identity, undefined],
    ['in one that only observes', { ...fenced, [modeLabel]: 'observe' }, 'record'],
    ['in one that warns', { ...fenced, [modeLabel]: 'warn' }, 'warn'],
    ['in one that enforces', fenced, 'deny'],
    ['in one whose mark says no', { ...identity, [fenceMark]: 'false' }, 'deny'],
  ])('%s is judged by the namespace', async (_, labels, action) => {
    const scene = setUp();
    scene.cluster.setNamespace('shop', labels as Record<string, string>);
    await scene.answer(ask(cnp, policy(cnp)));
    expect(scene.audited.flatMap(({ findings }) => findings.map((one) => one.action))).toEqual(
      action === undefined ? [] : [action],
    );
  });

  it.each<[Mode, boolean]>([
    ['enforce', false],
    ['warn', true],
    ['observe', true],
  ])('about which Kubernetes does not answer is in doubt, in %s', async (mode, allowed) => {
    const scene = setUp(mode);
    const ports = { ...scene.ports, isAllowed: () => Promise.reject(new Error('no answer')) };
    const verdict = await validate(ask(wide, policy(wide)) as never, ports, scene.config);
    expect(verdict.findings).toMatchObject([{ check: 'other-policy', undecided: true }]);
    expect(verdict.message === undefined).toBe(allowed);
  });

  it('in a namespace that cannot be read is refused in enforce', async () => {
    const scene = setUp();
    const gate = { facts: () => Promise.reject(new Error('etcd is away')) };
    const verdict = await validate(ask(cnp, policy(cnp)) as never, { ...scene.ports, gate }, scene.config);
    expect(verdict.message).toMatch(
      /refused, because it could not be decided:\n {2}spec {2}not decided: .*etcd is away/,
    );
  });

  it.each<[string, Wire]>([
    ['exempt', { namespace: 'kube-system' }],
    ['deleted', { operation: 'DELETE', object: null }],
  ])('that is %s is nobody’s concern', async (_, more) => {
    const scene = setUp();
    expect(await scene.answer(ask(cnp, policy(cnp), policy(cnp, {}), more))).toMatchObject({ allowed: true });
    expect(scene.asked).toEqual([]);
  });

  it('passes where the configuration leaves it to others, and is softened by a cap', async () => {
    const { ports, config } = setUp();
    const by = (more: object) => validate(ask(cnp, policy(cnp)) as never, ports, { ...config, ...more });
    expect(await by({ otherPolicies: false })).toMatchObject({ outcome: 'allowed', findings: [] });
    expect(await by({ caps: new Map([['other-policy', 'warn']]) })).toMatchObject({ outcome: 'warned' });
  });
});
