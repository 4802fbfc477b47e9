/** The environment variables; undefined if not set. The Deployment sets the first three. */
export interface Environment {
  /** POD_NAMESPACE: the namespace in which this process runs. */
  readonly podNamespace: string | undefined;
  /** POD_NAME: the Pod in which this process runs. */
  readonly podName: string | undefined;
  /** POD_SERVICE_ACCOUNT: the ServiceAccount of this process. */
  readonly serviceAccount: string | undefined;
  /** GITHUB_STEP_SUMMARY: the file to which a step of GitHub Actions appends its summary. */
  readonly stepSummary: string | undefined;
  /** The variables that choose a cluster and the way to it. */
  readonly cluster: {
    /** KUBECONFIG */
    readonly kubeconfig: string | undefined;
    /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY. As in Go, upper case takes precedence. */
    readonly httpProxy: string | undefined;
    readonly httpsProxy: string | undefined;
    readonly noProxy: string | undefined;
    /** KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, which every Pod has. */
    readonly serviceHost: string | undefined;
    readonly servicePort: string | undefined;
  };
}

/** Reads the environment. An empty variable counts as not set. */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const read = (name: string): string | undefined => variables[name] || undefined;
  return Object.freeze({
    podNamespace: read('POD_NAMESPACE'),
    podName: read('POD_NAME'),
    serviceAccount: read('POD_SERVICE_ACCOUNT'),
    stepSummary: read('GITHUB_STEP_SUMMARY'),
    cluster: Object.freeze({
      kubeconfig: read('KUBECONFIG'),
      httpProxy: read('HTTP_PROXY') ?? read('http_proxy'),
      httpsProxy: read('HTTPS_PROXY') ?? read('https_proxy'),
      noProxy: read('NO_PROXY') ?? read('no_proxy'),
      serviceHost: read('KUBERNETES_SERVICE_HOST'),
      servicePort: read('KUBERNETES_SERVICE_PORT'),
    }),
  });
}
