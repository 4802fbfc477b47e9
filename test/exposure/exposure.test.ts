import { describe, expect, it } from 'vitest';
import { createExposures, podsBehind } from '../../src/exposure/exposure.ts';
import { podPort } from '../../src/network/service.ts';
import { exposuresOf, leadsOf, web } from './leads.ts';

const service = (spec: string, annotations = '{}') =>
  `{apiVersion: v1, kind: Service, metadata: {name: web, annotations: ${annotations}}, spec: {selector: {app: web}, ports: [{port: 80}], ${spec}}}`;

describe('a Service', () => {
  it.each([
    ['of type LoadBalancer', 'type: LoadBalancer', 'spec.type (LoadBalancer)'],
    ['of type NodePort', 'type: NodePort', 'spec.type (NodePort)'],
    ['with external addresses', 'externalIPs: [198.51.100.7]', 'spec.externalIPs (externalIPs)'],
    [
      'whose load balancer also takes public addresses',
      'type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8, 198.51.100.0/24]',
      'spec.type (LoadBalancer)',
    ],
  ])('%s lets the outside in', (_, spec, how) => {
    expect(leadsOf(service(spec))).toEqual([`Service/web: ${how} -> TCP 80:80`]);
  });

  it.each([
    ['of type ClusterIP', 'type: ClusterIP'],
    ['without a type', 'clusterIP: None'],
    ['that is a name elsewhere', 'type: ExternalName, externalName: db.example'],
    ['whose load balancer takes private addresses only', 'type: LoadBalancer, loadBalancerSourceRanges: [10.1.0.0/16]'],
    ['with no external address', 'externalIPs: []'],
  ])('%s does not', (_, spec) => {
    expect(leadsOf(service(spec))).toEqual([]);
  });

  it.each([
    '{service.beta.kubernetes.io/aws-load-balancer-internal: "true"}',
    '{service.beta.kubernetes.io/aws-load-balancer-scheme: internal}',
    '{service.beta.kubernetes.io/azure-load-balancer-internal: "true"}',
    '{networking.gke.io/load-balancer-type: Internal}',
  ])('whose load balancer is private by %s does not', (annotations) => {
    expect(leadsOf(service('type: LoadBalancer', annotations))).toEqual([]);
    expect(leadsOf(service('type: LoadBalancer, externalIPs: [198.51.100.7]', annotations))).toHaveLength(1);
  });

  it('without a selector leads to nobody known', () => {
    const bare = '{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: NodePort, ports: [{port: 80}]}}';
    expect(leadsOf(bare)).toEqual([
      'Service/web: spec.type (NodePort) -> it has no selector, so somebody else chooses its endpoints',
    ]);
  });
});

describe('an Ingress', () => {
  const ingress = (spec: string, version = 'networking.k8s.io/v1') => `${web}---
{apiVersion: ${version}, kind: Ingress, metadata: {name: all}, spec: ${spec}}`;
  const rule = (backend: string) => `{rules: [{http: {paths: [{path: /, backend: ${backend}}]}}]}`;
  const place = 'Ingress/all: spec.rules[0].http.paths[0].backend';

  it.each([
    [
      'a named port',
      rule('{service: {name: web, port: {name: http}}}'),
      `${place} (Service web, port http) -> TCP 80:web`,
    ],
    [
      'a number',
      rule('{service: {name: web, port: {number: 9090}}}'),
      `${place} (Service web, port 9090) -> TCP 9090:9090`,
    ],
    [
      'a default backend',
      '{defaultBackend: {service: {name: web, port: {number: 80}}}}',
      'Ingress/all: spec.defaultBackend (Service web, port 80) -> TCP 80:web',
    ],
    [
      'a port that the Service does not have',
      rule('{service: {name: web, port: {name: https}}}'),
      `${place} (Service web, port https) -> the Service has no such port`,
    ],
    [
      'a Service that is not here',
      rule('{service: {name: api, port: {number: 80}}}'),
      `${place} (Service api, port 80) -> there is no such Service here`,
    ],
  ])('leads by %s', (_, spec, lead) => {
    expect(leadsOf(ingress(spec))).toEqual([lead]);
  });

  it('of an older version leads by serviceName', () => {
    const old = ingress(rule('{serviceName: web, servicePort: http}'), 'extensions/v1beta1');
    expect(leadsOf(old)).toEqual([`${place} (Service web, port http) -> TCP 80:web`]);
  });

  it('with another resource as backend leads to no Service', () => {
    expect(leadsOf(ingress(rule('{resource: {apiGroup: k8s.example, kind: Bucket, name: b}}')))).toEqual([]);
  });
});

describe('a Route of OpenShift', () => {
  const route = (spec: string) => `${web}---
{apiVersion: route.openshift.io/v1, kind: Route, metadata: {name: r}, spec: ${spec}}`;

  it('leads to its Service, and to the alternatives that have a weight', () => {
    const spec =
      '{to: {kind: Service, name: web}, port: {targetPort: web}, alternateBackends: [{kind: Service, name: web, weight: 0}, {name: old, weight: 1}]}';
    expect(leadsOf(route(spec))).toEqual([
      'Route/r: spec.to (Service web, port web) -> TCP 80:web',
      'Route/r: spec.alternateBackends[1] (Service old, port web) -> there is no such Service here',
    ]);
  });

  it('without a port leads to every port, and one of another group is none', () => {
    expect(leadsOf(route('{to: {name: web}}'))).toEqual([
      'Route/r: spec.to (Service web) -> TCP 80:web TCP 9090:9090 UDP 53:53',
    ]);
    const other = '{apiVersion: serving.knative.dev/v1, kind: Route, metadata: {name: r}, spec: {to: {name: web}}}';
    expect(leadsOf(other)).toEqual([]);
  });
});

describe('a lead', () => {
  const [exposure] = exposuresOf(web.replace('spec:', 'spec:\n  type: NodePort'));
  const [lead] = exposure?.leads ?? [];
  const pod = (namespace: string, app: string) => ({
    namespace,
    labels: new Map([
      ['app', app],
      ['env', 'prod'],
    ]),
  });

  it('ends at the Pods that the Service selects, in its namespace', () => {
    const pods = [pod('shop', 'web'), pod('shop', 'api'), pod('bank', 'web')];
    const podsOf = (name: string) => pods.filter(({ namespace }) => namespace === name);
    expect(lead && podsBehind(lead, podsOf)).toEqual([pods[0]]);
  });

  it('ends at a port of the Pod, by number or by name', () => {
    const ports = [
      { name: 'web', protocol: 'UDP', port: 1 },
      { name: 'web', protocol: 'TCP', port: 8080 },
    ];
    expect(lead?.ports.map((port) => podPort(port, { ports }))).toEqual([8080, 9090, 53]);
    expect(lead?.ports.map((port) => podPort(port, { ports: [] }))).toEqual([undefined, 9090, 53]);
  });
});

it.each([
  null,
  7,
  'x',
  [],
  {},
  { kind: 'Service', spec: [] },
  { kind: 'Service', apiVersion: 'v1', spec: { ports: 3 } },
])('of %j nothing is exposed, and nothing is thrown', (object) => {
  const taker = createExposures();
  taker.add(object, 'shop');
  expect(taker.take(() => undefined).all).toEqual([]);
});
