// A cluster without a problem, as facts. Tests change one of them.
import { desiredConfigurations } from '../../src/admission/webhooks.ts';
import { desiredBaseline } from '../../src/baseline/desired.ts';
import { readNamespace } from '../../src/baseline/namespace.ts';
import { asOf } from '../../src/baseline/trial.ts';
import { mergeConfig } from '../../src/config/merge.ts';
import type { ConfigFile } from '../../src/config/schema.ts';
import { examinations } from '../../src/doctor/examinations.ts';
import type { DaemonSet, FactName, Facts, FactValues, PodFact } from '../../src/doctor/facts.ts';
import type { Answer, Line } from '../../src/doctor/line.ts';
import { byReach, completeConfiguration, withAnnotations } from '../../src/installation/webhook-configuration.ts';
import { createAuthority, issueCertificate } from '../../src/tls/authority.ts';

export const now = Date.now();
const hourMs = 3_600_000;
const ownNamespace = 'ringfence-system';
export const address = `https://ringfence.${ownNamespace}.svc:443`;
const service = { namespace: ownNamespace, name: 'ringfence', port: 443 };
const release = '0.1.0';

const authority = await createAuthority({ at: now, lifetimeMs: 365 * 24 * hourMs });
export const otherAuthority = await createAuthority({ at: now, lifetimeMs: 365 * 24 * hourMs });
/** The serving certificate, valid for ninety days. */
export const leaf = await issueCertificate(authority, {
  at: now,
  lifetimeMs: 90 * 24 * hourMs,
  names: { dnsNames: [`ringfence.${ownNamespace}.svc`], ipAddresses: [] },
});

export function configOf(file: Partial<ConfigFile> = {}) {
  return mergeConfig(file, { ownNamespace, version: '7' });
}

/** Both webhook configurations as the keeper writes them. */
export function webhooksOf(config = configOf(), { isReached = true, by = release, caBundle = authority.cert } = {}) {
  const { validating, mutating } = desiredConfigurations(config, { service }, 'system:serviceaccount:x:y');
  const write = (one: typeof validating | typeof mutating): unknown =>
    withAnnotations(byReach(completeConfiguration(one, { caBundle, owners: [] }), { address, isReached }), {
      'ringfence.dev/release': by,
    });
  return { validating: write(validating), mutating: write(mutating) };
}

export function daemonSet(name: string, change: Partial<DaemonSet> = {}): DaemonSet {
  return { namespace: 'kube-system', name, containers: [], desired: 3, ready: 3, ...change };
}

export function container(name: string, image: string, args: readonly string[] = [], env: Record<string, string> = {}) {
  return { name, image, args, env: new Map(Object.entries(env)) };
}

export function pod(
  namespace: string,
  name: string,
  labels: Record<string, string> = {},
  change: Partial<PodFact> = {},
) {
  return { namespace, name, labels: new Map(Object.entries(labels)), hostNetwork: false, hostPorts: [], ...change };
}

/** A namespace as the doctor sees it now. */
export function namespace(name: string, labels: Record<string, string> = {}, annotations: Record<string, string> = {}) {
  return asOf(readNamespace({ metadata: { name, labels, annotations } }), now);
}

export const replica: FactValues['replicas'][number] = {
  name: 'ringfence-1',
  image: 'registry.example/ringfence:0.1.0',
  ready: true,
  readyz: { value: { status: 'ready', webhooksReached: true, webhooksKept: true } },
  release: { value: release },
};

/** The baseline of a namespace without identity labels, as the reconciler makes it. */
export function baselineOf(name: string): FactValues['baselines'] {
  return desiredBaseline({ name, labels: new Map() }, configOf()) as unknown as FactValues['baselines'];
}

const healthy: FactValues = {
  version: { major: 1, minor: 36, git: 'v1.36.3' },
  config: configOf(),
  configProblems: [],
  namespaces: [
    ...['kube-system', 'ringfence-system', 'monitoring', 'ingress-nginx'].map((name) => namespace(name)),
    namespace('shop', { 'ringfence.dev/fence': 'true' }),
  ],
  k3sArguments: [],
  daemonSets: [daemonSet('cilium', { containers: [container('cilium-agent', 'quay.io/cilium/cilium:v1.20.2')] })],
  ciliumConfig: new Map([
    ['policy-audit-mode', 'false'],
    ['policy-cidr-match-mode', 'nodes'],
  ]),
  vpcCniConfig: undefined,
  dnsServices: [
    { namespace: 'kube-system', name: 'kube-dns', selector: new Map([['k8s-app', 'kube-dns']]), podPorts: [53] },
  ],
  pods: [
    pod('kube-system', 'coredns-1', { 'k8s-app': 'kube-dns' }),
    pod('monitoring', 'prometheus-0'),
    pod('ingress-nginx', 'controller-1'),
    pod('shop', 'web-1', { env: 'prod', tier: 'web', team: 'shop' }),
  ],
  served: { resources: [], stale: [] },
  baselines: baselineOf('shop'),
  otherPolicies: [],
  webhooks: webhooksOf(),
  replicas: [replica],
  certificate: { address, host: `ringfence.${ownNamespace}.svc`, chain: leaf.cert },
};

/** A change of the facts: other values, or a fact that could not be read. */
export interface Change {
  readonly values?: Partial<FactValues>;
  readonly unread?: readonly FactName[];
  readonly at?: number;
}

export const unread = { problem: 'RBAC does not allow you to see it', remedy: 'Get the right.' };

export function factsOf({ values = {}, unread: names = [], at = now }: Change = {}): Facts {
  const readings = Object.entries({ ...healthy, ...values }).map(([name, value]) => [
    name,
    names.includes(name as FactName) ? unread : { value },
  ]);
  return { ...(Object.fromEntries(readings) as Facts), now: at, ownNamespace, release };
}

/** The lines of one examination. */
export function linesOf(id: string, change: Change = {}): readonly Line[] {
  const found = examinations.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no examination ${id}`);
  return found.run(factsOf(change));
}

export type Expected = readonly [status: Answer['status'], found: string | RegExp];

/** The examination, its title, the change, and the lines. */
export type Row = readonly [id: string, title: string, change: Change, lines: readonly Expected[]];

export const dayMs = 86_400_000;

/** A change of the values of some facts. */
export function values(changed: Partial<FactValues>): Change {
  return { values: changed };
}

/** An exception from `host-network` in shop, in the form of the configuration. */
export function exception(until: string) {
  return {
    name: 'node-exporter',
    checks: ['host-network'],
    namespace: 'shop',
    workloads: [{ kind: 'DaemonSet', name: 'node-exporter' }],
    reason: 'it reads the node',
    until,
  } as const;
}

export function dateAfter(days: number): string {
  return new Date(now + days * dayMs).toISOString().slice(0, 10);
}
