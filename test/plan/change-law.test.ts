import { describe, expect, it } from 'vitest';
import { createInventory } from '../../src/network/inventory.ts';
import { createChangeLaw } from '../../src/plan/change-law.ts';
import { compareDesks } from '../../src/reach/change.ts';
import { createDesk, type Desk } from '../../src/reach/desk.ts';
import { config } from '../policy/minimal.ts';

const identities: Readonly<Record<string, object>> = {
  web: { env: 'prod', tier: 'web', team: 'a' },
  api: { env: 'prod', tier: 'api', team: 'a' },
  data: { env: 'prod', tier: 'data', team: 'a' },
  'dev-api': { env: 'dev', tier: 'api', team: 'a' },
};

/** Four namespaces with one Pod each. Policies are specs by `namespace/name`. */
function world(policies: Readonly<Record<string, object>>, labels: object = {}): Desk {
  const taker = createInventory();
  const metadata = (namespace: string, name: string) => ({ namespace, name });
  for (const [name, own] of Object.entries(identities)) {
    taker.add({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: own } }, '');
    const pod = { ...metadata(name, 'p'), labels: { app: 'p', ...own, ...labels } };
    taker.add({ apiVersion: 'v1', kind: 'Pod', metadata: pod, spec: { containers: [] } }, '');
  }
  for (const [path, spec] of Object.entries(policies)) {
    const [namespace = '', name = ''] = path.split('/');
    const object = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: metadata(namespace, name) };
    taker.add({ ...object, spec }, '');
  }
  return createDesk(taker.take());
}

const walls = Object.fromEntries(
  Object.keys(identities).map((name) => [`${name}/wall`, { podSelector: {}, policyTypes: ['Ingress'] }]),
);
const openTo = (peer: object, ports: object[] = [{ port: 80 }]) => ({
  podSelector: {},
  ingress: [{ from: [peer], ports }],
});
const namespaceOf = (name: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
});

function judged(policy: string, spec: object, labels?: object): readonly string[] {
  const [before, after] = [world(walls, labels), world({ ...walls, [policy]: spec }, labels)];
  const law = createChangeLaw(after, config);
  return [...compareDesks(before, after)].map((change) => {
    const { kind, from, to } = change;
    return `${kind} ${from.names.join()} > ${to.names.join()}: ${law.judge(change)?.reason ?? 'lawful'}`;
  });
}

describe('the law of a change', () => {
  it('is the flow matrix and the separation of environments', () => {
    expect(judged('api/in', openTo(namespaceOf('web')))).toEqual(['opened web/p > api/p: lawful']);
    expect(judged('data/in', openTo(namespaceOf('web')))).toEqual([
      'opened web/p > data/p: flow-matrix: opens web -> data',
    ]);
    expect(judged('api/in', openTo(namespaceOf('dev-api')))).toEqual([
      'opened dev-api/p > api/p: cross-environment: opens dev -> prod',
    ]);
  });

  it('is also what may be opened to the outside', () => {
    const anyone = openTo({ ipBlock: { cidr: '0.0.0.0/0' } });
    const outside = (lines: readonly string[]) => lines.filter((line) => line.startsWith('opened any IPv4'));
    expect(outside(judged('api/in', anyone))).toEqual([
      expect.stringMatching(/^opened any IPv4 address > api\/p: exposes-unexposed: /),
    ]);
    expect(outside(judged('api/in', anyone, { expose: 'true' }))).toEqual(['opened any IPv4 address > api/p: lawful']);
  });

  it('takes private addresses that nobody has named for any environment', () => {
    expect(judged('data/in', openTo({ ipBlock: { cidr: '10.1.0.0/16' } })).at(-1)).toBe(
      'opened 10.1.0.0/16 > data/p: cross-environment: opens staging, dev, (any other), (none) -> prod',
    );
  });

  it('says nothing of what is closed', () => {
    const [before, after] = [world({ ...walls, 'data/in': openTo(namespaceOf('web')) }), world(walls)];
    const law = createChangeLaw(after, config);
    expect([...compareDesks(before, after)].map((change) => [change.kind, law.judge(change)])).toEqual([
      ['closed', undefined],
    ]);
    expect(law.unjudged).toBe(0);
  });

  it('judges each Pod of a group whose labels differ, although no policy tells them apart', () => {
    const { 'api/wall': _, 'data/wall': __, ...others } = walls;
    const [before, after] = [world(walls), world(others)];
    const law = createChangeLaw(after, config);
    const reasons = [...compareDesks(before, after)].flatMap((change) => law.judge(change)?.check ?? []);
    expect(new Set(reasons)).toEqual(new Set(['cross-environment', 'exposes-unexposed', 'flow-matrix']));
  });
});
