import { describe, expect, it } from 'vitest';
import { desiredConfigurations } from '../../src/admission/webhooks.ts';
import { exposingKinds, gatewayGroup } from '../../src/kubernetes/exposing-kinds.ts';
import type { Mode } from '../../src/policy/mode.ts';
import { configIn, podLabels, request, setUp, type Wire } from './scene.ts';

const raised = new Map([['exposed-unexpected', 'enforce'] as const]);
const service = (spec: Wire, metadata: Wire = {}, name = 'web'): Wire => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop', ...metadata },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }], ...spec },
});
const open = service({ type: 'LoadBalancer' });
const podOf = (labels: Wire, name = 'web-1', namespace = 'shop'): Wire => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { app: 'web', ...labels } },
});
const hidden = podOf(podLabels);
const exposed = podOf({ ...podLabels, expose: 'true' });
const ingress: Wire = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
};
const route = (namespace: string): Wire => ({
  apiVersion: `${gatewayGroup}/v1`,
  kind: 'HTTPRoute',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { parentRefs: [{ name: 'edge' }], rules: [{ backendRefs: [{ name: 'web', namespace, port: 80 }] }] },
});

/** The answer to a creation, or to an update of `before`, among what is around. */
async function ask(
  object: Wire,
  around: readonly Wire[],
  more: { mode?: Mode; before?: Wire; caps?: typeof raised } = {},
) {
  const scene = setUp(more.mode);
  scene.around.push(...around);
  Object.assign(scene.config, { caps: more.caps ?? raised });
  const kind = String(object['kind']);
  const [group, version = ''] = String(object['apiVersion']).includes('/')
    ? String(object['apiVersion']).split('/')
    : ['', 'v1'];
  const resource = exposingKinds.find((one) => one.kind === kind)?.resource ?? '';
  const asked = request(kind, object, {
    kind: { group: group ?? '', version, kind },
    resource: { group: group ?? '', version, resource },
    ...(more.before === undefined ? {} : { operation: 'UPDATE', oldObject: more.before }),
  });
  const answer = await scene.answer(asked);
  return { answer, scene };
}

async function refusal(...args: Parameters<typeof ask>): Promise<string | undefined> {
  return (await ask(...args)).answer.status?.message;
}

describe('the review of an exposure', () => {
  it('refuses a Service that leads the outside to Pods that do not say so, where it is raised', async () => {
    expect(await refusal(open, [hidden])).toBe(
      [
        'Service shop/web: 1 finding keeps it out',
        '  type  LoadBalancer leads the outside to web-1, which is not expose="true"  [exposed-unexpected]',
        'Fix: Label the Pods expose: "true", or take away what leads to them.',
      ].join('\n'),
    );
    expect(await refusal(open, [exposed])).toBeUndefined();
    expect(await refusal(open, [])).toBeUndefined();
    expect(await refusal(service({ type: 'ClusterIP' }), [hidden])).toBeUndefined();
  });

  it('follows an Ingress and a route over Services, Gateways and ReferenceGrants', async () => {
    const inner = service({});
    expect(await refusal(ingress, [inner, hidden])).toContain('leads the outside to web-1, which is not expose="true"');
    expect(await refusal(ingress, [inner, exposed])).toBeUndefined();
    expect(await refusal(ingress, [hidden])).toBeUndefined();
    const elsewhere = [service({}, { namespace: 'back' }), podOf(podLabels, 'db', 'back')];
    const grant = {
      apiVersion: `${gatewayGroup}/v1beta1`,
      kind: 'ReferenceGrant',
      metadata: { name: 'in', namespace: 'back' },
      spec: {
        from: [{ group: gatewayGroup, kind: 'HTTPRoute', namespace: 'shop' }],
        to: [{ group: '', kind: 'Service' }],
      },
    };
    expect(await refusal(route('back'), elsewhere)).toBeUndefined();
    expect(await refusal(route('back'), [...elsewhere, grant])).toContain('back/db, which is not expose="true"');
    const shut = {
      kind: 'Gateway',
      metadata: { name: 'edge' },
      spec: { listeners: [{ name: 'http', allowedRoutes: { namespaces: { from: 'None' } } }] },
    };
    expect(await refusal(route('shop'), [inner, hidden, shut])).toBeUndefined();
    expect(await refusal(route('shop'), [inner, hidden])).toContain('web-1');
  });

  it('acts by the mode of the namespace', async () => {
    const warned = await ask(open, [hidden], { mode: 'warn' });
    expect([warned.answer.allowed, warned.answer.warnings?.join(' ')]).toEqual([
      true,
      expect.stringContaining('[exposed-unexpected]'),
    ]);
    const { answer, scene } = await ask(open, [hidden], { mode: 'observe' });
    expect([answer.allowed, answer.warnings ?? []]).toEqual([true, []]);
    expect(scene.audited.map(({ findings }) => findings.map(({ check, action }) => [check, action]))).toEqual([
      [['exposed-unexpected', 'record']],
    ]);
  });

  it('only warns of what was led to before an update', async () => {
    const { answer } = await ask(open, [hidden], {
      before: service({ type: 'LoadBalancer', sessionAffinity: 'None' }),
    });
    expect([answer.allowed, answer.warnings?.join(' ')]).toEqual([true, expect.stringContaining('(as before)')]);
    expect(await refusal(open, [hidden], { before: service({ type: 'ClusterIP' }) })).toContain('LoadBalancer leads');
    expect(
      await refusal(open, [hidden], { before: service({ type: 'LoadBalancer', selector: { app: 'other' } }) }),
    ).toContain('LoadBalancer leads');
  });

  it('refuses in enforce what it cannot decide, and never admits it in silence', async () => {
    const scene = setUp();
    Object.assign(scene.config, { caps: raised });
    Object.assign(scene.ports.exposure, { pods: () => Promise.reject(new Error('no answer within 2 s')) });
    const asked = request('Service', open, { resource: { group: '', version: 'v1', resource: 'services' } });
    expect((await scene.answer(asked)).status?.message).toBe(
      [
        'Service shop/web: refused, because it could not be decided:',
        '  spec  not decided: where it leads the outside: no answer within 2 s  [exposed-unexpected]',
      ].join('\n'),
    );
    const many = Array.from({ length: 101 }, (_, at) => ({
      backend: { service: { name: `s${at}`, port: { number: 80 } } },
    }));
    expect(await refusal({ ...ingress, spec: { rules: [{ http: { paths: many } }] } }, [])).toContain(
      'not decided: where it leads the outside: it refers to 101 objects, and at most 100 are read',
    );
  });

  it('judges nothing where it is not raised', async () => {
    expect(await refusal(open, [hidden], { caps: new Map() })).toBeUndefined();
  });

  it('survives any object', async () => {
    for (const spec of [null, 7, 'x', [], { selector: 7, type: 'LoadBalancer' }, { rules: 7 }, { externalIPs: {} }]) {
      expect(await refusal({ ...open, spec }, [hidden])).toBeUndefined();
      expect(await refusal({ ...ingress, spec }, [hidden])).toBeUndefined();
    }
  });
});

describe('the webhook entries for exposures', () => {
  const service443 = { service: { namespace: 'ringfence-system', name: 'ringfence', port: 443 } };
  const entriesOf = (caps: typeof raised, mode: Mode = 'enforce') =>
    desiredConfigurations({ ...configIn(mode), caps }, service443, 'ringfence').validating.webhooks.filter(({ name }) =>
      name.startsWith('exposures.'),
    );

  it('are there only if the check is raised', () => {
    expect(entriesOf(new Map())).toEqual([]);
    expect(entriesOf(raised).map(({ name, failurePolicy }) => [name, failurePolicy])).toEqual([
      ['exposures.ringfence.dev', 'Fail'],
      ['exposures.unenforced.ringfence.dev', 'Ignore'],
    ]);
  });

  it('name every kind that exposes', () => {
    const named = entriesOf(raised)[0]?.rules.flatMap(({ apiGroups, resources }) =>
      resources.map((resource) => `${apiGroups.join()}/${resource}`),
    );
    expect(named).toEqual(exposingKinds.map(({ group, resource }) => `${group}/${resource}`));
  });
});
