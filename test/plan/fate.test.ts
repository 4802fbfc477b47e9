import { describe, expect, it } from 'vitest';
import type { FlowEnd } from '../../src/flows/record.ts';
import { networkPolicy, service, tier, workload } from './manifests.ts';
import { flow, lines, planOf, pod } from './scene.ts';

const world = [
  tier('front', 'web'),
  tier('back', 'api'),
  tier('store', 'data'),
  tier('test', 'api', 'dev'),
  workload('front/web', 8080, { labels: { expose: 'true' } }),
  workload('front/admin', 8080, { labels: { expose: 'false' } }),
  workload('back/api', 9000),
  workload('store/db', 5432, { kind: 'StatefulSet' }),
  workload('test/api', 9000),
  service('back/api', 80, 'http', { clusterIP: '10.96.0.10' }),
];
const web = pod('front/web-5d4f8c7b9-x2x7k');
const admin = pod('front/admin-5d4f8c7b9-x2x7k');
const api = pod('back/api-5d4f8c7b9-x2x7k');
const db = pod('store/db-0');
const controller = pod('ingress-nginx/controller-5d4f8c7b9-x2x7k', { app: 'controller' });
const publicHost: FlowEnd = { kind: 'address', address: '93.184.216.34', names: ['api.example.com'] };

describe('the fate of a flow', () => {
  it.each<[string, string, ReturnType<typeof flow>, object[], string]>([
    [
      'an end that is not resolved is not decided',
      'back',
      flow({ kind: 'unresolved', why: 'an unmanaged Pod' }, api, 9000),
      [],
      'undecided: unresolved -> workload back deployment/api TCP/9000',
    ],
    [
      'ICMP is not decided',
      'back',
      flow(web, api, 'ICMP/0'),
      [],
      'undecided: workload front deployment/web -> workload back deployment/api ICMP/0',
    ],
    [
      'a node reaches its own Pods',
      'back',
      flow({ kind: 'node', name: 'host' }, api, 9000),
      [],
      'kept: node host -> workload back deployment/api TCP/9000',
    ],
    [
      'another node is cut',
      'back',
      flow({ kind: 'node', name: 'remote-node' }, api, 9000),
      [],
      'cut ingress: node remote-node -> workload back deployment/api TCP/9000',
    ],
    [
      'the API server is cut',
      'back',
      flow({ kind: 'apiserver' }, api, 9000),
      [],
      'cut ingress: apiserver -> workload back deployment/api TCP/9000',
    ],
    [
      'what is lawful is cut at the end in the namespace',
      'back',
      flow(web, api, 9000),
      [],
      'cut ingress: workload front deployment/web -> workload back deployment/api TCP/9000',
    ],
    [
      'what is lawful is cut at the source',
      'front',
      flow(web, api, 9000),
      [],
      'cut egress: workload front deployment/web -> workload back deployment/api TCP/9000',
    ],
    [
      'between Pods of one namespace it is cut at both ends',
      'back',
      flow(api, api, 7946),
      [],
      'cut both: workload back deployment/api -> workload back deployment/api TCP/7946',
    ],
    [
      'the matrix forbids',
      'store',
      flow(web, db, 5432),
      [],
      'forbidden: workload front deployment/web -> workload store statefulset/db TCP/5432',
    ],
    [
      'another environment is forbidden',
      'back',
      flow(pod('test/api-5d4f8c7b9-x2x7k'), api, 9000),
      [],
      'forbidden: workload test deployment/api -> workload back deployment/api TCP/9000',
    ],
    [
      'an ingress controller may reach exposed Pods',
      'front',
      flow(controller, web, 8080),
      [],
      'cut ingress: namespace ingress-nginx -> workload front deployment/web TCP/8080',
    ],
    [
      'an ingress controller may not reach others',
      'front',
      flow(controller, admin, 8080),
      [],
      'forbidden: namespace ingress-nginx -> workload front deployment/admin TCP/8080',
    ],
    [
      'the outside may not reach Pods that are not exposed',
      'front',
      flow(publicHost, admin, 8080),
      [],
      'forbidden: outside api.example.com -> workload front deployment/admin TCP/8080',
    ],
    [
      'an ingress proxy that is no Pod is the outside too',
      'front',
      flow({ kind: 'ingress' }, admin, 8080),
      [],
      'forbidden: ingress -> workload front deployment/admin TCP/8080',
    ],
    [
      'the metadata service is forbidden',
      'back',
      flow(api, { kind: 'address', address: '169.254.169.254', names: [] }, 80),
      [],
      'forbidden: workload back deployment/api -> outside 169.254.169.254 TCP/80',
    ],
    [
      'a name in DNS is cut',
      'back',
      flow(api, publicHost, 443),
      [],
      'cut egress: workload back deployment/api -> outside api.example.com TCP/443',
    ],
    [
      'an address without a name is its block',
      'back',
      flow(api, { kind: 'address', address: '93.184.216.34', names: [] }, 443),
      [],
      'cut egress: workload back deployment/api -> outside 93.184.216.0/24 TCP/443',
    ],
    [
      'an address of IPv6 is its block',
      'back',
      flow(api, { kind: 'address', address: '2606:2800:220:1::5', names: [] }, 443),
      [],
      'cut egress: workload back deployment/api -> outside 2606:2800:220::/48 TCP/443',
    ],
    [
      'DNS is kept by the baseline',
      'back',
      flow(api, pod('kube-system/coredns-5d4f8c7b9-x2x7k', { 'k8s-app': 'kube-dns' }), 'UDP/53'),
      [],
      'kept: workload back deployment/api -> namespace kube-system UDP/53 by allow-dns-egress',
    ],
    [
      'DNS is known without labels too',
      'back',
      flow(api, pod('kube-system/coredns-5d4f8c7b9-x2x7k'), 'UDP/53'),
      [],
      'kept: workload back deployment/api -> namespace kube-system UDP/53 by allow-dns-egress',
    ],
    [
      'monitoring is not bound by the matrix',
      'store',
      flow(pod('monitoring/prometheus-0', { app: 'p' }), db, 5432),
      [],
      'cut ingress: namespace monitoring -> workload store statefulset/db TCP/5432',
    ],
    [
      'a policy of today denies',
      'store',
      flow(api, db, 5432),
      [networkPolicy('store/wall', { podSelector: {}, policyTypes: ['Ingress'] })],
      'denied-already: workload back deployment/api -> workload store statefulset/db TCP/5432',
    ],
    [
      'denied today comes before forbidden',
      'store',
      flow(web, db, 5432),
      [networkPolicy('store/wall', { podSelector: {}, policyTypes: ['Ingress'] })],
      'denied-already: workload front deployment/web -> workload store statefulset/db TCP/5432',
    ],
    [
      'what is only audited passes today',
      'store',
      flow(api, db, 5432, { verdicts: new Set(['would-be-denied']) }),
      [networkPolicy('store/wall', { podSelector: {}, policyTypes: ['Ingress'] })],
      'cut ingress: workload back deployment/api -> workload store statefulset/db TCP/5432',
    ],
    [
      'a policy of today keeps',
      'store',
      flow(api, db, 5432),
      [
        networkPolicy('store/from-api', {
          podSelector: {},
          policyTypes: ['Ingress'],
          ingress: [{ from: [{ namespaceSelector: { matchLabels: { tier: 'api' } } }] }],
        }),
      ],
      'kept: workload back deployment/api -> workload store statefulset/db TCP/5432 by from-api',
    ],
    [
      'a dropped line does not decide what policies say',
      'back',
      flow(web, api, 9000, { verdicts: new Set(['denied']) }),
      [],
      'cut ingress: workload front deployment/web -> workload back deployment/api TCP/9000',
    ],
    [
      'the address of a Service is its Pods and their port',
      'back',
      flow(web, { kind: 'service', namespace: 'back', name: 'api', address: '10.96.0.10' }, 80),
      [],
      'cut ingress: workload front deployment/web -> workload back deployment/api TCP/9000',
    ],
    [
      'an address that a Service has is its Pods too',
      'back',
      flow(web, { kind: 'address', address: '10.96.0.10', names: [] }, 80),
      [],
      'cut ingress: workload front deployment/web -> workload back deployment/api TCP/9000',
    ],
    [
      'a Service that is not here is not resolved',
      'front',
      flow(web, { kind: 'service', namespace: 'back', name: 'gone', address: undefined }, 80),
      [],
      'undecided: workload front deployment/web -> unresolved TCP/80',
    ],
    [
      'Calico knows no addresses of the outside',
      'back',
      flow(api, { kind: 'outside', names: [], address: undefined }, 443),
      [],
      'cut egress: workload back deployment/api -> outside public network TCP/443',
    ],
  ])('%s', (_, name, seen, more, expected) => {
    expect(lines(planOf([...world, ...more], name, [seen]))).toEqual([expected]);
  });
});
