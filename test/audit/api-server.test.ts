import { describe, expect, it } from 'vitest';
import { audit, fenced, namespace, pod, policy } from './scene.ts';

type Manifest = Readonly<Record<string, unknown>>;

const clientConfig = { service: { namespace: 'hooks', name: 'hook', path: '/x' } };
const webhooks = (kind: string): Manifest => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  metadata: { name: 'guard' },
  webhooks: [
    { name: 'a.example.org', clientConfig },
    { name: 'b.example.org', clientConfig },
  ],
});
const validating = webhooks('ValidatingWebhookConfiguration');
const service = (spec: object = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'hook', namespace: 'hooks' },
  spec: { selector: { app: 'hook' }, ports: [{ port: 443, targetPort: 8443 }], ...spec },
});
const hook = (spec: object = {}) =>
  pod('hooks', 'hook', { app: 'hook', env: 'prod', tier: 'api', team: 'shop', expose: 'false' }, { spec });
const apiServer: Manifest = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
  endpoints: [{ addresses: ['10.1.0.10'] }, { addresses: ['10.1.0.11'] }],
};
const letIn = (cidr: string, port: number | string = 8443) =>
  policy('hooks', 'let-in', {
    podSelector: { matchLabels: { app: 'hook' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ ipBlock: { cidr } }], ports: [{ port }] }],
  });

const here = [validating, service(), hook(), apiServer];

async function fateOf(...objects: readonly Manifest[]) {
  const { apiServerCalls, findings } = await audit(objects);
  const said = findings
    .filter(({ check }) => check === 'api-server-traffic')
    .map(({ severity, name }) => `${severity} ${name}`);
  return [...apiServerCalls.map(({ fate, reason }) => `${fate}: ${reason}`), ...said];
}

describe('calls of the API server', () => {
  it('are cut in a fenced namespace where no policy lets them in, which is a finding', async () => {
    expect(await fateOf(...fenced('hooks'), ...here)).toEqual([
      'cut: no policy lets the API server in to hooks/hook on the port of the Pod',
      'error hook',
    ]);
  });

  it('would be cut by a fence on a namespace that has none', async () => {
    expect(await fateOf(namespace('hooks'), ...here)).toEqual([
      'would-be-cut: no policy lets the API server in to hooks/hook on the port of the Pod',
    ]);
  });

  it.each(['hooks'])('arrive where a policy lets in all its addresses, before and after the fence', async (home) => {
    const open = ['open: let in by let-in'];
    expect(await fateOf(...fenced(home), ...here, letIn('10.1.0.0/24'))).toEqual(open);
    expect(await fateOf(namespace(home), ...here, letIn('10.1.0.0/24'))).toEqual(open);
  });

  it.each([
    ['one of its addresses', letIn('10.1.0.10/32')],
    ['the port of the Service instead of that of the Pod', letIn('10.1.0.0/24', 443)],
  ])('are cut where a policy lets in %s', async (_, let_) => {
    expect((await fateOf(...fenced('hooks'), ...here, let_))[0]).toMatch(/^cut: /);
  });

  it('arrive at Pods in the network of their node', async () => {
    expect(await fateOf(...fenced('hooks'), validating, service(), hook({ hostNetwork: true }), apiServer)).toEqual([
      'open: its Pods use the network of their node, where no policy holds',
    ]);
  });

  it.each([
    ['the Service', [hook(), apiServer], 'there is no Service hooks/hook'],
    ['a Pod', [service(), apiServer], 'the Service selects no Pod'],
    ['a selector', [service({ selector: undefined }), hook(), apiServer], 'the Service has no selector'],
    ['the port', [service({ ports: [{ port: 80 }] }), hook(), apiServer], 'the Service has no port 443'],
    ['the addresses', [service(), hook()], 'the addresses of the API server are not known'],
  ])('are not decided without %s', async (_, objects, reason) => {
    expect(await fateOf(...fenced('hooks'), validating, ...objects)).toEqual([`undecided: ${reason}`]);
  });

  it('to kube-system are none of the fence', async () => {
    const system = structuredClone(validating) as { webhooks: { clientConfig: typeof clientConfig }[] };
    for (const one of system.webhooks) one.clientConfig.service.namespace = 'kube-system';
    expect(await fateOf(namespace('kube-system'), system)).toEqual([]);
  });

  it('come from webhooks of all three kinds and from aggregated APIs, each Service and port once', async () => {
    const conversion: Manifest = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'things.example.org' },
      spec: { conversion: { strategy: 'Webhook', webhook: { clientConfig } } },
    };
    const aggregated: Manifest = {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1.metrics.example.org' },
      spec: { service: { namespace: 'hooks', name: 'hook', port: 8444 } },
    };
    const { apiServerCalls } = await audit([
      namespace('hooks'),
      ...here,
      webhooks('MutatingWebhookConfiguration'),
      conversion,
      aggregated,
    ]);
    expect(apiServerCalls.map(({ port, callers }) => [port, callers.map(({ kind }) => kind)])).toEqual([
      [443, ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration', 'CustomResourceDefinition']],
      [8444, ['APIService']],
    ]);
  });
});
