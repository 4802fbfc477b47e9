// The command line of each component. Pure. The flags are those of etcd 3.6 and Kubernetes 1.36.
import { join } from 'node:path';

/** A user with a static token (`--token-auth-file`). */
export interface User {
  readonly name: string;
  readonly groups?: readonly string[];
}

export interface Ports {
  readonly apiServer: number;
  readonly etcdClient: number;
  readonly etcdPeer: number;
}

/** The paths of one control plane, all in its folder. */
export interface Places {
  readonly folder: string;
  readonly tokens: string;
  readonly serviceAccountKey: string;
  readonly serviceAccountPublicKey: string;
  readonly auditPolicy: string;
  readonly auditLog: string;
  /**
   * The self-signed certificate of the API server and its CA, which it makes at its first start.
   */
  readonly apiServerCertificate: string;
}

export interface ApiServerOptions {
  /**
   * Names of admission plugins, for example `ServiceAccount`, to admit Pods before the default
   * service account exists.
   */
  readonly disableAdmissionPlugins?: readonly string[];
  /**
   * Whether to record every call (see audit-log.ts). The default is false, because it costs time.
   */
  readonly auditLog?: boolean;
  /** Additional arguments at the end, for example `--admission-control-config-file=…`. */
  readonly apiServerArguments?: readonly string[];
}

/** Its group has all rights without RBAC. */
export const administrator: User = { name: 'admin', groups: ['system:masters'] };
/** Has the rights of the ClusterRole of that name. */
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
    // The data is deleted with the folder, so waiting for a disk would only slow the tests.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

export function apiServerArguments(places: Places, ports: Ports, options: ApiServerOptions): readonly string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${ports.etcdClient}`,
    `--secure-port=${ports.apiServer}`,
    '--bind-address=127.0.0.1',
    // By default the address comes from the default route, which an isolated machine may not have.
    '--advertise-address=127.0.0.1',
    // The endpoints of the Service kubernetes may not be loopback addresses, and nothing here reads
    // them.
    '--endpoint-reconciler-type=none',
    `--cert-dir=${join(places.folder, 'certificates')}`,
    '--authorization-mode=RBAC',
    `--token-auth-file=${places.tokens}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-signing-key-file=${places.serviceAccountKey}`,
    `--service-account-key-file=${places.serviceAccountPublicKey}`,
    // Any range that is not a network of the machine. 10.0.0.0/24 is the upstream default.
    '--service-cluster-ip-range=10.0.0.0/24',
    '--allow-privileged=true',
    ...(options.disableAdmissionPlugins?.length
      ? [`--disable-admission-plugins=${options.disableAdmissionPlugins.join(',')}`]
      : []),
    ...(options.auditLog
      ? [
          `--audit-policy-file=${places.auditPolicy}`,
          `--audit-log-path=${places.auditLog}`,
          // In MB. A rotated log would lose calls from the count. No test comes near this size.
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
    // Each controller uses its own service account. Otherwise all are one user, and permission
    // checks prove nothing.
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${places.serviceAccountKey}`,
    `--root-ca-file=${places.apiServerCertificate}`,
    ...more,
  ];
}
