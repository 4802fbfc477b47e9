/**
 * The environment variables, which the Deployment sets by the downward API; undefined if not set.
 */
export interface Environment {
  /** POD_NAMESPACE: the namespace in which this process runs. */
  readonly podNamespace: string | undefined;
  /** POD_NAME: the Pod in which this process runs. */
  readonly podName: string | undefined;
  /** POD_SERVICE_ACCOUNT: the ServiceAccount of this process. */
  readonly serviceAccount: string | undefined;
}

/** Reads the environment. An empty variable counts as not set. */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const read = (name: string): string | undefined => variables[name] || undefined;
  return Object.freeze({
    podNamespace: read('POD_NAMESPACE'),
    podName: read('POD_NAME'),
    serviceAccount: read('POD_SERVICE_ACCOUNT'),
  });
}
