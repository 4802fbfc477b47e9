import { describe, expect, it } from 'vitest';
import { ingress, service, tier, workload } from './manifests.ts';
import { flow, lines, planOf, pod } from './scene.ts';

const world = [
  tier('front', 'web'),
  tier('back', 'api'),
  workload('front/web', 8080, { labels: { expose: 'true' } }),
  workload('back/api', 9000),
  service('back/api', 80, 'http', { clusterIP: '10.96.0.10' }),
];
const web = pod('front/web-5d4f8c7b9-x2x7k');
const api = pod('back/api-5d4f8c7b9-x2x7k');

describe('the flows of a plan', () => {
  it('gives each flow once, with its declaration and its sightings', () => {
    const again = [
      flow(web, api, 9000),
      flow(pod('front/web-77c9b8d6f-q8z2m'), pod('back/api-785*'), 9000, { sightings: 4 }),
    ];
    const { flows } = planOf(world, 'back', again);
    expect(flows).toHaveLength(1);
    expect(flows[0]).toMatchObject({
      seen: true,
      declared: true,
      declaredBy: ['containerPort'],
      sightings: 5,
      today: 'open',
    });
  });

  it('lists no declared flow that was not seen, unless an object names both ends', () => {
    const declared = [
      ingress('front/web', 80),
      service('front/web', 80, 'http'),
      workload('front/caller', undefined, { env: [{ name: 'API_URL', value: 'http://api.back' }] }),
    ];
    const plan = planOf([...world, ...declared], 'front', []);
    expect(lines(plan)).toEqual(['cut ingress: namespace ingress-nginx -> workload front deployment/web TCP/8080']);
    expect(plan.flows[0]).toMatchObject({ seen: false, declared: true });
    expect(plan.unseen.map(({ declaredBy }) => declaredBy)).toContainEqual(['env API_URL']);
  });

  it('leaves datagrams without a direction out, unless a Service is asked from an ephemeral port', () => {
    const undirected = { isDirected: false, sourcePort: 45_678 };
    const dns = service('back/names', 53, 5353, {
      selector: { app: 'api' },
      ports: [{ port: 53, protocol: 'UDP', targetPort: 5353 }],
      clusterIP: '10.96.0.11',
    });
    const plan = planOf([...world, dns], 'back', [
      flow(web, api, 'UDP/9999', undirected),
      flow(web, { kind: 'address', address: '10.96.0.11', names: [] }, 'UDP/53', undirected),
      flow(web, { kind: 'address', address: '10.96.0.11', names: [] }, 'UDP/54', undirected),
    ]);
    expect(lines(plan)).toEqual([
      'cut ingress: workload front deployment/web -> workload back deployment/api UDP/5353',
    ]);
    expect(plan.observed?.leftOut).toEqual({ 'UDP without a direction': 2 });
  });
});
