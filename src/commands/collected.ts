import { type Collection, type Collector, createCollector, type Kept, keepObject } from '../audit/collection.ts';
import { ApiError } from '../cluster/api-error.ts';
import type { Cluster } from '../cluster/connection.ts';
import { listAll } from '../cluster/list.ts';
import { namespacesPath, networkPoliciesPath } from '../cluster/resources.ts';
import type { Config } from '../config/config.ts';
import { formatDocumentProblem } from '../documents/document.ts';
import { loadDocuments } from '../documents/load.ts';
import { apiPathOf, apiVersionOf, getKind, workloadKinds } from '../kubernetes/kinds.ts';
import type { RawObject } from '../kubernetes/object-meta.ts';
import { otherPolicyKinds } from '../kubernetes/other-policies.ts';
import { typeOf } from '../kubernetes/pod-templates.ts';
import type { Note } from '../reach/note.ts';
import { listPassedOver } from '../report/text.ts';
import { retry } from '../retry/retry.ts';
import { confirmFences } from './confirmed.ts';
import { discover, type Lister, sayRefusal } from './discovered.ts';
import { listExposures } from './exposures.ts';
import { systemFiles } from './files.ts';
import { addOtherPolicies } from './live.ts';
import { listOtherWorkloads } from './other-workloads.ts';

/** Collects the objects in files. Throws if a file cannot be read. */
export async function collectFiles(
  paths: readonly string[],
  config: Config,
  exclude: readonly string[],
): Promise<Collection> {
  const { documents, problems, passedOver, notes } = await loadDocuments(paths, systemFiles, exclude);
  if (problems.length > 0) throw new Error(problems.map(formatDocumentProblem).join('\n'));
  if (documents.length === 0) throw new Error(`${paths.join(', ')}: there is no Kubernetes object in it`);
  const collector = createCollector(config);
  for (const document of documents) collector.addDocument(document);
  const said = [...(passedOver.size === 0 ? [] : [`passed over in the files: ${listPassedOver(passedOver)}`])];
  collector.addNotes([
    ...said.map((message): Note => ({ id: 'files-passed-over', message, objects: [], overlooked: false })),
    ...notes.map((message): Note => ({ id: 'kustomization', message, objects: [], overlooked: true })),
  ]);
  return collector.take();
}

/** Repeats reads that the API server was too busy for: many may audit at once. */
export function patientCluster(
  cluster: Pick<Cluster, 'request'>,
  { signal } = new AbortController(),
): Pick<Cluster, 'request'> {
  const isPassing = (error: unknown): boolean => error instanceof ApiError && [429, 503, 504].includes(error.code);
  return {
    request: (method, path, call) =>
      method === 'GET'
        ? retry(() => cluster.request(method, path, call), { ...patience, signal, isPassing })
        : cluster.request(method, path, call),
  };
}

/** Five attempts within some ten seconds, and longer where the API server asks for it. */
const patience = { firstMs: 300, longestMs: 5_000, attempts: 5 };

/** Where an audit has the objects of a cluster from. */
export interface ObjectSource {
  /** Passes on every object of a collection. Throws an ApiError if it cannot be listed. */
  each(path: string, type: Parameters<Lister>[1], take: (kept: Kept) => void): Promise<void>;
  /** As `each`, of the objects that a query selects now; absent for objects that are followed. */
  readonly again?: (
    path: string,
    query: Readonly<Record<string, string>>,
    type: Parameters<Lister>[1],
    take: (kept: Kept) => void,
  ) => Promise<void>;
  discover(): ReturnType<typeof discover>;
}

/** The objects of a cluster, listed anew each time. */
export function listedObjects(cluster: Pick<Cluster, 'request'>): ObjectSource {
  const again: NonNullable<ObjectSource['again']> = async (path, query, type, take) => {
    await listAll(cluster, path, { query }, (raw) => take(keepItem(raw, type)));
  };
  return { each: (path, type, take) => again(path, {}, type, take), again, discover: () => discover(cluster) };
}

/** Keeps an item of a list, which does not contain its apiVersion and kind. */
export function keepItem(raw: RawObject, type: Parameters<Lister>[1]): Kept {
  return keepObject({ ...raw, ...type });
}

/** Collects what lives in a cluster. RBAC must allow what {@link auditCluster} needs. */
export async function collectCluster(
  cluster: Pick<Cluster, 'request'>,
  config: Config,
  now: () => number,
  progress: (what: string) => void,
): Promise<Collection> {
  return collectFrom(listedObjects(cluster), config, now, progress);
}

/**
 * Collects what lives in a cluster from a source. `now` is the time of the API server, in
 * milliseconds since 1970.
 */
export async function collectFrom(
  source: ObjectSource,
  config: Config,
  now: () => number,
  progress: (what: string) => void,
): Promise<Collection> {
  const collector = createCollector(config);
  const listTo = async (take: (kept: Kept) => void, ...[path, type]: Parameters<Lister>): Promise<number> => {
    let count = 0;
    const what = path.slice(path.lastIndexOf('/') + 1);
    progress(what);
    try {
      await source.each(path, type, (kept) => {
        count += 1;
        if (count % 500 === 0) progress(`${what}: ${count}`);
        take(kept);
      });
    } catch (error) {
      // Who catches this says what it means. What is not served has no objects.
      if (!(error instanceof ApiError) || error.code !== 404) collector.addUnread(typeOf(type));
      throw error;
    }
    return count;
  };
  const list: Lister = (path, type) => listTo(collector.add, path, type);
  const [namespaces, policies, pods] = needed;
  const listed = { namespaces: [] as Kept[], policies: [] as Kept[] };
  await listTo((kept) => listed.namespaces.push(kept), ...namespaces);
  await listTo((kept) => listed.policies.push(kept), ...policies);
  const { again } = source;
  const fences =
    again === undefined
      ? listed
      : await confirmFences(listed, {
          config,
          now: now(),
          read: (path, query, take) => again(path, query, (path === namespacesPath ? namespaces : policies)[1], take),
        });
  for (const kept of [...fences.namespaces, ...fences.policies]) collector.add(kept);
  await list(...pods);
  for (const name of workloadKinds) {
    const kind = getKind(name);
    const type = { apiVersion: apiVersionOf(kind), kind: name };
    await listIfAllowed(list, collector, `${apiPathOf(kind)}/${kind.resource}`, type);
  }
  const served = await source.discover();
  addUndiscovered(served, config, collector);
  collector.addNotes(await listOtherWorkloads(served, config.workloads, list, sayUnaudited));
  collector.addNotes(await addOtherPolicies(served, collector, list));
  progress('services, ingresses and routes');
  collector.addNotes(await listExposures(list));
  for (const [path, type] of callers) await listIfAllowed(list, collector, path, type);
  return collector.take();
}

/** Marks the kinds of which it is not known whether they are served. */
function addUndiscovered(
  served: Awaited<ReturnType<typeof discover>>,
  { workloads }: Pick<Config, 'workloads'>,
  collector: Pick<Collector, 'addUnread'>,
): void {
  const isUnknown = ({ group }: { readonly group: string }) => 'problem' in served || served.stale.includes(group);
  for (const { group, kind } of [...otherPolicyKinds, ...workloads].filter(isUnknown))
    collector.addUnread({ group, kind });
}

/** Without these there is no audit. */
export const needed = [
  [namespacesPath, { apiVersion: 'v1', kind: 'Namespace' }],
  [networkPoliciesPath, { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' }],
  ['/api/v1/pods', { apiVersion: 'v1', kind: 'Pod' }],
] as const;

const admission = 'admissionregistration.k8s.io/v1';

/** What makes the API server call a Service, and the addresses from which it does. */
const callers = [
  [
    `/apis/${admission}/validatingwebhookconfigurations`,
    { apiVersion: admission, kind: 'ValidatingWebhookConfiguration' },
  ],
  [`/apis/${admission}/mutatingwebhookconfigurations`, { apiVersion: admission, kind: 'MutatingWebhookConfiguration' }],
  [
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
  ],
  ['/apis/apiregistration.k8s.io/v1/apiservices', { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService' }],
  [
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
  ],
] as const;

/**
 * Lists a collection. One that may not be listed becomes a note, and one that is not served is left
 * out.
 */
async function listIfAllowed(
  list: Lister,
  collector: Pick<Collector, 'addNotes'>,
  path: string,
  type: Parameters<Lister>[1],
): Promise<void> {
  try {
    await list(path, type);
  } catch (error) {
    if (!(error instanceof ApiError) || (error.code !== 403 && error.code !== 404)) throw error;
    if (error.code === 404) return;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const message = sayUnaudited(name, sayRefusal(error, name));
    collector.addNotes([{ id: 'kind-not-listed', message, objects: [name], overlooked: true }]);
  }
}

function sayUnaudited(name: string, why: string): string {
  return `${name} are not in the audit: ${why}`;
}
