import { KubeConfig } from '@kubernetes/client-node';
import { listAt, own, textAt } from '../kubernetes/raw-object.ts';
import type { Entry } from './kubeconfig-file.ts';

/**
 * Returns client-node's form of a cluster and a user, for what it does well: certificates, exec
 * plugins, auth providers and SOCKS. Tokens and impersonation are left out.
 */
export function clientConfig(
  { cluster, user }: { readonly cluster: Entry; readonly user: Entry },
  proxy: string | undefined,
): KubeConfig {
  const config = new KubeConfig();
  const server = textAt(cluster, 'server') ?? '';
  const isPlain = server.startsWith('http:');
  config.loadFromOptions({
    clusters: [
      {
        name,
        server,
        caFile: textAt(cluster, 'certificate-authority'),
        caData: textAt(cluster, 'certificate-authority-data'),
        tlsServerName: textAt(cluster, 'tls-server-name'),
        // client-node refuses a server without TLS unless this is set.
        skipTLSVerify: isPlain || own(cluster, 'insecure-skip-tls-verify') === true,
        // client-node's own connections are only used for SOCKS.
        proxyUrl: proxy?.startsWith('socks') === true ? proxy : undefined,
      },
    ],
    users: [{ name, ...(isPlain ? {} : clientUser(user, cluster)) }],
    contexts: [{ name, cluster: name, user: name }],
    currentContext: name,
  });
  return config;
}

/** The one cluster, user and context. */
const name = 'target';

/**
 * What a user has written down takes precedence over a plugin and a provider (client-go,
 * plugin/pkg/client/auth/exec: UpdateTransportConfig).
 */
function clientUser(user: Entry, cluster: Entry): object {
  const has = (...fields: readonly string[]): boolean => fields.some((field) => textAt(user, field) !== undefined);
  const hasHeader = has('token', 'tokenFile', 'username', 'password');
  const hasCertificate = has('client-certificate', 'client-certificate-data');
  return {
    certFile: textAt(user, 'client-certificate'),
    certData: textAt(user, 'client-certificate-data'),
    keyFile: textAt(user, 'client-key'),
    keyData: textAt(user, 'client-key-data'),
    username: textAt(user, 'username'),
    password: textAt(user, 'password') ?? '',
    authProvider: hasHeader ? undefined : user['auth-provider'],
    exec: hasHeader || hasCertificate ? undefined : execOf(user['exec'], cluster),
  };
}

/** The plugin learns its API version, and on request the cluster, from KUBERNETES_EXEC_INFO. */
function execOf(exec: unknown, cluster: Entry): object | undefined {
  if (exec === undefined) return undefined;
  const info = {
    kind: 'ExecCredential',
    apiVersion: own(exec, 'apiVersion'),
    spec: {
      interactive: false,
      ...(own(exec, 'provideClusterInfo') === true ? { cluster: clusterInfo(cluster) } : {}),
    },
  };
  const variable = { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) };
  return { ...Object(exec), env: [...listAt(exec, 'env'), variable] };
}

/** client.authentication.k8s.io Cluster. */
function clusterInfo(cluster: Entry): object {
  return {
    server: cluster['server'],
    'tls-server-name': cluster['tls-server-name'],
    'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
    'certificate-authority-data': cluster['certificate-authority-data'],
    'proxy-url': cluster['proxy-url'],
  };
}
