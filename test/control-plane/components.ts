// What each component is told on its command line. Pure; the flags are those of etcd 3.6 and
// Kubernetes 1.36.
import { join } from 'node:path';

/** A user that the API server knows by a static token (`--token-auth-file`). */
export interface User {
  readonly name: string;
  readonly groups?: readonly string[];
}

export interface Ports {
  readonly apiServer: number;
  readonly etcdClient: number;
  readonly etcdPeer: number;
}

/** Where the parts of one control plane are, all inside its folder. */
export interface Places {
  readonly folder: string;
  readonly tokens: string;
  readonly serviceAccountKey: string;
  readonly serviceAccountPublicKey: string;
  readonly auditPolicy: string;
  readonly auditLog: string;
  /** The API server's own self-signed certificate and its CA, made at its first start. */
  readonly apiServerCertificate: string;
}

export interface ApiServerOptions {
  /**
   * By their names in kube-apiserver, e.g. `ServiceAccount` to let Pods in before the default
   * service account exists.
   */
  readonly disableAdmissionPlugins?: readonly string[];
  /** Records every call (see audit-log.ts). Off unless asked for: it costs time. */
  readonly auditLog?: boolean;
  /** Appended last, e.g. `--admission-control-config-file=…`. */
  readonly apiServerArguments?: readonly string[];
}

/** Has all rights by group, past RBAC. */
export const administrator: User = { name: 'admin', groups: ['system:masters'] };
/** Has the rights of Kubernetes' own ClusterRole of that name. */
export const controllerManager: User = { name: 'system:kube-controller-manager' };

export function placesIn(folder: string): Places {
  return {
    folder,
    tokens: join(folder, 'tokens.csv'),
    serviceAccountKey: join(folder, 'service-account.key'),
    serviceAccountPublicKey: join(folder, 'service-account.pub'),
    auditPolicy: join(folder, 'audit-policy.json'),
    auditLog: join(folder, 'audit.jsonl'),
    apiServerCertificate: join(folder, 'certificates', 'apiserver.crt'),
  };
}

export function etcdArguments(places: Places, ports: Ports): readonly string[] {
  const client = `http://127.0.0.1:${ports.etcdClient}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return [
    `--data-dir=${join(places.folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    // The data goes with the folder; waiting for a disk would only slow the tests.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

export function apiServerArguments(places: Places, ports: Ports, options: ApiServerOptions): readonly string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${ports.etcdClient}`,
    `--secure-port=${ports.apiServer}`,
    '--bind-address=127.0.0.1',
    // Given, because it is otherwise looked up from the default route, which a closed machine need
    // not have.
    '--advertise-address=127.0.0.1',
    // The endpoints of the kubernetes Service may not be loopback addresses; nothing here reads
    // them.
    '--endpoint-reconciler-type=none',
    `--cert-dir=${join(places.folder, 'certificates')}`,
    '--authorization-mode=RBAC',
    `--token-auth-file=${places.tokens}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-signing-key-file=${places.serviceAccountKey}`,
    `--service-account-key-file=${places.serviceAccountPublicKey}`,
    // Any range that is no network of the machine; 10.0.0.0/24 is upstream's default.
    '--service-cluster-ip-range=10.0.0.0/24',
    '--allow-privileged=true',
    ...(options.disableAdmissionPlugins?.length
      ? [`--disable-admission-plugins=${options.disableAdmissionPlugins.join(',')}`]
      : []),
    ...(options.auditLog
      ? [
          `--audit-policy-file=${places.auditPolicy}`,
          `--audit-log-path=${places.auditLog}`,
          // In MB. A rotated log would lose calls from the count; no test comes near this.
          '--audit-log-maxsize=4000',
        ]
      : []),
    ...(options.apiServerArguments ?? []),
  ];
}

export function controllerManagerArguments(
  places: Places,
  kubeconfig: string,
  more: readonly string[] = [],
): readonly string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    '--secure-port=0',
    // Each controller under its own service account; else all are one user, and permission checks
    // on them prove nothing.
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${places.serviceAccountKey}`,
    `--root-ca-file=${places.apiServerCertificate}`,
    ...more,
  ];
}
