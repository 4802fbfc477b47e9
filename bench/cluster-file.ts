import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

/** The size of a generated cluster. */
export interface ClusterSize {
  readonly namespaces: number;
  readonly podsPerNamespace: number;
  /** In each namespace: the two policies of the baseline, and one or two of an application. */
  readonly policiesPerNamespace: number;
}

/** The size in the targets: 10,000 pods in 500 namespaces with 2,000 policies. */
export const fullSize: ClusterSize = { namespaces: 500, podsPerNamespace: 20, policiesPerNamespace: 4 };

const tiers = ['web', 'api', 'data', 'cache'];
const environments = ['prod', 'staging', 'dev'];

/**
 * Writes a cluster in the form that `kubectl get namespaces,pods,networkpolicies -A -o json`
 * prints: a List.
 */
export async function writeCluster(file: string, size: ClusterSize): Promise<void> {
  const stream = createWriteStream(file);
  stream.write('{"apiVersion":"v1","kind":"List","items":[\n');
  let comma = '';
  for (const object of clusterObjects(size)) {
    if (!stream.write(`${comma}${JSON.stringify(object)}`)) await once(stream, 'drain');
    comma = ',\n';
  }
  stream.end('\n]}\n');
  await once(stream, 'finish');
}

/**
 * The objects of a cluster. Each namespace has a tier and four applications, and every pod has an
 * address. `from` is the first namespace.
 */
export function* clusterObjects(size: ClusterSize, from = 0): Generator<unknown> {
  for (let index = from; index < size.namespaces; index += 1) {
    const name = `team-${index}`;
    const tier = tiers[index % tiers.length] ?? '';
    const labels = { env: environments[index % environments.length] ?? '', tier, team: name };
    yield { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
    for (const policy of policiesOf(index).slice(0, size.policiesPerNamespace))
      yield {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: policy.name, namespace: name, labels },
        spec: policy.spec,
      };
    for (let number = 0; number < size.podsPerNamespace; number += 1) yield podOf(index, number, labels);
  }
}

/**
 * Forty ClusterNetworkPolicies as an administrator may have them: each tier has its own, by
 * namespaces and by pods, and the last are for every namespace.
 */
export function tieredPolicies(): readonly { readonly name: string; readonly spec: object }[] {
  return Array.from({ length: 40 }, (_, index) => {
    const namespaces = { matchLabels: { tier: tiers[index % tiers.length] ?? '' } };
    const others = { matchLabels: { env: environments[index % environments.length] ?? '' } };
    const app = { matchLabels: { app: `app-${index % 4}` } };
    const everyone = index >= 36;
    const spec = {
      tier: index % 2 === 0 ? 'Admin' : 'Baseline',
      priority: index,
      subject: { namespaces: everyone ? {} : namespaces },
      ingress: [
        { action: 'Pass', from: [{ namespaces: others }], protocols: [{ tcp: { destinationPort: { number: 8080 } } }] },
        { action: 'Deny', from: [{ pods: { namespaceSelector: others, podSelector: app } }] },
      ],
      egress: [
        { action: 'Accept', to: [{ namespaces }], protocols: [{ destinationNamedPort: 'http' }] },
        { action: 'Deny', to: [{ networks: [`10.${16 + (index % 2)}.${index}.0/24`] }] },
      ],
    };
    return { name: `policy-${index}`, spec };
  });
}

function podOf(index: number, number: number, labels: Readonly<Record<string, string>>): unknown {
  const app = `app-${number % 4}`;
  const ip = `10.${16 + (index >> 8)}.${index & 255}.${number + 1}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${app}-${number}`,
      namespace: `team-${index}`,
      uid: `00000000-0000-4000-8000-${String(index * 1000 + number).padStart(12, '0')}`,
      labels: { ...labels, app, expose: 'false', 'pod-template-hash': `h${index}` },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `${app}-h${index}`,
          uid: `${app}-h${index}`,
          controller: true,
        },
      ],
    },
    spec: {
      nodeName: `node-${number % 50}`,
      containers: [{ name: app, image: `registry.example/${app}:1`, ports: [{ name: 'http', containerPort: 8080 }] }],
    },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], hostIP: `192.168.0.${(number % 50) + 1}` },
  };
}

/**
 * The baseline, the calls that the application accepts from another tier's namespace, and the calls
 * that it makes.
 */
function policiesOf(index: number): readonly { readonly name: string; readonly spec: unknown }[] {
  const other = `team-${(index * 7 + 3) % 500}`;
  const dns = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
    podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
  };
  return [
    {
      name: 'deny-all-baseline',
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] },
    },
    {
      name: 'allow-dns-egress',
      spec: {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [{ to: [dns], ports: ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 })) }],
      },
    },
    {
      name: 'let-in',
      spec: {
        podSelector: { matchLabels: { app: 'app-0' } },
        policyTypes: ['Ingress'],
        ingress: [
          {
            from: [
              { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': other } } },
              { namespaceSelector: { matchLabels: { tier: 'web' } }, podSelector: { matchLabels: { app: 'app-1' } } },
            ],
            ports: [{ protocol: 'TCP', port: 'http' }],
          },
        ],
      },
    },
    {
      name: 'call-out',
      spec: {
        podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['app-1', 'app-2'] }] },
        policyTypes: ['Egress'],
        egress: [
          { to: [{ namespaceSelector: { matchLabels: { tier: 'api' } } }], ports: [{ port: 8080 }] },
          { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }], ports: [{ port: 443 }] },
        ],
      },
    },
  ];
}
