/**
 * What the process is told by its environment: by the Deployment, through the downward API.
 * Undefined where nothing is said.
 */
export interface Environment {
  /** The namespace this process runs in: POD_NAMESPACE. */
  readonly podNamespace: string | undefined;
  /** The Pod this process runs in: POD_NAME. */
  readonly podName: string | undefined;
  /** The ServiceAccount this process runs as: POD_SERVICE_ACCOUNT. */
  readonly serviceAccount: string | undefined;
}

/** Reads the environment; an empty variable says nothing. The only reader of `process.env`. */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const read = (name: string): string | undefined => variables[name] || undefined;
  return Object.freeze({
    podNamespace: read('POD_NAMESPACE'),
    podName: read('POD_NAME'),
    serviceAccount: read('POD_SERVICE_ACCOUNT'),
  });
}
