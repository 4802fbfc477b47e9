import { baselineParts } from '../baseline/desired.ts';
import { reservedNames } from '../baseline/names.ts';
import { readNamespace } from '../baseline/namespace.ts';
import { asOf } from '../baseline/trial.ts';
import { dnsPodPorts, dnsServiceNames } from '../kubernetes/dns-service.ts';
import type { RawObject } from '../kubernetes/object-meta.ts';
import { listAt, own, recordOf, textAt, valueAt } from '../kubernetes/raw-object.ts';
import { readDaemonSet, readLabelMap, readPod, readTexts } from './digest.ts';
import { otherKindsServed, readServed } from './discovery.ts';
import type { DnsService, Facts, OtherPolicies, Replica } from './facts.ts';
import { valueIn } from './facts.ts';
import { lookTwice, readBaselines } from './fences.ts';
import { findCilium } from './network-plugin.ts';
import type { DoctorPorts } from './ports.ts';
import { type Reads, reads } from './reads.ts';
import { addressIn } from './webhooks.ts';

/** What a run is about. */
export interface DoctorOptions {
  readonly ownNamespace: string;
  /** The version of this command. */
  readonly release: string;
  /** Returns milliseconds since 1970. It is asked after the first answer of the API server. */
  readonly now: () => number;
}

/**
 * Reads a cluster once, for all examinations. What cannot be read is part of the facts. Rejects
 * only where the API server does not answer at all.
 */
export async function readFacts(
  ports: DoctorPorts,
  { ownNamespace, release, now: clock }: DoctorOptions,
): Promise<Facts> {
  const { reading, collected } = reads(ports);
  // Everybody may read this: without an answer there is no cluster to look at.
  const version = await reading('version', async () => readVersion(await ports.get('/version')));
  if ('problem' in version && (version.code === 0 || version.code === 401)) throw new Error(version.problem);
  const now = clock();

  const asked = reading('config', () => ports.config());
  const [namespaceList, daemonSets, pods, baselineList, served, config, dnsServices, vpcCniConfig, webhooks] =
    await Promise.all([
      collected('namespaces', '/api/v1/namespaces', (raw) => asOf(readNamespace(raw), now)),
      collected('daemonSets', '/apis/apps/v1/daemonsets', readDaemonSet),
      collected('pods', '/api/v1/pods', readPod),
      // The configuration says which names the baseline has.
      asked.then((answer) => reading('baselines', () => readBaselines(ports, namesIn(valueIn(answer))))),
      reading('served', () => readServed(ports)),
      asked,
      reading('dnsServices', () => readDnsServices(ports)),
      reading('vpcCniConfig', () => readConfigMap(ports, 'kube-system', 'amazon-vpc-cni')),
      reading('webhooks', () => readWebhooks(ports)),
    ]);

  const told = valueIn(config);
  const usable = told === undefined || 'problems' in told ? undefined : told.config;
  const { namespaces, baselines } = await lookTwice(namespaceList, baselineList, usable, { ports, reading, now });

  const git = valueIn(version)?.git ?? '';
  const cilium = findCilium(valueIn(daemonSets) ?? []);
  const address = addressIn(valueIn(webhooks)?.validating);
  const [ciliumConfig, k3sArguments, otherPolicies, replicas, certificate] = await Promise.all([
    // Without Cilium nobody needs the right to read its settings.
    cilium === undefined && 'value' in daemonSets
      ? { value: undefined }
      : reading('ciliumConfig', () => readConfigMap(ports, cilium?.namespace ?? 'kube-system', 'cilium-config')),
    git.includes('+k3s')
      ? collected('k3sArguments', '/api/v1/nodes', ({ metadata }) => ({
          args: readTexts(metadata.annotations?.['k3s.io/node-args']),
        }))
      : { value: [] },
    'value' in served ? { value: await readOtherPolicies(served.value, { collected }) } : served,
    reading('replicas', () => readReplicas(ports, ownNamespace, reading)),
    address === undefined
      ? { problem: 'the webhook configurations name no address', remedy: 'See webhook-reach.' }
      : reading('certificate', () => ports.dial(address)),
  ]);

  const unusable = told !== undefined && 'problems' in told ? told.problems : [];
  return {
    now,
    ownNamespace,
    release,
    version,
    namespaces,
    daemonSets,
    pods,
    baselines,
    served,
    dnsServices,
    vpcCniConfig,
    webhooks,
    ciliumConfig,
    k3sArguments,
    otherPolicies,
    replicas,
    certificate,
    configProblems: 'value' in config ? { value: unusable } : config,
    config:
      told === undefined || 'problems' in told
        ? 'value' in config
          ? {
              problem: `the configuration cannot be used: ${unusable[0] ?? ''}`,
              remedy: 'See the examination configuration.',
            }
          : config
        : { value: told.config },
  };
}

function readVersion(answer: unknown): { readonly major: number; readonly minor: number; readonly git: string } {
  // Clouds write the minor version with a plus: "34+".
  const [major, minor] = ['major', 'minor'].map((key) => Number.parseInt(textAt(answer, key) ?? '', 10));
  const git = textAt(answer, 'gitVersion');
  if (major === undefined || minor === undefined || Number.isNaN(major + minor) || git === undefined)
    throw new Error('GET /version: the answer has no version');
  return { major, minor, git };
}

async function readConfigMap(
  ports: DoctorPorts,
  namespace: string,
  name: string,
): Promise<ReadonlyMap<string, string> | undefined> {
  const found = await ports.get(`/api/v1/namespaces/${namespace}/configmaps/${name}`).catch(undefinedIfNone);
  return found === undefined ? undefined : readLabelMap(own(found, 'data'));
}

function namesIn(told: Awaited<ReturnType<DoctorPorts['config']>> | undefined): readonly string[] {
  const config = told === undefined || 'problems' in told ? undefined : told.config;
  return config === undefined ? reservedNames : baselineParts(config).map(({ name }) => name);
}

async function readWebhooks(ports: DoctorPorts) {
  const api = '/apis/admissionregistration.k8s.io/v1';
  const [validating, mutating] = await Promise.all(
    ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'].map((resource) =>
      ports.get(`${api}/${resource}/ringfence`).catch(undefinedIfNone),
    ),
  );
  return { validating, mutating };
}

/** The Services that kubeadm and its followers, RKE2 and OpenShift make for DNS. */
async function readDnsServices(ports: DoctorPorts): Promise<readonly DnsService[]> {
  const found = await Promise.all(
    dnsServiceNames.map(async ([namespace, name]) => {
      const service = await ports.get(`/api/v1/namespaces/${namespace}/services/${name}`).catch(undefinedIfNone);
      if (service === undefined) return [];
      const found: RawObject[] = [];
      const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
      await ports.list(slices, { labelSelector: `kubernetes.io/service-name=${name}` }, (slice) => found.push(slice));
      const podPorts = dnsPodPorts(service, found);
      return [{ namespace, name, selector: readLabelMap(valueAt(service, 'spec', 'selector')), podPorts }];
    }),
  );
  return found.flat();
}

async function readOtherPolicies(
  served: Parameters<typeof otherKindsServed>[0],
  { collected }: Pick<Reads, 'collected'>,
): Promise<readonly OtherPolicies[]> {
  const kinds: OtherPolicies[] = [];
  // One after the other: some kinds have thousands of objects.
  for (const { kind, version } of otherKindsServed(served)) {
    const objects = await collected(
      'otherPolicies',
      `/apis/${kind.group}/${version}/${kind.resource}`,
      ({ metadata, ...raw }) => ({
        namespace: metadata.namespace ?? '',
        name: metadata.name ?? '',
        tier: textAt(raw, 'spec', 'tier') ?? '',
      }),
      `${kind.resource}.${kind.group}`,
    );
    kinds.push({ kind, version, objects });
  }
  return kinds;
}

async function readReplicas(
  ports: DoctorPorts,
  namespace: string,
  reading: Reads['reading'],
): Promise<readonly Replica[]> {
  const found: RawObject[] = [];
  const api = `/api/v1/namespaces/${namespace}/pods`;
  await ports.list(api, { labelSelector: 'app.kubernetes.io/name=ringfence' }, (raw) => found.push(raw));
  return Promise.all(
    found
      .filter((raw) => raw.metadata.deletionTimestamp === undefined)
      .map(async (raw) => {
        const name = raw.metadata.name ?? '';
        const [container] = listAt(raw, 'spec', 'containers');
        const ready = listAt(raw, 'status', 'conditions').some(
          (one) => textAt(one, 'type') === 'Ready' && textAt(one, 'status') === 'True',
        );
        const [admin, webhook] = [portOf(container, 'admin', 8081), portOf(container, 'webhook', 8443)];
        const [readyz, release] =
          textAt(raw, 'status', 'podIP') === undefined
            ? [notRunning, notRunning]
            : await Promise.all([
                reading('readyz', () => ports.get(`${api}/${name}:${admin}/proxy/readyz`)),
                reading('release', async () =>
                  releaseIn(await ports.get(`${api}/https:${name}:${webhook}/proxy/reachable`)),
                ),
              ]);
        return { name, image: textAt(container, 'image') ?? '', ready, readyz, release };
      }),
  );
}

const notRunning = { problem: 'the Pod does not run', remedy: 'See the examination replicas.' };

function portOf(container: unknown, name: string, usual: number): number {
  const port = valueAt(
    listAt(container, 'ports').find((one) => textAt(one, 'name') === name),
    'containerPort',
  );
  return typeof port === 'number' ? port : usual;
}

function releaseIn(answer: unknown): string {
  return textAt(recordOf(answer), 'release') ?? 'unknown';
}

function undefinedIfNone(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 404) return undefined;
  throw error;
}
