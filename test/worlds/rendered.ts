// Worlds that tools print: charts, jsonnet, operators, and the cluster itself.
import { stringify } from 'yaml';

/** The files of a world, by path. */
export type Files = Readonly<Record<string, string>>;
type Wire = Readonly<Record<string, unknown>>;

export const identity = { env: 'prod', tier: 'api', team: 'shop' };
export const container = { name: 'main', image: 'registry.example/app:1', ports: [{ containerPort: 8080 }] };

export function workload(kind: string, name: string, labels: object, more: Wire = {}): Wire {
  const template = { metadata: { labels: { app: name, ...labels } }, spec: { containers: [container] } };
  const spec = { selector: { matchLabels: { app: name } }, template };
  return { apiVersion: 'apps/v1', kind, metadata: { name, labels: { app: name }, ...more }, spec };
}

export function service(name: string, spec: Wire = {}, more: Wire = {}): Wire {
  const whole = { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }], ...spec };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, ...more }, spec: whole };
}

export function policy(name: string, labels: object, spec: Wire, more: Wire = {}): Wire {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, labels, ...more }, spec };
}

export function documents(...objects: readonly object[]): string {
  return objects.map((object) => `---\n${stringify(object)}`).join('');
}

/** `helm template`: comments, empty documents, tests and hooks, no namespace. */
export function renderedChart(): Files {
  const labels = { 'app.kubernetes.io/name': 'cart', 'helm.sh/chart': 'cart-1.2.3' };
  const hook = { annotations: { 'helm.sh/hook': 'test' } };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'cart-test', ...hook },
    spec: { containers: [container] },
  };
  const parts = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'cart', labels } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'cart' },
      data: { 'app.yaml': 'kind: Pod\nmetadata: {}\n' },
    },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'cart' }, rules: [] },
    service('cart', { type: 'LoadBalancer' }),
    workload('Deployment', 'cart', labels),
    workload('StatefulSet', 'cart-db', { ...labels, expose: 'false' }),
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'cart-migrate', annotations: { 'helm.sh/hook': 'pre-install' } },
      spec: {
        template: { metadata: { name: 'cart-migrate' }, spec: { restartPolicy: 'Never', containers: [container] } },
      },
    },
    pod,
  ];
  const text = parts.map((part, at) => `---\n# Source: cart/templates/part-${at}.yaml\n${stringify(part)}`).join('');
  return { 'cart.yaml': `${text}---\n# Source: cart/templates/empty.yaml\n---\n` };
}

/** The bundle of an operator: definitions of a megabyte, webhooks, and one Deployment. */
export function operatorBundle(): Files {
  const leaf = (depth: number): object =>
    depth === 0
      ? {
          type: 'string',
          description: 'A field of the specification, as "controller-gen" describes it: {a} and [b].\n\nMore.',
        }
      : { type: 'object', properties: Object.fromEntries([...'abcdef'].map((key) => [key, leaf(depth - 1)])) };
  const definition = (plural: string) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.db.example.org` },
    spec: { group: 'db.example.org', versions: [{ name: 'v1', schema: { openAPIV3Schema: leaf(5) } }] },
  });
  const system = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'db-system', labels: { 'control-plane': 'db' } },
  };
  const manager = workload('Deployment', 'db-operator', { 'control-plane': 'db' }, { namespace: 'db-system' });
  const cluster = {
    apiVersion: 'db.example.org/v1',
    kind: 'Cluster',
    metadata: { name: 'one', namespace: 'shop' },
    spec: { instances: 3 },
  };
  return { 'bundle.yaml': documents(definition('clusters'), system, definition('backups'), manager, cluster) };
}

/** What jsonnet prints for a monitoring stack: a file for each object, typed lists, JSON. */
export function jsonnetManifests(): Files {
  const dashboard = (at: number) => ({
    metadata: { name: `dashboard-${at}`, namespace: 'monitoring' },
    data: { 'd.json': JSON.stringify({ panels: Array(200).fill({ title: 'x' }) }) },
  });
  const home = { namespace: 'monitoring' };
  const from = [{ podSelector: { matchLabels: { app: 'prometheus' } } }];
  return {
    'setup/namespace.json': JSON.stringify({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'monitoring', labels: { env: 'prod', tier: 'api', team: 'observe' } },
    }),
    'dashboards.json': JSON.stringify(
      { apiVersion: 'v1', kind: 'ConfigMapList', items: [0, 1, 2].map(dashboard) },
      undefined,
      2,
    ),
    'roles.yaml': stringify({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleList',
      items: [{ metadata: { name: 'r', ...home }, rules: [] }],
    }),
    'exporter.json': JSON.stringify(workload('DaemonSet', 'node-exporter', { expose: 'false' }, home)),
    'exporter-host.json': JSON.stringify({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'ServiceMonitor',
      metadata: { name: 'node', ...home },
      spec: {},
    }),
    'prometheus.json': JSON.stringify({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'Prometheus',
      metadata: { name: 'k8s', ...home },
      spec: { replicas: 2 },
    }),
    'policy.json': JSON.stringify(
      policy(
        'grafana',
        {},
        {
          podSelector: { matchLabels: { app: 'grafana' } },
          policyTypes: ['Egress', 'Ingress'],
          egress: [{}],
          ingress: [{ from, ports: [{ port: 3000, protocol: 'TCP' }] }],
        },
        home,
      ),
    ),
  };
}

/** `kubectl get all,networkpolicies -o yaml`: one List with status, owners and managed fields. */
export function clusterDump(): Files {
  const managedFields = [
    { manager: 'kubectl', operation: 'Update', fieldsV1: { 'f:metadata': { 'f:labels': { '.': {} } } } },
  ];
  const uid = '0b1f4a0e-0000-4000-8000-000000000000';
  const labels = { ...identity, expose: 'false' };
  const owner = (kind: string, name: string) => ({
    ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid, controller: true }],
  });
  const hash = { 'pod-template-hash': 'abc12' };
  const live = (object: Wire, more: object = {}) => ({
    ...object,
    metadata: {
      ...(object['metadata'] as object),
      namespace: 'shop',
      uid,
      resourceVersion: '1',
      managedFields,
      ...more,
    },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  });
  const pod = (name: string, more: object) =>
    live(
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, labels: { app: 'cart', ...labels, ...hash, ...more } },
        spec: { containers: [container], nodeName: 'n1' },
      },
      owner('ReplicaSet', 'cart-abc12'),
    );
  const items = [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop', uid, labels: { ...identity, 'kubernetes.io/metadata.name': 'shop' } },
      status: { phase: 'Active' },
    },
    pod('cart-abc12-1', {}),
    pod('cart-abc12-2', { tier: 'data' }),
    live(service('cart', { clusterIP: '10.96.0.7', type: 'NodePort' })),
    live(workload('Deployment', 'cart', labels)),
    live(workload('ReplicaSet', 'cart-abc12', { ...labels, ...hash }), owner('Deployment', 'cart')),
    live(policy('deny-all', identity, { podSelector: {}, policyTypes: ['Ingress', 'Egress'] })),
    live(
      policy('dns', identity, {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [
          {
            to: [
              {
                namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
                podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
              },
            ],
            ports: [
              { port: 53, protocol: 'UDP' },
              { port: 53, protocol: 'TCP' },
            ],
          },
        ],
      }),
    ),
  ];
  return { 'dump.yaml': stringify({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items }) };
}
