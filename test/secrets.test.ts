// Puts a canary in every place of every kind of review, one at a time, and finds where it appears
// in answers, log, audit lines, metrics or Events.
import { expect, it } from 'vitest';
import { createHandler } from '../src/admission/handler.ts';
import { templatePathOf, workloadKinds } from '../src/kubernetes/kinds.ts';
import { type Mode, modes } from '../src/policy/mode.ts';
import { openEventRecorder } from '../src/process/event-recorder.ts';
import { writeAudit } from '../src/telemetry/audit.ts';
import { createLog } from '../src/telemetry/log.ts';
import { podLabels, request, review, setUp } from './admission/scene.ts';

const canary = 'c4n4ry';

/** Returns a handler of bodies that resolves to everything that was written about the review. */
function listen(mode: Mode): (body: unknown) => Promise<string> {
  const scene = setUp(mode);
  const said: string[] = [];
  const output = { write: (line: string) => void said.push(line) };
  const log = createLog({ level: 'debug', destination: output });
  const handle = createHandler(
    {
      ...scene.ports,
      audit: (record) => writeAudit(output, record),
      tell(given, verdict) {
        // Every Event is written at once, without waiting or merging.
        const recorder = openEventRecorder(
          {
            async request<T>(method: string, path: string, call: { readonly body?: unknown } = {}) {
              if (method !== 'GET') said.push(`${path} ${JSON.stringify(call.body)}`);
              return { metadata: { name: 'web', uid: 'u' } } as T;
            },
          },
          { log },
        );
        recorder.tell(given, verdict);
        ending.push(recorder.end());
      },
      malformed: (reason) => log.warn({ reason }, 'malformed review'),
      defect: (error, uid) => log.error({ err: error, uid }, 'review failed'),
    },
    () => scene.config,
  );
  const ending: Promise<void>[] = [];
  return async (body) => {
    said.length = 0;
    for (const phase of ['enforced', 'unenforced', 'early', 'inherit', 'mark'] as const)
      said.push(JSON.stringify(await handle(phase, body)));
    await Promise.all(ending.splice(0));
    return said
      .join('\n')
      .replaceAll(/"patch":"([^"]*)"/g, (_, patch: string) => Buffer.from(patch, 'base64').toString());
  };
}

const metadata = {
  name: 'web',
  namespace: 'shop',
  uid: 'u',
  resourceVersion: '1',
  labels: { ...podLabels, app: 'web', 'app.kubernetes.io/name': 'web' },
  annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
  ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'u', controller: true }],
  finalizers: ['example.com/x'],
  managedFields: [{ manager: 'kubectl', fieldsV1: { 'f:spec': {} } }],
};
const podSpec = {
  hostNetwork: true,
  serviceAccountName: 'web',
  imagePullSecrets: [{ name: 'pull' }],
  nodeSelector: { disk: 'ssd' },
  containers: [
    {
      name: 'main',
      image: 'registry.example/main:1',
      args: ['--token=x'],
      env: [{ name: 'PASSWORD', value: 'x' }],
      envFrom: [{ secretRef: { name: 's' } }],
    },
  ],
  volumes: [{ name: 'v', csi: { driver: 'd', volumeAttributes: { a: 'b' } } }],
};
const template = { metadata: { labels: metadata.labels, annotations: metadata.annotations }, spec: podSpec };
const selector = { matchLabels: { tier: 'web' }, matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] };
const networkPolicySpec = {
  podSelector: selector,
  policyTypes: ['Ingress', 'Egress'],
  ingress: [
    { from: [{ podSelector: selector, namespaceSelector: selector }], ports: [{ protocol: 'TCP', port: 'http' }] },
    { from: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }] },
  ],
  egress: [{ to: [{ namespaceSelector: selector }] }],
};

/**
 * An object of each kind with a value in every place. Most values are wrong, because messages
 * contain wrong values.
 */
const objects: Readonly<Record<string, object>> = {
  ...Object.fromEntries(
    workloadKinds.map((kind) => [
      kind,
      {
        metadata,
        ...(templatePathOf(kind).reduceRight<unknown>((held, step) => ({ [step]: held }), template) as object),
      },
    ]),
  ),
  Pod: { metadata, spec: podSpec, status: { message: 'x' } },
  Namespace: {
    metadata: { ...metadata, name: 'shop', labels: { ...metadata.labels, 'ringfence.dev/mode': 'warn' } },
    spec: {},
  },
  NetworkPolicy: { metadata, spec: networkPolicySpec },
  Binding: {
    metadata: { ...metadata, labels: { ...metadata.labels, tier: 'web' } },
    target: { kind: 'Node', name: 'n' },
  },
  Secret: { metadata, type: 'Opaque', data: { password: 'eA==' }, stringData: { password: 'x' } },
};

type Path = readonly (string | number)[];

/** Returns copies of a value with the canary in one place each: a leaf, a key, or a whole part. */
function* withCanary(value: unknown, path: Path = []): Generator<{ readonly path: string; readonly value: unknown }> {
  const here = path.join('.').replaceAll(/\b\d+\b/g, '*');
  yield { path: here, value: canary };
  if (typeof value !== 'object' || value === null) return;
  yield { path: `${here} (in a list)`, value: [canary] };
  yield { path: `${here} (in an object)`, value: { [canary]: canary } };
  if (Array.isArray(value)) {
    for (const [index, part] of value.entries())
      for (const one of withCanary(part, [...path, index])) yield { ...one, value: value.with(index, one.value) };
    return;
  }
  for (const [key, part] of Object.entries(value)) {
    const { [key]: _, ...others } = value as Record<string, unknown>;
    yield { path: `${here} (key)`, value: { ...others, [canary]: part } };
    for (const one of withCanary(part, [...path, key])) yield { ...one, value: { ...value, [key]: one.value } };
  }
}

/** Returns the places of the canary that appear in output, over reviews of all kinds. */
async function places(
  bring: (kind: string, object: object) => Iterable<{ readonly path: string; readonly review: object }>,
) {
  const told = new Set<string>();
  const listeners = modes.map(listen);
  let asked = 0;
  for (const [kind, object] of Object.entries(objects)) {
    for (const { path, review: body } of bring(kind, object)) {
      asked += 1;
      for (const hear of listeners) if ((await hear(body)).includes(canary)) told.add(path);
    }
  }
  return { told: [...told].sort((a, b) => (a < b ? -1 : 1)), asked };
}

const identityLabels = ['env', 'expose', 'team', 'tier'];

const timeout = 120_000;

it('objects', { timeout }, async () => {
  const { told, asked } = await places(function* (kind, object) {
    for (const { path, value } of withCanary(object)) {
      const place = path.replace(/^spec\.(?:jobTemplate\.spec\.)?template/, 'TEMPLATE');
      const named = kind === 'NetworkPolicy' ? `NetworkPolicy ${place}` : place;
      yield { path: named, review: review(request(kind, value)) };
      yield { path: named, review: review(request(kind, value, { operation: 'UPDATE', oldObject: object })) };
      yield {
        path: `${named} (old)`,
        review: review(request(kind, object, { operation: 'UPDATE', oldObject: value })),
      };
      yield { path: `${named} (old)`, review: review(request(kind, null, { operation: 'DELETE', oldObject: value })) };
    }
  });
  expect(asked).toBeGreaterThan(5_000);
  // The spec of a NetworkPolicy is not secret. A mistake in it is shown as it was written.
  const specification = /^NetworkPolicy spec[. ]|^NetworkPolicy spec$/;
  const others = told.filter((path) => !specification.test(path));
  expect(new Set(others.map((path) => path.replace(/^NetworkPolicy | \(old\)$/g, '')))).toEqual(
    new Set([
      ...identityLabels.flatMap((key) => [`metadata.labels.${key}`, `TEMPLATE.metadata.labels.${key}`]),
      'metadata.labels.ringfence.dev/mode',
      'metadata.name',
      // An Event is written about the owner if the cluster has one of that name. An audit line
      // names the owner and the ServiceAccount, because exceptions are for them.
      'metadata.ownerReferences.*.kind',
      'metadata.ownerReferences.*.name',
      'spec.serviceAccountName',
      'TEMPLATE.spec.serviceAccountName',
    ]),
  );
});

it('envelopes', { timeout }, async () => {
  const user = { username: 'dev', uid: 'u', groups: ['g'], extra: { 'example.com/token': ['x'] } };
  const { told } = await places(function* (kind, object) {
    const whole = review({
      ...request(kind, object, { userInfo: user, subResource: 'status' }),
      options: { fieldManager: 'x' },
    });
    for (const { path, value } of withCanary(whole)) {
      if (!path.startsWith('request.object')) yield { path, review: value as object };
    }
  });
  expect(told).toEqual([
    'request.kind.group',
    'request.kind.kind',
    'request.kind.version',
    'request.name',
    'request.namespace',
    'request.resource.resource',
    'request.subResource',
    'request.uid',
    'request.userInfo.groups (in a list)',
    'request.userInfo.groups.*',
    'request.userInfo.username',
  ]);
});
