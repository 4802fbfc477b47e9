// Writes of people and of a running cluster, and which of them fail while no replica answers.
import type { Cluster, Method } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import { binding, event, eviction, networkPolicyQuota, withImage } from './cluster-objects.ts';
import { noIdentities } from './no-identities.ts';
import { type Manifest, namespace, namespaceLabels, networkPolicy, pod, podLabels, workload } from './objects.ts';

/** When a write fails: in every mode of the cluster, or only if it enforces. */
export type Fails = 'always' | 'in enforce' | 'never';

/** One call. A PATCH is a merge patch. A body may be a function of the existing object. */
export interface DownWrite {
  readonly fails: Fails;
  readonly title: string;
  readonly method: Method;
  readonly path: string;
  readonly body?: object | ((found: Manifest) => object);
}

export const fence = 'ringfence.dev/fence';
const mode = 'ringfence.dev/mode';

/** A set of namespaces, `PREFIX-plain` and so on, with their labels. */
export function namespacesOf(prefix: string): readonly { readonly name: string; readonly labels: Labels }[] {
  return Object.entries({
    plain: {},
    fenced: { [fence]: 'true' },
    enforcing: { [fence]: 'true', [mode]: 'enforce' },
    warning: { [mode]: 'warn' },
    observing: { [mode]: 'observe' },
    watched: { [fence]: 'true', [mode]: 'observe' },
  }).map(([name, labels]) => ({ name: `${prefix}-${name}`, labels: { ...namespaceLabels, ...labels } }));
}

/** The outcome of a write: `passes`, `fails` (only because Ringfence is down), or the error. */
export function outcome(written: Promise<unknown>): Promise<string> {
  return written.then(
    () => 'passes',
    (error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      return text.includes('failed calling webhook') && text.includes('.ringfence.dev"') ? 'fails' : text;
    },
  );
}

export async function send(cluster: Cluster, { method, path, body }: DownWrite): Promise<unknown> {
  const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const found = async () => cluster.request<Manifest>('GET', path.replace(/\/finalize$/, ''));
  const sent = typeof body === 'function' ? body(await found()) : body;
  return cluster.request(method, path, { body: sent, contentType });
}

/** The namespaces of a set: their own mode decides, or else the cluster's. */
const places: readonly (readonly [string, Fails])[] = [
  ['enforcing', 'always'],
  ['fenced', 'in enforce'],
  ['plain', 'in enforce'],
  ['warning', 'never'],
  ['observing', 'never'],
  ['watched', 'never'],
];

/** The writes in the namespaces `PREFIX-plain`, `PREFIX-fenced`, …. None affects a later one. */
export function writesInside(prefix: string): readonly DownWrite[] {
  const walls = places.filter(([kind]) => ['enforcing', 'fenced', 'watched'].includes(kind));
  return [
    ...places.flatMap(([kind, fails]) => [...judged(prefix, kind, fails), ...unasked(prefix, kind)]),
    // In every mode, the baseline of a namespace with the mark is guaranteed.
    ...walls.flatMap(([kind]): readonly DownWrite[] => {
      const { home, policies } = pathsOf(prefix, kind);
      const [path, opened] = [`${policies}/deny-all-baseline`, { spec: { ingress: [{}] } }];
      const owned = { metadata: { ownerReferences: [nobody] } };
      return [
        { fails: 'always', title: `${kind}: baseline opened`, method: 'PATCH', path, body: opened },
        {
          fails: 'always',
          title: `${kind}: baseline handed to the garbage collector`,
          method: 'PATCH',
          path,
          body: owned,
        },
        {
          fails: 'always',
          title: `${kind}: a quota without room for it`,
          method: 'POST',
          path: `${home}/resourcequotas`,
          body: bare(networkPolicyQuota(0)),
        },
        {
          fails: 'never',
          title: `${kind}: a quota of something else`,
          method: 'POST',
          path: `${home}/resourcequotas`,
          body: { metadata: { name: 'other' }, spec: { hard: { 'count/secrets': '100' } } },
        },
        { fails: 'always', title: `${kind}: baseline deleted`, method: 'DELETE', path },
        {
          fails: 'always',
          title: `${kind}: its DNS rule deleted`,
          method: 'DELETE',
          path: `${policies}/allow-dns-egress`,
        },
      ];
    }),
    // Without the mark, the names are not special.
    ...places
      .filter(([kind]) => ['plain', 'warning', 'observing'].includes(kind))
      .flatMap(([kind, fails]): readonly DownWrite[] => {
        const { policies } = pathsOf(prefix, kind);
        const body = bare(networkPolicy('deny-all-baseline'));
        return [
          { fails, title: `${kind}: a NetworkPolicy of that name created`, method: 'POST', path: policies, body },
        ];
      }),
  ];
}

/** The writes that Ringfence has to judge. */
function judged(prefix: string, kind: string, fails: Fails): readonly DownWrite[] {
  const { pods, deployments, policies } = pathsOf(prefix, kind);
  const row = (title: string, method: Method, path: string, body: object): DownWrite => {
    return { fails, title: `${kind}: ${title}`, method, path, body: body };
  };
  const moved = { ...podLabels, tier: 'data' };
  return [
    row('Pod created', 'POST', pods, bare(pod('new'))),
    row('Deployment created', 'POST', deployments, bare(workload('Deployment', 'new'))),
    row('template changed', 'PATCH', `${deployments}/web`, withImage('registry.example/main:2')),
    row('NetworkPolicy created', 'POST', policies, bare(networkPolicy('new'))),
    row('NetworkPolicy widened', 'PATCH', `${policies}/own`, { spec: { ingress: [{}] } }),
    row('Pod relabelled', 'PATCH', `${pods}/web`, { metadata: { labels: moved } }),
    row('Pod relabelled by its status', 'PATCH', `${pods}/other/status`, { metadata: { labels: moved } }),
    row('Pod relabelled by its Binding', 'POST', `${pods}/third/binding`, binding('third', moved)),
  ];
}

/** The writes that change nothing which is judged. */
function unasked(prefix: string, kind: string): readonly DownWrite[] {
  const { home, pods, deployments, policies } = pathsOf(prefix, kind);
  const row = (title: string, method: Method, path: string, body?: object): DownWrite => {
    return { fails: 'never', title: `${kind}: ${title}`, method, path, ...(body === undefined ? {} : { body }) };
  };
  const annotated = { metadata: { annotations: { note: 'kept' } } };
  const zone = { 'topology.kubernetes.io/zone': 'a', 'topology.kubernetes.io/region': 'b' };
  return [
    row('Pod annotated', 'PATCH', `${pods}/web`, annotated),
    ...noIdentities.flatMap((labels) => {
      const [key = ''] = Object.keys(labels);
      const changed = { metadata: { labels } };
      return [
        row(`Pod labelled ${key}`, 'PATCH', `${pods}/web`, changed),
        row(`Pod labelled ${key} by its status`, 'PATCH', `${pods}/web/status`, changed),
        row(`Deployment labelled ${key}`, 'PATCH', `${deployments}/web`, changed),
        row(`NetworkPolicy labelled ${key}`, 'PATCH', `${policies}/own`, changed),
        row(`namespace labelled ${key}`, 'PATCH', home, changed),
        row(`namespace labelled ${key} by its status`, 'PATCH', `${home}/status`, changed),
      ];
    }),
    row("Pod's status", 'PATCH', `${pods}/web/status`, { status: { phase: 'Running' } }),
    row('Pod bound by the scheduler', 'POST', `${pods}/other/binding`, binding('other', zone)),
    row('Pod evicted', 'POST', `${pods}/other/eviction`, eviction('other')),
    row('Pod deleted', 'DELETE', `${pods}/web`),
    row('Deployment annotated', 'PATCH', `${deployments}/web`, annotated),
    row('Deployment scaled', 'PATCH', `${deployments}/web/scale`, { spec: { replicas: 0 } }),
    row('Deployment deleted', 'DELETE', `${deployments}/web`),
    row('NetworkPolicy deleted', 'DELETE', `${policies}/own`),
    row('ConfigMap created', 'POST', `${home}/configmaps`, { metadata: { name: 'new' } }),
    row('Event created', 'POST', `${home}/events`, event(home.slice(home.lastIndexOf('/') + 1))),
    row('namespace annotated', 'PATCH', home, annotated),
  ];
}

const nobody = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: '00000000-0000-4000-8000-000000000000' };

type Labels = Readonly<Record<string, string>>;
type LabelChanges = Readonly<Record<string, string | null>>;

/** The writes of Namespaces, which fail closed by the old object and not by the change. */
export function writesOfNamespaces(prefix: string): readonly DownWrite[] {
  const ways = ['', '/status', '/finalize'].flatMap((way) => {
    const row = (fails: Fails, title: string, kind: string, changes: LabelChanges): DownWrite => {
      const path = `${pathsOf(prefix, kind).home}${way}`;
      const said = `${title}${way === '' ? '' : `, by ${way}`}`;
      return way === '/finalize'
        ? { fails, title: said, method: 'PUT', path, body: (found) => relabelled(found, changes) }
        : { fails, title: said, method: 'PATCH', path, body: { metadata: { labels: changes } } };
    };
    return [
      row('always', 'mode lowered', 'enforcing', { [mode]: 'observe' }),
      row('always', 'mode taken away', 'enforcing', { [mode]: null }),
      row('always', 'mark taken from what enforces', 'enforcing', { [fence]: null }),
      row('always', "mark taken from what is in the cluster's mode", 'fenced', { [fence]: null }),
      row('always', 'mark taken from what observes', 'watched', { [fence]: null }),
      row('always', 'relabelled what enforces', 'enforcing', { tier: 'data' }),
      row('always', 'relabelled what is fenced', 'fenced', { tier: 'data' }),
      row('in enforce', "lowered what is in the cluster's mode", 'plain', { [mode]: 'observe' }),
      row('in enforce', "relabelled what is in the cluster's mode", 'plain', { tier: 'data', [mode]: null }),
      row('never', 'relabelled what observes', 'observing', { note: way.slice(1) }),
      row('never', 'a label that is no identity on what enforces', 'enforcing', { note: way.slice(1) }),
    ];
  });
  const { home: warning } = pathsOf(prefix, 'warning');
  const { home: observing } = pathsOf(prefix, 'observing');
  const observed = { metadata: { labels: { [mode]: 'observe' } } };
  const enforced = { metadata: { labels: { [mode]: 'enforce' } } };
  return [
    ...ways,
    // Neither mode ever refuses.
    { fails: 'never', title: 'warn lowered to observe', method: 'PATCH', path: warning, body: observed },
    { fails: 'never', title: 'raised what observes', method: 'PATCH', path: observing, body: enforced },
    ...['kube-system', 'kube-public', 'default'].flatMap((name) =>
      ['', '/status'].map((way): DownWrite => {
        const body = { metadata: { labels: { team: prefix } } };
        return {
          fails: 'always',
          title: `${name} relabelled${way}`,
          method: 'PATCH',
          path: `${namespacesPath}/${name}${way}`,
          body,
        };
      }),
    ),
    ...[namespace(`${prefix}-new`), namespace(`${prefix}-strict`, { [mode]: 'enforce' })].map(
      (body): DownWrite => ({ fails: 'in enforce', title: 'created', method: 'POST', path: namespacesPath, body }),
    ),
  ];
}

function pathsOf(prefix: string, kind: string) {
  const name = `${prefix}-${kind}`;
  return {
    home: `${namespacesPath}/${name}`,
    pods: `${namespacesPath}/${name}/pods`,
    deployments: `/apis/apps/v1/namespaces/${name}/deployments`,
    policies: `/apis/networking.k8s.io/v1/namespaces/${name}/networkpolicies`,
  };
}

/** Returns a manifest without its namespace, because the path contains it. */
function bare(manifest: Manifest): Manifest {
  const { namespace: _, ...metadata } = manifest['metadata'] as { readonly namespace?: string };
  return { ...manifest, metadata };
}

function relabelled(found: Manifest, changes: LabelChanges): Manifest {
  const metadata = found['metadata'] as { readonly labels?: LabelChanges };
  const labels = Object.entries({ ...metadata.labels, ...changes }).filter(([, value]) => value !== null);
  return { ...found, metadata: { ...metadata, labels: Object.fromEntries(labels) } };
}
