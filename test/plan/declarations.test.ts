import { describe, expect, it } from 'vitest';
import { ingress, service, tier, workload } from './manifests.ts';
import { lines, planOf } from './scene.ts';

const base = [
  tier('front', 'web'),
  tier('back', 'api'),
  workload('front/web', 8080, { labels: { expose: 'true' } }),
  workload('back/api', 9000),
  service('back/api', 80, 'http'),
  service('front/web', 80, 'http'),
];

/** The declared flows into the namespace of the API, without DNS. */
const into = (objects: readonly object[], namespace = 'back'): readonly string[] =>
  planOf([...base, ...objects], namespace)
    .flows.filter(({ declaredBy }) => declaredBy?.includes('DNS') !== true)
    .map(({ from, to, protocol, port, declaredBy = [] }) => {
      const ends = [from, to].map((end) => Object.values(end).join(' ')).join(' -> ');
      return `${ends} ${protocol}/${port} by ${declaredBy.join(', ')}`;
    });

const caller = (env: object) => workload('front/caller', undefined, { env: [env] });
const named = (by: string) => [`workload front deployment/caller -> workload back deployment/api TCP/9000 by ${by}`];

describe('what manifests declare', () => {
  it.each<[string, readonly object[], readonly string[]]>([
    ['a URL', [caller({ name: 'API', value: 'http://api.back/v1' })], named('env API')],
    ['a URL with credentials', [caller({ name: 'API', value: 'amqp://user:secret@api.back' })], named('env API')],
    ['a full name in DNS', [caller({ name: 'API', value: 'api.back.svc.cluster.local' })], named('env API')],
    ['a name with the port of the Service', [caller({ name: 'API', value: 'api.back:80' })], named('env API')],
    ['not with another port', [caller({ name: 'API', value: 'api.back:81' })], []],
    ['not a word that is the name of a Service by chance', [caller({ name: 'KIND', value: 'api' })], []],
    ['not the Service of another namespace', [caller({ name: 'API_HOST', value: 'api' })], []],
    [
      'a ConfigMap in a variable',
      [
        caller({ name: 'API', valueFrom: { configMapKeyRef: { name: 'settings', key: 'api' } } }),
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { namespace: 'front', name: 'settings' },
          data: { api: 'http://api.back', other: 'http://web' },
        },
      ],
      named('env API, api'),
    ],
    [
      'a webhook',
      [
        {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'ValidatingWebhookConfiguration',
          metadata: { name: 'policies' },
          webhooks: [{ clientConfig: { service: { namespace: 'back', name: 'api', port: 80 } } }],
        },
      ],
      ['apiserver -> workload back deployment/api TCP/9000 by ValidatingWebhookConfiguration policies'],
    ],
    [
      'a conversion webhook',
      [
        {
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'CustomResourceDefinition',
          metadata: { name: 'carts' },
          spec: {
            conversion: { webhook: { clientConfig: { service: { namespace: 'back', name: 'api', port: 80 } } } },
          },
        },
      ],
      ['apiserver -> workload back deployment/api TCP/9000 by CustomResourceDefinition carts'],
    ],
    [
      'an API server behind the API server',
      [
        {
          apiVersion: 'apiregistration.k8s.io/v1',
          kind: 'APIService',
          metadata: { name: 'v1.metrics' },
          spec: { service: { namespace: 'back', name: 'api', port: 80 } },
        },
      ],
      ['apiserver -> workload back deployment/api TCP/9000 by APIService v1.metrics'],
    ],
    [
      'a PodMonitor',
      [
        {
          apiVersion: 'monitoring.coreos.com/v1',
          kind: 'PodMonitor',
          metadata: { namespace: 'back', name: 'all' },
          spec: { selector: { matchLabels: { app: 'api' } }, podMetricsEndpoints: [{ port: 'http' }] },
        },
      ],
      ['namespace monitoring -> workload back deployment/api TCP/9000 by PodMonitor back/all'],
    ],
    [
      'a ServiceMonitor, which selects the labels of Services',
      [
        service('back/labelled', 81, 'http', { selector: { app: 'api' } }),
        {
          apiVersion: 'monitoring.coreos.com/v1',
          kind: 'ServiceMonitor',
          metadata: { namespace: 'front', name: 'all' },
          spec: { selector: {}, namespaceSelector: { matchNames: ['back'] }, endpoints: [{ port: 'main' }] },
        },
      ],
      ['namespace monitoring -> workload back deployment/api TCP/9000 by ServiceMonitor front/all'],
    ],
    [
      'the annotations of a template',
      [workload('back/api2', 9001, { annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9100' } })],
      ['namespace monitoring -> workload back deployment/api2 TCP/9100 by annotation prometheus.io/scrape'],
    ],
    [
      'a probe',
      [workload('back/api2', 9001, { container: { readinessProbe: { httpGet: { port: 'http' } } } })],
      ['node host -> workload back deployment/api2 TCP/9001 by probe'],
    ],
  ])('%s', (_, objects, expected) => {
    expect(into(objects)).toEqual(expected);
  });

  it('an Ingress and a route, from every controller that the configuration names', () => {
    const route = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { namespace: 'front', name: 'web' },
      spec: { parentRefs: [{ name: 'public' }], rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] },
    };
    expect(into([ingress('front/web', 80), route], 'front')).toEqual([
      'namespace ingress-nginx -> workload front deployment/web TCP/8080 by HTTPRoute front/web, Ingress front/web',
    ]);
  });

  it('every workload asks DNS', () => {
    expect(lines(planOf(base, 'back'))).toEqual([
      'kept: workload back deployment/api -> namespace kube-system TCP/53 by allow-dns-egress',
      'kept: workload back deployment/api -> namespace kube-system UDP/53 by allow-dns-egress',
    ]);
  });
});
