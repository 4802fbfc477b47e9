import { expect, it } from 'vitest';
import { plan } from '../../src/library/library.ts';
import { service, tier, workload } from './manifests.ts';

const base = [tier('back', 'api'), workload('back/api', 9000), service('back/api', 80, 'http')];

/** The notes about what declares a flow and cannot be placed. */
async function notesOn(...objects: readonly object[]): Promise<readonly string[]> {
  const manifests = [...base, ...objects].map((object, index) => ({
    file: `${index}.json`,
    text: JSON.stringify(object),
  }));
  const { notes } = (await plan('back', manifests)).plan;
  return notes.flatMap(({ id, message, overlooked }) =>
    id === 'declared-unplaced' ? [`${overlooked ? '' : 'by the way: '}${message}`] : [],
  );
}

const webhook = (port: number): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'policies' },
  webhooks: [{ clientConfig: { service: { namespace: 'back', name: 'api', port } } }],
});

it('a plan names what the API server calls and the objects do not have', async () => {
  expect(await notesOn(webhook(80))).toEqual([]);
  expect(await notesOn(webhook(443))).toEqual([
    'what the API server calls is not here, so the plan lacks these flows: ValidatingWebhookConfiguration policies calls back/api:443',
  ]);
});

it('a plan names the ConfigMaps that could name a Service, unless a Pod starts without them', async () => {
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'back', name: 'settings' }, data: {} };
  const caller = (reference: object): object =>
    workload('back/caller', undefined, { env: [{ name: 'API', valueFrom: { configMapKeyRef: reference } }] });
  const [name, key] = ['settings', 'api'];
  expect(await notesOn(caller({ name, key }))).toEqual([
    'ConfigMaps that workloads use are not here, so a Service that they name is not seen: back/settings',
  ]);
  expect(await notesOn(caller({ name, key }), settings)).toEqual([]);
  expect(await notesOn(caller({ name, key, optional: true }))).toEqual([]);
});

it('a plan names the ConfigMaps of projected volumes too', async () => {
  const sources = (...names: readonly string[]): object => ({
    projected: {
      sources: [{ serviceAccountToken: { path: 'token' } }, ...names.map((name) => ({ configMap: { name } }))],
    },
  });
  // The first is what each Pod has that the API server has admitted.
  const volumes = [sources('kube-root-ca.crt', 'openshift-service-ca.crt'), sources('settings')];
  const [caller] = [workload('back/caller', undefined, {})] as [{ spec: { template: { spec: object } } }];
  Object.assign(caller.spec.template.spec, { volumes });
  expect(await notesOn(caller)).toEqual([
    'ConfigMaps that workloads use are not here, so a Service that they name is not seen: back/settings',
  ]);
});

const monitor = (kind: string, spec: object): object => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind,
  metadata: { namespace: 'back', name: kind.toLowerCase() },
  spec,
});

it('a plan names what declares scrapes and cannot be read', async () => {
  const selector = { matchLabels: { app: 'api' } };
  const endpoints = [{ port: 'http' }];
  expect(await notesOn(monitor('PodMonitor', { selector, podMetricsEndpoints: endpoints }))).toEqual([]);
  expect(await notesOn(monitor('PrometheusRule', { groups: [] }))).toEqual([]);
  const wrong = { matchExpressions: [{ key: 'app', operator: 'Like', values: ['a'] }] };
  expect(
    await notesOn(
      monitor('PodMonitor', { selector: wrong, podMetricsEndpoints: endpoints }),
      monitor('ServiceMonitor', { selector: 'app=api', endpoints }),
      monitor('Probe', { targets: { staticConfig: { static: ['http://api.back'] } } }),
      monitor('ScrapeConfig', { staticConfigs: [{ targets: ['api.back:9000'] }] }),
    ),
  ).toEqual([
    'their selectors are not valid, so the plan lacks what they scrape: PodMonitor back/podmonitor, ServiceMonitor back/servicemonitor',
    'by the way: what these scrape is in the plan only if a flow log shows it: Probe back/probe, ScrapeConfig back/scrapeconfig',
  ]);
});
