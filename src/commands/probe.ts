import { randomBytes } from 'node:crypto';
import process from 'node:process';
import type { Cluster } from '../cluster/connection.ts';
import { listAll } from '../cluster/list.ts';
import { objects } from '../cluster/objects.ts';
import { ownAccess } from '../cluster/reviews.ts';
import type { Line } from '../doctor/line.ts';
import { type ProbePorts, probe } from '../doctor/probe.ts';
import { probeLabel, probeObjects } from '../doctor/probe-objects.ts';
import { readLabels } from '../kubernetes/labels.ts';
import type { RawObject } from '../kubernetes/object-meta.ts';
import { listAt, textAt } from '../kubernetes/raw-object.ts';
import { apiCode } from '../retry/answer.ts';
import { systemClock } from '../retry/clock.ts';
import { printable } from './output.ts';
import { type Person, readConfig } from './person.ts';

/** The arguments of `ringfence doctor --probe`. */
export interface ProbeArguments {
  readonly probe: string;
  readonly probeImage?: string;
  readonly timeout: number;
  readonly yes?: boolean;
  readonly config?: string;
  readonly ringfenceNamespace: string;
}

/** The line of a probe, and whether all of its objects are gone. */
export interface Probed {
  readonly line: Line;
  readonly isCleanedUp: boolean;
}

/**
 * Probes a namespace after the user agrees. Throws an Error with a sentence for the user if the
 * probe does not begin.
 */
export async function probeNamespace(cluster: Cluster, options: ProbeArguments, person: Person): Promise<Probed> {
  const { probe: name, yes } = options;
  const tell = (line: string): void => console.error(printable(line));
  const namespace = await objects(cluster).get({ api: '/api/v1', resource: 'namespaces', name });
  if (namespace === undefined) throw new Error(`there is no namespace ${name}`);
  const plan = {
    id: randomBytes(4).toString('hex'),
    namespace: name,
    labels: readLabels(namespace).labels,
    config: await readConfig(cluster, options),
    ...(await imageOf(cluster, options)),
  };
  await requireRights(cluster, name);
  tell(
    [
      `To probe namespace ${name}:`,
      `  create  Pod ${name}/ringfence-probe-listener-${plan.id}: image ${plan.image}`,
      `  create  Pod ${name}/ringfence-probe-caller-${plan.id}: connects to it`,
      `  create  NetworkPolicies ${name}/ringfence-probe-allow-${plan.id} and -deny-${plan.id}, which select only these Pods`,
      'All of them are deleted at the end, within some seconds to two minutes.',
    ].join('\n'),
  );
  if (yes !== true && !(await person.ask('Go on? [y/N] '))) throw new Error('nothing was changed');

  const stop = new AbortController();
  const giveUp = new AbortController();
  // The clean-up takes minutes if the API server does not answer, so a person may end it.
  const onSignal = (): void => {
    if (stop.signal.aborted) giveUp.abort(new Error('you stopped it'));
    else tell('deleting what the probe has made; press Ctrl-C again to leave it there');
    stop.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  try {
    const wanted = { namespace, startMs: options.timeout * 1000, signal: stop.signal };
    const ports = probePorts(cluster, { namespace: name, progress: tell, signal: giveUp.signal });
    const { line, left } = await probe(probeObjects(plan), wanted, ports);
    for (const one of left) tell(`ringfence: not deleted: ${one}`);
    if (left.length > 0)
      tell(`Delete them yourself: kubectl delete pod,networkpolicy -n ${name} -l ${probeLabel}=${plan.id}`);
    return { line, isCleanedUp: left.length === 0 };
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, onSignal);
  }
}

/** The image of the installed Ringfence has Node, and the nodes can pull it. */
async function imageOf(
  cluster: Cluster,
  { probeImage, ringfenceNamespace }: ProbeArguments,
): Promise<{ readonly image: string; readonly node: string; readonly user: number | undefined }> {
  // Images of Node run as root unless they are told otherwise.
  if (probeImage !== undefined) return { image: probeImage, node: 'node', user: 65_532 };
  const deployment = await objects(cluster).get({
    api: '/apis/apps/v1',
    resource: 'deployments',
    namespace: ringfenceNamespace,
    name: 'ringfence',
  });
  const [container] = listAt(deployment, 'spec', 'template', 'spec', 'containers');
  const image = textAt(container, 'image');
  if (image === undefined)
    throw new Error(
      `there is no Deployment ringfence in ${ringfenceNamespace}, whose image would be used; name one with Node: --probe-image node:24-alpine`,
    );
  // The same user and group as in the Dockerfile. OpenShift gives each namespace its own users.
  return { image, node: '/nodejs/bin/node', user: undefined };
}

/** What a probe does, so that it does not end half-way. */
const rights = [
  ['create', '', 'pods'],
  ['get', '', 'pods'],
  ['delete', '', 'pods'],
  ['get', '', 'pods/log'],
  ['list', 'networking.k8s.io', 'networkpolicies'],
  ['create', 'networking.k8s.io', 'networkpolicies'],
  ['delete', 'networking.k8s.io', 'networkpolicies'],
] as const;

async function requireRights(cluster: Cluster, namespace: string): Promise<void> {
  const { isAllowed } = ownAccess(cluster);
  const missing: string[] = [];
  for (const [verb, group, resource] of rights)
    if (!(await isAllowed({ verb, group, resource, namespace })))
      missing.push(`  ${verb} ${resource}${group === '' ? '' : `.${group}`} in namespace ${namespace}`);
  if (missing.length > 0)
    throw new Error(['nothing was changed, because RBAC does not allow you to do all of it:', ...missing].join('\n'));
}

/** What a probe does in a namespace of a cluster. The signal ends every call, also the clean-up. */
export function probePorts(
  cluster: Pick<Cluster, 'request'>,
  {
    namespace,
    progress,
    signal,
  }: { readonly namespace: string; readonly progress: ProbePorts['progress']; readonly signal: AbortSignal },
): ProbePorts {
  const collection = ({ kind }: RawObject): string =>
    kind === 'Pod'
      ? `/api/v1/namespaces/${namespace}/pods`
      : `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
  const path = (object: RawObject): string => `${collection(object)}/${object.metadata.name ?? ''}`;
  // What was made without an answer is deleted by its name, which nobody else has. An earlier
  // object of that name had another uid.
  const uids = new Map<string, string>();
  return {
    progress,
    clock: systemClock,
    async create(object) {
      uids.delete(path(object));
      const options = { body: object, timeoutMs: writeMs, signal };
      const made = await cluster.request<RawObject>('POST', collection(object), options);
      if (made.metadata.uid !== undefined) uids.set(path(object), made.metadata.uid);
    },
    read: (object) => cluster.request('GET', path(object), { timeoutMs: writeMs, signal }),
    async policies() {
      const found: RawObject[] = [];
      await listAll(cluster, `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`, { signal }, (raw) =>
        found.push(raw),
      );
      return found;
    },
    async remove(object) {
      const uid = uids.get(path(object));
      const preconditions = uid === undefined ? {} : { uid };
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions };
      const options = { body, timeoutMs: writeMs, repeatable: true, signal };
      await cluster.request('DELETE', path(object), options).catch((error: unknown) => {
        if (apiCode(error) !== 404) throw error;
      });
      uids.delete(path(object));
    },
    // Each line is JSON, and so the whole answer is.
    lastLine: (pod) =>
      cluster.request('GET', `${path(pod)}/log`, { query: { tailLines: '1' }, signal }).catch((error: unknown) => {
        // Nothing is printed yet, or the kubelet does not know the container yet.
        if ([0, 400].includes(apiCode(error) ?? -1)) return undefined;
        throw error;
      }),
  };
}

/** Longer than a webhook may take (admissionregistration.k8s.io/v1: 30 s). */
const writeMs = 35_000;
