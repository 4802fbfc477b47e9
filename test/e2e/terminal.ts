// kubectl as a person uses it, and its messages.
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { Manifest } from './objects.ts';
import { collectionPath, openApi, type RawApi } from './raw-api.ts';

/**
 * Commands are split at spaces. The standard input, for `-f -`, is one manifest or several as a
 * List.
 */
export interface Terminal {
  /** Runs a command that must succeed. Resolves to its output, including warnings. */
  run(command: string, ...input: readonly Manifest[]): Promise<string>;
  /**
   * Runs a command that admission must refuse. Resolves to its output, without the blank line at
   * the end.
   */
  refused(command: string, ...input: readonly Manifest[]): Promise<string>;
  /**
   * Returns an existing object, as `kubectl get` prints it. A single object is read without
   * kubectl.
   */
  get<T = StoredObject>(what: string): Promise<T>;
}

/** The fields of an object that tests read. */
export interface StoredObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly unknown[];
    readonly deletionTimestamp?: string;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

export function openTerminal(controlPlane: ControlPlane, user: string): Terminal {
  const type = (command: string, input: readonly Manifest[]) =>
    controlPlane.kubectl(command.split(' '), {
      as: user,
      input: JSON.stringify(input.length === 1 ? input[0] : { apiVersion: 'v1', kind: 'List', items: input }),
    });

  let api: RawApi | undefined;

  async function run(command: string, ...input: readonly Manifest[]): Promise<string> {
    const { exitCode, stdout, stderr } = await type(command, input);
    if (exitCode !== 0) throw new Error(`${user}$ kubectl ${command}: ${stderr}`);
    return stdout + stderr;
  }

  return {
    run,
    async refused(command, ...input) {
      const { exitCode, stdout, stderr } = await type(command, input);
      if (exitCode === 0 || !stderr.includes('denied the request: '))
        throw new Error(`${user}$ kubectl ${command} was not refused by admission: ${stdout}${stderr}`);
      return stderr.trimEnd();
    },
    async get<T>(what: string) {
      const path = pathOf(what);
      if (path === undefined) return JSON.parse(await run(`get ${what} -o json`)) as T;
      api ??= openApi(controlPlane, user);
      const { code, body, message } = await api.send('GET', path);
      if (code !== 200) throw new Error(`${user}$ kubectl get ${what}: ${message}`);
      return body as T;
    },
  };
}

/**
 * Returns the path of `KIND NAME [-n NAMESPACE]` for the kinds that tests read most, and undefined
 * for anything else. A kubectl for each of these reads would be a quarter of the processor time of
 * the end-to-end tests.
 */
function pathOf(what: string): string | undefined {
  const [kind = '', name, flag, namespace, ...others] = what.split(' ');
  if (name === undefined || name.startsWith('-') || others.length > 0) return undefined;
  if (flag === undefined) return kind === 'namespace' ? `/api/v1/namespaces/${name}` : undefined;
  const collection = collections[kind];
  return flag === '-n' && collection !== undefined ? `${collection(namespace ?? '')}/${name}` : undefined;
}

const collections: Readonly<Partial<Record<string, (namespace: string) => string>>> = {
  configmap: (namespace) => `/api/v1/namespaces/${namespace}/configmaps`,
  networkpolicy: (namespace) => collectionPath('NetworkPolicy', namespace),
  pod: (namespace) => collectionPath('Pod', namespace),
};

/** Returns the findings of a refusal: its indented lines that end with the ids of checks. */
export function findingsIn(refusal: string): readonly string[] {
  return refusal.split('\n').filter((line) => /^ {2}.*\[[a-z-]+(, [a-z-]+)*\]$/.test(line));
}

/** Returns the ids of the checks that a refusal names, in its order. */
export function checksIn(refusal: string): ReadonlySet<string> {
  return new Set(findingsIn(refusal).flatMap((line) => /\[([a-z, -]+)\]$/.exec(line)?.[1]?.split(', ') ?? []));
}
