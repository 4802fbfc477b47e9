import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { mergeConfig } from '../../src/config/merge.ts';
import { createExposures } from '../../src/exposure/exposure.ts';
import { textAt } from '../../src/kubernetes/raw-object.ts';
import { createInventory } from '../../src/network/inventory.ts';
import type { NamedPeer } from '../../src/policy/network-config.ts';
import { withControllers } from '../../src/reach/controllers.ts';
import { createDesk } from '../../src/reach/desk.ts';
import { askOutside, type OutsideQuestion } from '../../src/reach/outside.ts';
import { formatOutside } from '../../src/reach/outside-text.ts';

const config = mergeConfig({}, { ownNamespace: 'ringfence-system', version: '0' });
const nodes: NamedPeer = {
  name: 'workers',
  role: 'nodes',
  namespace: undefined,
  podLabels: {},
  cidrs: ['10.9.0.0/16'],
};
const withPeers = (...peers: readonly NamedPeer[]) => ({ ...config, network: { ...config.network, peers } });
const ingressPeers = config.network.peers.filter(({ role }) => role === 'ingress');

/** Asks about YAML documents. Objects without a namespace are in `default`, as for kubectl. */
function ask(documents: readonly string[], question: Partial<OutsideQuestion> = {}, as = withPeers(...ingressPeers)) {
  const [taker, exposures] = [createInventory(), createExposures()];
  for (const document of parseAllDocuments(documents.join('\n---\n'))) {
    const object: unknown = document.toJS();
    expect(taker.add(object, 'a.yaml')).toEqual([]);
    exposures.add(object, textAt(object, 'metadata', 'namespace') ?? 'default');
  }
  const { inventory, notes } = withControllers(taker.take(), as.network.peers);
  const desk = createDesk(inventory, notes);
  const found = exposures.take((name) => inventory.world.namespaces.get(name));
  const answer = askOutside(found, { to: undefined, port: undefined, ...question }, desk, as);
  return { answer, desk, lines: formatOutside(answer).trimEnd().split('\n') };
}

const web = (labels = 'expose: "true"', name = 'web') =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: ${name}}, spec: {template: {metadata: {labels: {app: web, ${labels}}}, spec: {containers: [{ports: [{name: http, containerPort: 8080}]}]}}}}`;
const service = (spec = '') =>
  `{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}], ${spec}}}`;
const ingress =
  '{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: all}, spec: {defaultBackend: {service: {name: web, port: {name: http}}}}}';
const policy = (name: string, ingressRules: string) =>
  `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: ${name}}, spec: {podSelector: {}, policyTypes: [Ingress], ingress: ${ingressRules}}}`;
const wall = policy('wall', '[]');
const from = (cidr: string, except = '[]') => `[{from: [{ipBlock: {cidr: ${cidr}, except: ${except}}}]}]`;

describe('from outside to a Service', () => {
  const balancer = [web(), service('type: LoadBalancer')];
  const first = (verdict: string) =>
    `${verdict}: default/service/web (LoadBalancer) to default/deployment/web on TCP/8080`;

  it('is open without policies, on the port of the Pods', () => {
    expect(ask(balancer).lines).toEqual([
      first('allowed'),
      '  from any public address: allowed',
      '    ingress: no policy isolates default/deployment/web',
    ]);
  });

  it('is closed by a policy that lets nobody in, or private addresses only', () => {
    for (const closed of [wall, policy('wall', from('10.0.0.0/8')), policy('wall', '[{from: [{podSelector: {}}]}]')])
      expect(ask([...balancer, closed]).lines).toEqual([
        first('denied'),
        '  from any public address: denied',
        '    ingress: default/deployment/web is isolated by default/wall, and no ingress rule there allows it',
      ]);
  });

  it.each([
    ['0.0.0.0/0', '[]', 'any public IPv4 address'],
    ['0.0.0.0/0', '[10.0.0.0/8, 192.168.0.0/16]', 'any public IPv4 address'],
    ['::/0', '[]', 'any public IPv6 address'],
    ['198.51.100.0/24', '[]', '198.51.100.0/24'],
    ['8.0.0.0/6', '[]', '8.0.0.0/7, 11.0.0.0/8'],
  ])('names the public addresses that %s without %s lets in', (cidr, except, who) => {
    const { lines } = ask([...balancer, wall, policy('open', from(cidr, except))]);
    expect(lines.slice(0, 2)).toEqual([first('allowed'), `  from ${who}: allowed`]);
    expect(lines[2]).toBe('    ingress: default/open spec.ingress[0] allows it');
  });

  it('comes from the nodes of the configuration as well', () => {
    const open = policy('open', from('10.9.1.0/24'));
    expect(ask([...balancer, wall, open], {}, withPeers(nodes)).lines).toEqual([
      first('allowed'),
      '  from any public address: denied',
      '    ingress: default/deployment/web is isolated by default/wall, default/open, and no ingress rule there allows it',
      '  from nodes (workers): 10.9.1.0/24: allowed',
      '    ingress: default/open spec.ingress[0] allows it',
    ]);
  });

  it('is not decided on the network of the host', () => {
    const host = web().replace('containers:', 'hostNetwork: true, containers:');
    expect(ask([host, service('type: NodePort')]).answer.flows).toMatchObject([
      { via: 'NodePort', verdict: 'undefined', sources: [{ from: 'any public address', verdict: 'undefined' }] },
    ]);
  });
});

describe('from outside to an Ingress', () => {
  const nginx =
    '{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: nginx}, spec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress-nginx}}}], ports: [{port: http}]}]}}';
  const first = (verdict: string) =>
    `${verdict}: default/ingress/all (Service web, port http) to default/deployment/web on TCP/8080`;

  it('comes from the controllers of the configuration, of which one is assumed', () => {
    const { lines, desk } = ask([web(), service(), ingress, wall, nginx]);
    expect(lines).toEqual([
      first('allowed'),
      '  from ingress-nginx/ingress-nginx: allowed',
      '    egress: no policy isolates ingress-nginx/ingress-nginx',
      '    ingress: default/nginx spec.ingress[0] allows it',
      '  from any public address: denied',
      '    ingress: default/deployment/web is isolated by default/wall, default/nginx, and no ingress rule there allows it',
    ]);
    expect(desk.notes.map(({ id }) => id)).toContain('controller-assumed');
  });

  it('comes from the controllers that are here', () => {
    const controller =
      '{apiVersion: apps/v1, kind: Deployment, metadata: {name: controller, namespace: ingress-nginx}, spec: {template: {}}}';
    const { lines, desk } = ask([web(), service(), ingress, wall, controller]);
    expect(lines.slice(0, 2)).toEqual([first('denied'), '  from ingress-nginx/deployment/controller: denied']);
    expect(lines[4]).toMatch(
      /^ {4}to allow it: in namespace default, add an ingress rule for default\/deployment\/web/,
    );
    expect(desk.notes.map(({ id }) => id)).not.toContain('controller-assumed');
  });
});

describe('an answer about the outside', () => {
  it('says what the labels of each Pod say against it, although policies treat them alike', () => {
    const { lines } = ask([
      web(),
      web('expose: "false"', 'b'),
      web('internal: "true"', 'c'),
      service('type: NodePort'),
    ]);
    expect(lines.filter((line) => !line.startsWith(' '))).toEqual([
      'allowed: default/service/web (NodePort) to default/deployment/web on TCP/8080',
      'allowed: default/service/web (NodePort) to default/deployment/b on TCP/8080, which is not expose="true"',
      'allowed: default/service/web (NodePort) to default/deployment/c on TCP/8080, which is internal="true"',
    ]);
  });

  it('is about the Pods and the port that are asked for', () => {
    const documents = [web(), service('type: NodePort'), web('a: b', 'other').replace('app: web', 'app: other')];
    const { desk, lines } = ask(documents);
    expect(lines).toHaveLength(3);
    const other = desk.podsOf('default/deployment/other');
    expect(ask(documents, { to: other }).lines).toEqual(['nothing here leads the outside there']);
    const on = (port: number, protocol: 'TCP' | 'UDP' = 'TCP') => ask(documents, { port: { protocol, port } }).lines;
    expect([on(8080).length, on(80).length, on(8080, 'UDP').length]).toEqual([3, 1, 1]);
  });

  it('names what leads to no Pod, and why', () => {
    const { lines } = ask([
      service('type: NodePort'),
      ingress.replace('name: http', 'name: https'),
      '{apiVersion: v1, kind: Service, metadata: {name: bare}, spec: {type: LoadBalancer, ports: [{port: 80}]}}',
    ]);
    expect(lines).toEqual([
      'nowhere: default/service/web (NodePort): its Service selects no Pod here',
      'nowhere: default/service/bare (LoadBalancer): it has no selector, so somebody else chooses its endpoints',
      'nowhere: default/ingress/all (Service web, port https): the Service has no such port',
    ]);
    const nameless = web().replace('name: http, ', '');
    expect(ask([nameless, service('type: NodePort')]).lines).toEqual([
      'nowhere: default/service/web (NodePort): its Pods have no port of that name',
    ]);
  });
});
