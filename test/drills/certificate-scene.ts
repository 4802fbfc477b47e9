// Two replicas behind one address, and the certificates in the API server, in the Secret and in
// each replica.
import type { X509Certificate } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { reachEntryName } from '../../src/admission/reach.ts';
import { ApiError } from '../../src/cluster/api-error.ts';
import { type Cluster, connect } from '../../src/cluster/connection.ts';
import { namespacesPath } from '../../src/cluster/resources.ts';
import { type SecretText, secrets } from '../../src/cluster/secrets.ts';
import { bundlesOf } from '../../src/installation/webhook-configuration.ts';
import { isSame, readCertificates } from '../../src/tls/certificate.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { type Balancer, startBalancer } from '../e2e/balancer.ts';
import { createNamespace } from '../e2e/burst.ts';
import { applyManifests, eventually, openInstallation, ownNamespace, type Replica } from '../e2e/installation.ts';
import { failedCalls } from '../e2e/traffic.ts';
import { servedBy } from './certificate-sample.ts';
import { type Failure, type Load, startLoad } from './load.ts';
import { record } from './record.ts';

const secretName = 'ringfence-tls';
const secretPath = `${namespacesPath}/${ownNamespace}/secrets/${secretName}`;
const webhooksPath = '/apis/admissionregistration.k8s.io/v1';
export const configurationPaths = ['mutating', 'validating'].map(
  (kind) => `${webhooksPath}/${kind}webhookconfigurations/ringfence`,
);

/** The certificates of the replicas, the Secret and the API server. */
export interface CertificateScene {
  readonly cluster: Cluster;
  /** The authorities of each entry of both webhook configurations (PEM). */
  liveBundles(): Promise<readonly string[]>;
  /** The authorities that every entry carries. */
  trusted(): Promise<readonly X509Certificate[]>;
  readSecret(): Promise<SecretText | undefined>;
  /** Puts other data into the Secret, as a person or a tool would. */
  spoilSecret(data: Readonly<Record<string, string>>): Promise<void>;
  deleteSecret(): Promise<void>;
}

/**
 * Applies the manifests, an old namespace with labels and one without. Call it once for each
 * control plane.
 */
export async function prepare(controlPlane: ControlPlane): Promise<void> {
  const cluster = connect({ kubeconfig: controlPlane.adminKubeconfig });
  await createNamespace(cluster, 'labelled');
  await cluster.request('POST', namespacesPath, { body: { metadata: { name: 'legacy' } } });
  await cluster.close();
  await applyManifests(controlPlane, 'enforce');
}

export function openScene(
  controlPlane: ControlPlane,
  onEnd: (end: () => Promise<void>) => void = onTestFinished,
): CertificateScene {
  const cluster = connect({ kubeconfig: controlPlane.adminKubeconfig });
  onEnd(() => cluster.close());
  const store = secrets(cluster);
  async function liveBundles(): Promise<readonly string[]> {
    const live = await Promise.all(configurationPaths.map((path) => cluster.request('GET', path)));
    return live.flatMap(bundlesOf);
  }
  return {
    cluster,
    liveBundles,
    async trusted() {
      const [first = [], ...others] = (await liveBundles()).map(readCertificates);
      return first.filter((one) => others.every((bundle) => bundle.some((other) => isSame(one, other))));
    },
    readSecret: () => store.get(ownNamespace, secretName),
    async spoilSecret(data) {
      for (;;) {
        const secret = await store.get(ownNamespace, secretName);
        if (secret === undefined) throw new Error('there is no Secret to spoil');
        const isDone = await store.replace({ ...secret, data }).then(() => true, isConflict);
        if (isDone) return;
      }
    },
    async deleteSecret() {
      await cluster.request('DELETE', secretPath).catch((error: unknown) => {
        if (!(error instanceof ApiError) || error.code !== 404) throw error;
      });
    },
  };
}

/** The options with which a replica starts. */
export interface Start {
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Removes every right of the replicas on Secrets. The returned function restores them. */
export async function takeRights(cluster: Cluster): Promise<() => Promise<void>> {
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${ownNamespace}/roles/ringfence`;
  const { rules } = await cluster.request<{ rules: readonly { readonly resources: readonly string[] }[] }>('GET', path);
  const put = async (value: readonly unknown[]): Promise<void> => {
    const contentType = 'application/merge-patch+json';
    await cluster.request('PATCH', path, { contentType, body: { rules: value } });
  };
  await put(rules.filter(({ resources }) => !resources.includes('secrets')));
  return () => put(rules);
}

/** Two replicas, and the address that the API server calls. */
export interface Replicas {
  readonly balancer: Balancer;
  readonly replicas: readonly [Replica, Replica];
}

/**
 * Starts two replicas behind one address. `onEnd` receives the function that ends them; by default
 * they end with the test.
 */
export async function startReplicas(
  controlPlane: ControlPlane,
  starts: readonly [Start, Start],
  onEnd: (end: () => Promise<void>) => void = onTestFinished,
): Promise<Replicas> {
  const installation = await openInstallation(controlPlane);
  onEnd(() => installation.end());
  const balancer = await startBalancer();
  onEnd(() => balancer.close());
  const start = async (options: Start): Promise<Replica> => {
    const replica = await installation.start({ webhookUrl: balancer.url, ...options });
    balancer.add(replica.url);
    return replica;
  };
  const replicas = [await start(starts[0]), await start(starts[1])] as const;
  await Promise.all(replicas.map((replica) => replica.untilReady()));
  return { balancer, replicas };
}

/** Waits until every replica serves the certificate of a file. */
export async function untilServed(replicas: readonly Replica[], cert: string): Promise<void> {
  const [wanted] = readCertificates(cert);
  if (wanted === undefined) throw new Error('no certificate to wait for');
  for (const replica of replicas)
    await eventually(
      `${replica.url} to serve with another certificate`,
      async () => isSame(await servedBy(replica), wanted),
      60_000,
    );
}

/** A running drill, in which everybody writes. */
export interface Drill {
  readonly load: Load;
  /**
   * Ends the writes and records the drill. Resolves to the lists that must be empty: right writes
   * that failed, wrong writes that were admitted, and calls that the API server counts as failed.
   */
  end(facts?: {
    readonly remark?: string;
    readonly recoveryMs?: number;
    /** Whether a failure is part of the drill. */
    readonly isExpected?: (failure: Failure) => boolean;
  }): Promise<{
    readonly reasons: readonly string[];
    readonly admitted: readonly string[];
    readonly failedCalls: readonly string[];
  }>;
}

export const nothing = { reasons: [], admitted: [], failedCalls: [] };

/**
 * Begins to write, and waits for the writes of a second, so that everything works before something
 * breaks.
 */
export async function startDrill(
  drill: string,
  {
    controlPlane,
    scene,
    balancer,
  }: { readonly controlPlane: ControlPlane; readonly scene: CertificateScene; readonly balancer: Balancer },
): Promise<Drill> {
  drills += 1;
  const failedBefore = await failedCalls(controlPlane);
  const load = startLoad(`drill-${drills}`, scene.cluster, balancer);
  onTestFinished(() => load.stop());
  await load.untilWritten(20);
  return {
    load,
    async end({ remark, recoveryMs, isExpected = () => false } = {}) {
      await load.stop();
      const reasons = load
        .failures()
        .filter((failure) => !isExpected(failure))
        .map(({ reason }) => reason);
      const counts = `${load.handshakes()} handshakes, ${load.refused()} wrong writes refused`;
      record({
        part: 'certificates',
        drill,
        writes: load.written(),
        failed: reasons.length,
        wrong: load.admitted().length,
        ...(recoveryMs === undefined ? {} : { recoveryMs }),
        remark: remark === undefined ? counts : `${remark}; ${counts}`,
      });
      // The proof of reach is a call of Ringfence's own, which it repeats until it succeeds.
      const failedSince = (await failedCalls(controlPlane)).filter(
        (line) => !failedBefore.includes(line) && !line.includes(`name="${reachEntryName}"`),
      );
      const said = failedSince.length === 0 ? [] : complaintsIn(controlPlane.readLog('kube-apiserver'));
      return { reasons, admitted: load.admitted(), failedCalls: [...failedSince, ...said] };
    },
  };
}

let drills = 0;

/** The last of what an API server says about calls of webhooks that failed. */
function complaintsIn(log: string): readonly string[] {
  return log
    .split('\n')
    .filter((line) => line.toLowerCase().includes('failed calling webhook'))
    .slice(-5);
}

function isConflict(error: unknown): boolean {
  if (error instanceof ApiError && error.code === 409) return false;
  throw error;
}
