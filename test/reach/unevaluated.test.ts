import { describe, expect, it } from 'vitest';
import { findOtherPolicyKind } from '../../src/kubernetes/other-policies.ts';
import { createInventory } from '../../src/network/inventory.ts';
import { assertExpectation } from '../../src/reach/assertion.ts';
import { createBatchAnswerer } from '../../src/reach/batch.ts';
import { createDesk, type Desk } from '../../src/reach/desk.ts';
import { readExpectations } from '../../src/reach/expectations.ts';

const pod = (namespace: string, name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace, name, labels: { app: name } },
  spec: {},
});
const policy = (name: string, spec: object) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { namespace: 'shop', name },
  spec,
});
const other = (apiVersion: string, kind: string, name: string, spec: object, namespace = 'shop') => ({
  apiVersion,
  kind,
  metadata: { namespace, name },
  spec,
});
const cilium = (name: string, app: string, rules: object) =>
  other('cilium.io/v2', 'CiliumNetworkPolicy', name, { endpointSelector: { matchLabels: { app } }, ...rules });
const istio = other('security.istio.io/v1', 'AuthorizationPolicy', 'mesh', {});
const firewall = other('k8s.ovn.org/v1', 'EgressFirewall', 'default', {});

/** Web, db and cart of a shop. */
function desk(...objects: readonly object[]): Desk {
  const taker = createInventory();
  for (const object of [pod('shop', 'web'), pod('shop', 'db'), pod('shop', 'cart'), ...objects])
    expect(taker.add(object, '')).toEqual([]);
  return createDesk(taker.take());
}

/** The verdict for a flow, and the policies at its ends that could change it. */
function ask(where: Desk, from: string, to: string): readonly unknown[] {
  const line = createBatchAnswerer(where).answer(JSON.stringify({ from, to, port: 80 }));
  const { verdict, unevaluated = [] } = JSON.parse(line) as {
    verdict: string;
    unevaluated?: readonly { name: string; direction: string; kind: string; policies: readonly string[] }[];
  };
  return [verdict, ...unevaluated.map((one) => `${one.direction} ${one.name}: ${one.kind} ${one.policies.join()}`)];
}

const dbWall = policy('db', { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Ingress'] });
const webWall = policy('web', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'] });
const toDb = 'ingress shop/db: CiliumNetworkPolicy.cilium.io shop/in';
const fromWeb = 'egress shop/web: CiliumNetworkPolicy.cilium.io shop/out';
const ciliumIn = cilium('in', 'db', { ingress: [{}] });
const ciliumOut = cilium('out', 'web', { egress: [{}] });

describe('a verdict that a policy of another kind could change', () => {
  it.each<[string, readonly object[], readonly string[]]>([
    ['nothing at the ends', [], ['allowed']],
    ['what is allowed can be denied at the destination', [ciliumIn], ['allowed', toDb]],
    ['and at the source', [ciliumOut], ['allowed', fromWeb]],
    ['but not in the other direction', [cilium('in', 'db', { egress: [{}] })], ['allowed']],
    ['nor at another Pod', [cilium('in', 'cart', { ingress: [{}] })], ['allowed']],
    ['what is denied can be allowed where it is denied', [dbWall, ciliumIn], ['denied', toDb]],
    ['but not elsewhere', [dbWall, ciliumOut], ['denied']],
    ['at both ends where both deny it', [dbWall, webWall, ciliumIn], ['denied']],
    ['at the destination too', [dbWall, webWall, ciliumOut], ['denied']],
    ['by one policy for each', [dbWall, webWall, ciliumIn, ciliumOut], ['denied', fromWeb, toDb]],
    [
      'what a mesh narrows can deny',
      [istio],
      ['allowed', 'ingress shop/db: AuthorizationPolicy.security.istio.io shop/mesh'],
    ],
    ['and never allow', [dbWall, istio], ['denied']],
    ['what limits egress from the cluster is not about Pods', [firewall], ['allowed']],
  ])('%s', (_, objects, answer) => {
    expect(ask(desk(...objects), 'shop/web', 'shop/db')).toEqual(answer);
  });

  it('is none that no policy is asked about', () => {
    expect(ask(desk(ciliumIn), 'shop/db', 'shop/db')).toEqual(['allowed']);
  });

  it('is one to an address, for a policy about addresses', () => {
    expect(ask(desk(firewall), 'shop/web', '192.0.2.1')).toEqual([
      'allowed',
      'egress shop/web: EgressFirewall.k8s.ovn.org shop/default',
    ]);
    expect(ask(desk(firewall), '192.0.2.1', 'shop/web')).toEqual(['allowed']);
  });

  it('is every one for a kind that could not be listed', () => {
    const taker = createInventory();
    for (const object of [pod('shop', 'web'), pod('shop', 'db')]) taker.add(object, '');
    const kind = findOtherPolicyKind('cilium.io', 'CiliumNetworkPolicy');
    if (kind === undefined) throw new Error('unreachable');
    taker.addUnlisted({ kind, why: 'you may not' });
    expect(ask(createDesk(taker.take()), 'shop/web', 'shop/db')).toEqual([
      'allowed',
      'egress shop/web: CiliumNetworkPolicy.cilium.io ',
      'ingress shop/db: CiliumNetworkPolicy.cilium.io ',
    ]);
  });
});

describe('an expectation about such a verdict', () => {
  function details(text: string, ...objects: readonly object[]): readonly string[] {
    const where = desk(...objects);
    return readExpectations(text, 'e.yaml').flatMap((one) => assertExpectation(one, where).details);
  }
  const said = '    but 1 CiliumNetworkPolicy (shop/in) selects shop/db and is not evaluated';

  it.each<[string, string, readonly object[], readonly string[]]>([
    [
      'allow',
      'allow: [{from: shop/web, to: shop/db, port: 80}]',
      [ciliumIn],
      ['undefined: shop/web to shop/db', said.slice(2)],
    ],
    [
      'deny',
      'deny: [{from: shop/web, to: shop/db, port: 80}]',
      [dbWall, ciliumIn],
      ['undefined: shop/web to shop/db on TCP/80, UDP/80, SCTP/80', said.slice(2)],
    ],
    [
      'deny on every port',
      'deny: [{from: shop/web, to: shop/db}]',
      [dbWall, ciliumIn],
      ['undefined: shop/web to shop/db on all ports', said.slice(2)],
    ],
  ])('fails: %s', (_, text, objects, lines) => {
    const found = details(text, ...objects);
    expect(found.filter((line) => lines.includes(line))).toEqual(lines);
    expect(details(`${text}\nother-policies: ignored`, ...objects)).toEqual([]);
  });

  it.each([
    ['deny', 'deny: [{from: shop/web, to: shop/db, port: 80}]', [dbWall, istio]],
    [
      'deny on every port, closed at an end without such a policy',
      'deny: [{from: shop/web, to: shop/db}]',
      [dbWall, ciliumOut],
    ],
    ['allow elsewhere', 'allow: [{from: shop/web, to: shop/cart, port: 80}]', [ciliumIn]],
  ])('holds where none can change it: %s', (_, text, objects) => {
    expect(details(text, ...objects)).toEqual([]);
  });

  it('does not accept another word', () => {
    expect(() => readExpectations('allow: [{from: a, to: b, port: 1}]\nother-policies: no\n', 'e.yaml')).toThrow(
      'e.yaml:2:1: other-policies: "no" is not ignored',
    );
  });
});
