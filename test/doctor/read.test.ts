import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/cluster/api-error.ts';
import { examine } from '../../src/doctor/examinations.ts';
import { linesJson } from '../../src/doctor/json.ts';
import { exitCodeOf } from '../../src/doctor/line.ts';
import type { DoctorPorts } from '../../src/doctor/ports.ts';
import { readFacts } from '../../src/doctor/read.ts';
import { formatLines } from '../../src/doctor/text.ts';
import type { RawObject } from '../../src/kubernetes/object-meta.ts';
import { address, configOf, factsOf, leaf, now, webhooksOf } from './scene.ts';

const about = { ownNamespace: 'ringfence-system', release: '0.1.0', now: () => now };
const validate = new Ajv2020({ strict: true }).compile(
  JSON.parse(readFileSync('schemas/doctor.schema.json', 'utf8')) as object,
);
const replicas = '/api/v1/namespaces/ringfence-system/pods';
const api = '/apis/admissionregistration.k8s.io/v1';
const resourceOf = (group: string, resource: string, kind: string) => ({
  metadata: { name: group },
  versions: [{ version: 'v1', freshness: 'Current', resources: [{ resource, responseKind: { kind } }] }],
});

const { validating, mutating } = webhooksOf();
const answers: Readonly<Record<string, unknown>> = {
  '/version': { major: '1', minor: '36+', gitVersion: 'v1.36.3-eks' },
  '/apis': {
    items: [
      resourceOf('cilium.io', 'ciliumnetworkpolicies', 'CiliumNetworkPolicy'),
      resourceOf('projectcalico.org', 'networkpolicies', 'NetworkPolicy'),
      resourceOf('crd.projectcalico.org', 'networkpolicies', 'NetworkPolicy'),
      { metadata: { name: 'broken.example' }, versions: [{ version: 'v1', freshness: 'Stale' }] },
    ],
  },
  [`${api}/validatingwebhookconfigurations/ringfence`]: validating,
  [`${api}/mutatingwebhookconfigurations/ringfence`]: mutating,
  '/api/v1/namespaces/kube-system/services/kube-dns': {
    spec: {
      selector: { 'k8s-app': 'kube-dns' },
      ports: [{ name: 'dns', port: 53, protocol: 'UDP', targetPort: 'dns' }],
    },
  },
  '/api/v1/namespaces/kube-system/configmaps/cilium-config': { data: { 'policy-audit-mode': 'true' } },
  [`${replicas}/ringfence-1:8081/proxy/readyz`]: { status: 'ready', webhooksReached: true },
  [`${replicas}/https:ringfence-1:8443/proxy/reachable`]: { release: '0.1.0' },
};
const lists: Readonly<Record<string, readonly object[]>> = {
  '/api/v1/namespaces': [{ metadata: { name: 'shop', labels: { 'ringfence.dev/fence': '' } } }],
  '/apis/apps/v1/daemonsets': [
    {
      metadata: { namespace: 'kube-system', name: 'cilium' },
      spec: { template: { spec: { containers: [{ name: 'cilium-agent', image: 'cilium', env: [{ name: 'A' }] }] } } },
      status: { desiredNumberScheduled: 2, numberReady: 2 },
    },
  ],
  '/api/v1/pods': [
    { metadata: { namespace: 'shop', name: 'done' }, spec: { hostNetwork: true }, status: { phase: 'Succeeded' } },
    { metadata: { namespace: 'shop', name: 'web' }, spec: { containers: [{ ports: [{ hostPort: 80 }, {}] }] } },
  ],
  [replicas]: [
    {
      metadata: { name: 'ringfence-1' },
      spec: { containers: [{ image: 'ringfence:0.1.0', ports: [{ name: 'webhook', containerPort: 8443 }] }] },
      status: { podIP: '10.0.0.1', conditions: [{ type: 'Ready', status: 'True' }] },
    },
    { metadata: { name: 'ringfence-2', deletionTimestamp: 'x' } },
    { metadata: { name: 'ringfence-3' }, spec: { containers: [{ image: 'ringfence:0.1.0' }] } },
  ],
  '/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices': [
    {
      metadata: { name: 'kube-dns-1' },
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'metrics', port: 9153 },
      ],
    },
  ],
  '/apis/cilium.io/v1/ciliumnetworkpolicies': [{ metadata: { namespace: 'shop', name: 'open' } }],
  '/apis/projectcalico.org/v1/networkpolicies': [],
};

function portsOf(refused: (path: string) => ApiError | undefined = () => undefined) {
  const asked: string[] = [];
  const ask = (path: string, query: object = {}): void => {
    asked.push(`${path} ${JSON.stringify(query)}`);
    const error = refused(path);
    if (error !== undefined) throw error;
  };
  const ports: DoctorPorts = {
    async get(path) {
      ask(path);
      if (answers[path] === undefined) throw new ApiError(`GET ${path}: 404`, { code: 404, reason: 'NotFound' });
      return answers[path];
    },
    async list(path, query, onObject) {
      ask(path, query);
      for (const raw of lists[path] ?? []) onObject(raw as RawObject);
    },
    config: async () => ({ config: configOf() }),
    dial: async () => ({ address, host: 'ringfence.ringfence-system.svc', chain: leaf.cert }),
  };
  return { ports, asked };
}

describe('the facts', () => {
  it('are read once each, and in few calls', async () => {
    const { ports, asked } = portsOf();
    const facts = await readFacts(ports, about);
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked.length).toBeLessThan(25);
    expect(facts).toMatchObject({
      version: { value: { major: 1, minor: 36 } },
      daemonSets: { value: [{ namespace: 'kube-system', name: 'cilium', desired: 2, ready: 2 }] },
      pods: { value: [{ name: 'web', hostPorts: [80] }] },
      dnsServices: { value: [{ namespace: 'kube-system', name: 'kube-dns', podPorts: [53] }] },
      served: { value: { stale: ['broken.example'] } },
      otherPolicies: {
        value: [
          { kind: { kind: 'CiliumNetworkPolicy' }, objects: { value: [{ namespace: 'shop', name: 'open' }] } },
          { kind: { group: 'projectcalico.org' }, objects: { value: [] } },
        ],
      },
      replicas: {
        value: [
          {
            name: 'ringfence-1',
            ready: true,
            readyz: { value: { webhooksReached: true } },
            release: { value: '0.1.0' },
          },
          { name: 'ringfence-3', ready: false, readyz: { problem: 'the Pod does not run' } },
        ],
      },
      vpcCniConfig: { value: undefined },
    });
  });

  it('name the right that is missing, wherever one is, and the rest is read', async () => {
    const { ports } = portsOf(
      (path) => new ApiError(`GET ${path}: 403`, path === '/version' ? undefined : { code: 403 }),
    );
    await expect(readFacts(ports, about)).rejects.toThrow('GET /version');

    const { ports: mute } = portsOf((path) =>
      path === '/version' ? undefined : new ApiError(`GET ${path}: 403`, { code: 403, reason: 'Forbidden' }),
    );
    const lines = examine(await readFacts(mute, about));
    const undecided = lines.filter(({ status }) => status === 'undecided');
    expect(undecided.map(({ examination }) => examination)).toEqual(
      expect.arrayContaining([
        'network-plugin',
        'dns-pods',
        'other-policies',
        'host-network',
        'webhook-reach',
        'replicas',
      ]),
    );
    expect(undecided.map(({ found }) => found)).toContain(
      'not decided: RBAC does not allow you to list daemonsets.apps',
    );
    expect(lines.filter(({ status }) => status === 'finding')).toEqual([]);
    expect([exitCodeOf(lines, false), exitCodeOf(lines, true)]).toEqual([0, 1]);
  });

  it('of a kind that may not be listed leave the others', async () => {
    const { ports } = portsOf((path) =>
      path.includes('ciliumnetworkpolicies') ? new ApiError('403', { code: 403 }) : undefined,
    );
    const lines = examine(await readFacts(ports, about)).filter(({ examination }) => examination === 'other-policies');
    expect(lines.map(({ found }) => found)).toEqual([
      expect.stringContaining('does not answer'),
      'not decided: RBAC does not allow you to list ciliumnetworkpolicies.cilium.io',
    ]);
  });

  it('say why a configuration cannot be used', async () => {
    const { ports } = portsOf();
    const lines = examine(
      await readFacts({ ...ports, config: async () => ({ problems: ['x:1:1: mode: no'] }) }, about),
    );
    expect(lines.find(({ examination }) => examination === 'configuration')).toMatchObject({
      status: 'finding',
      found: 'x:1:1: mode: no',
    });
    expect(lines.find(({ examination }) => examination === 'references')).toMatchObject({
      status: 'undecided',
      found: 'not decided: the configuration cannot be used: x:1:1: mode: no',
    });
  });

  it('are no answer where the API server gives none', async () => {
    const { ports } = portsOf(() => new ApiError('GET /version: ECONNREFUSED'));
    await expect(readFacts(ports, about)).rejects.toThrow('ECONNREFUSED');
  });

  it('of 10,000 Pods and 1,000 namespaces are examined in a moment', async () => {
    const { ports } = portsOf();
    const many: DoctorPorts = {
      ...ports,
      async list(path, query, onObject) {
        if (path !== '/api/v1/pods') return ports.list(path, query, onObject);
        for (let index = 0; index < 10_000; index += 1)
          onObject({
            metadata: { namespace: `team-${index % 1000}`, name: `pod-${index}`, labels: { app: `a${index}` } },
            spec: { hostNetwork: index % 2 === 0, containers: [{ name: 'x', ports: [] }] },
          });
      },
    };
    const start = performance.now();
    const lines = examine(await readFacts(many, about));
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(lines.find(({ looked }) => looked === 'Pods with hostNetwork: true')?.found).toMatch(
      /^5000: team-0\/pod-0, .* and 4995 more$/,
    );
  });
});

describe('the lines', () => {
  it('are JSON as the schema has it', () => {
    const lines = examine(
      factsOf({ unread: ['pods'], values: { ciliumConfig: new Map([['policy-audit-mode', 'true']]) } }),
    );
    const told: unknown = JSON.parse(linesJson(lines));
    expect(validate(told), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...(told as object), other: 1 })).toBe(false);
  });

  it('are text: four parts of what is wrong, one line of what is in order', () => {
    const [wrong, right] = examine(
      factsOf({ values: { ciliumConfig: new Map([['policy-audit-mode', 'true']]) } }),
    ).filter(({ examination }) => ['cilium-enforcement', 'kubernetes-version'].includes(examination));
    if (wrong === undefined || right === undefined) throw new Error('there are two lines');
    expect(formatLines([wrong, right])).toBe(
      [
        'FINDING  ConfigMap cilium-config, key policy-audit-mode  [cilium-enforcement]',
        '  found: policy-audit-mode: "true"',
        '  means: nothing is enforced: what policies deny is logged and passes',
        '  do:    Set policyAuditMode: false in the values of Cilium, and restart its agents (kubectl rollout restart daemonset/cilium -n kube-system).',
        'ok  /version: v1.36.3 deletes Pods before NetworkPolicies  [kubernetes-version]',
        '',
        '1 finding, 0 not decided, 0 notes, 1 in order',
        '',
      ].join('\n'),
    );
  });
});
