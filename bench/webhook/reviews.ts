// Reviews as the API server sends them, in the sizes of real objects, with the managedFields and
// defaults that controllers and kubectl cause.

type Labels = Readonly<Record<string, string>>;

const identity = { env: 'prod', tier: 'api', team: 'shop' } as const;
const podLabels: Labels = { app: 'web', ...identity, expose: 'false' };

/**
 * The creation of a Pod in a namespace. Environment variables pad the whole review to about
 * `bytes`.
 */
export function podReview(namespace: string, bytes: number, labels: Labels = podLabels): string {
  return padded(bytes, (env) =>
    review('Pod', '', 'pods', namespace, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: metadata(namespace, labels),
      spec: podSpec(env),
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    }),
  );
}

export function deploymentReview(namespace: string, bytes: number): string {
  return padded(bytes, (env) =>
    review('Deployment', 'apps', 'deployments', namespace, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: metadata(namespace, podLabels),
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: podLabels }, spec: podSpec(env) },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      },
    }),
  );
}

/** A NetworkPolicy with many rules that admit the API tier's own environment. */
export function networkPolicyReview(namespace: string, bytes: number): string {
  return padded(bytes, (count) =>
    review('NetworkPolicy', 'networking.k8s.io', 'networkpolicies', namespace, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: metadata(namespace, identity),
      spec: {
        podSelector: { matchLabels: { app: 'web' } },
        policyTypes: ['Ingress'],
        ingress: Array.from({ length: 1 + Math.floor(count.length / 2) }, (_, index) => ({
          from: [{ namespaceSelector: { matchLabels: { env: 'prod', tier: 'web', team: 'shop' } } }],
          ports: [{ protocol: 'TCP', port: 8000 + index }],
        })),
      },
    }),
  );
}

function review(kind: string, group: string, resource: string, namespace: string, object: object): string {
  const gvk = { group, version: 'v1', kind };
  const gvr = { group, version: 'v1', resource };
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: gvk,
      resource: gvr,
      requestKind: gvk,
      requestResource: gvr,
      name: 'web-5d4f8c7b9-x2x9p',
      namespace,
      operation: 'CREATE',
      userInfo: {
        username: 'system:serviceaccount:kube-system:replicaset-controller',
        uid: '5fd5a0f9-1a3c-4e6c-a3a0-3c8b6f0a6f5e',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
      },
      object,
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    },
  });
}

function metadata(namespace: string, labels: Labels): object {
  return {
    name: 'web-5d4f8c7b9-x2x9p',
    generateName: 'web-5d4f8c7b9-',
    namespace,
    uid: '0b1ae0d2-0c4f-4b1c-9c5a-5f3f4dbb6c11',
    creationTimestamp: '2026-11-20T10:00:00Z',
    labels,
    annotations: { 'kubernetes.io/config.source': 'api' },
    managedFields: [
      {
        manager: 'kube-controller-manager',
        operation: 'Update',
        apiVersion: 'v1',
        time: '2026-11-20T10:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': Object.fromEntries(Object.keys(labels).map((key) => [`f:${key}`, {}])) },
        },
      },
    ],
  };
}

function podSpec(env: readonly object[]): object {
  return {
    containers: [
      {
        name: 'web',
        image: 'registry.example/shop/web:1.42.0',
        ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
        env,
        resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
        readinessProbe: { httpGet: { path: '/ready', port: 8080, scheme: 'HTTP' }, periodSeconds: 10 },
        terminationMessagePath: '/dev/termination-log',
        imagePullPolicy: 'IfNotPresent',
        volumeMounts: [{ name: 'kube-api-access', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io' }],
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'default',
    schedulerName: 'default-scheduler',
    tolerations: [
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
    ],
  };
}

/** Adds variables to a review until it has the size. */
function padded(bytes: number, build: (env: readonly object[]) => string): string {
  const env: object[] = [];
  let text = build(env);
  while (text.length < bytes) {
    env.push({ name: `SETTING_${env.length}`, value: `value-of-setting-${env.length}` });
    text = build(env);
  }
  return text;
}
