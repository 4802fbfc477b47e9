import { existsSync, readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { FileError } from '../documents/problem.ts';
import { textAt } from '../kubernetes/raw-object.ts';
import { type Entry, type Kubeconfig, readKubeconfigFile } from './kubeconfig-file.ts';
import { refuseUnusable } from './kubeconfig-rules.ts';
import type { ProxyVariables } from './proxy.ts';

/** The variables that choose a cluster and the way to it; undefined if not set. */
export interface ClusterVariables extends ProxyVariables {
  /** KUBECONFIG: files, separated as in PATH. */
  readonly kubeconfig: string | undefined;
  /** KUBERNETES_SERVICE_HOST: the address of the API server, set in every Pod. */
  readonly serviceHost: string | undefined;
  /** KUBERNETES_SERVICE_PORT, set in every Pod. */
  readonly servicePort: string | undefined;
}

/** What chooses a cluster and a user. */
export interface ClusterSource {
  /** `--kubeconfig`: a file, or several separated as in PATH. Each of them must exist. */
  readonly kubeconfig?: string | undefined;
  /** `--context`: the name of a context instead of `current-context`. */
  readonly context?: string | undefined;
  /** Without it, no variable has an effect. */
  readonly variables?: ClusterVariables | undefined;
}

/** A cluster and the user who calls it. */
export interface Target {
  readonly cluster: Entry;
  readonly user: Entry;
}

/**
 * Reads the target as kubectl does (client-go, tools/clientcmd): the files of `--kubeconfig`, else
 * of KUBECONFIG, else ~/.kube/config, else the ServiceAccount of a Pod. The first of several files
 * that has an entry of a name, or a `current-context`, decides about it. Throws an Error with one
 * sentence if they name no cluster: which file, and what is allowed. `--kubeconfig` may name
 * several files, where kubectl takes one, and a user who is missing is refused, where kubectl is
 * anonymous. `serviceAccount` is the folder where the kubelet mounts its credentials.
 */
export function readTarget(
  { kubeconfig, context, variables }: ClusterSource,
  serviceAccount = mountedServiceAccount,
): Target {
  if (kubeconfig !== undefined) {
    const files = existsSync(kubeconfig) ? [kubeconfig] : splitPaths(kubeconfig);
    const read = files.map((file) => readFile(file) ?? missing(file));
    return choose(merge(read), context, files.join(', '));
  }
  const named = splitPaths(variables?.kubeconfig ?? '');
  const files = named.length > 0 ? named : [join(homedir(), '.kube', 'config')];
  // Missing files are skipped, because KUBECONFIG may name files that other tools will write.
  const config = merge(files.flatMap((file) => readFile(file) ?? []));
  if (context === undefined && config.currentContext === undefined) {
    const own = ownTarget(variables, serviceAccount);
    if (own !== undefined) return own;
    if (config.contexts.size === 0)
      throw new Error(
        `no cluster found: ${files.join(', ')} has no context, and there is no ServiceAccount of a Pod; use --kubeconfig FILE`,
      );
  }
  return choose(config, context, files.join(', '));
}

function splitPaths(text: string): readonly string[] {
  return [...new Set(text.split(delimiter).filter((path) => path !== ''))];
}

function readFile(file: string): Kubeconfig | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    return refuse(file, code === 'EISDIR' ? 'is a folder; a kubeconfig is a file' : `cannot be read (${code})`);
  }
  return readKubeconfigFile(text, file);
}

function missing(file: string): never {
  return refuse(file, 'there is no such file; --kubeconfig takes a kubeconfig, or several separated as in PATH');
}

function refuse(file: string, message: string): never {
  throw new FileError([{ file, position: undefined, path: [], message }]);
}

/** Entries are not mixed: of two users of one name, the first one is the user. */
function merge(files: readonly Kubeconfig[]): Kubeconfig {
  const lastFirst = files.toReversed();
  return {
    currentContext: files.find(({ currentContext }) => currentContext !== undefined)?.currentContext,
    clusters: new Map(lastFirst.flatMap(({ clusters }) => [...clusters])),
    users: new Map(lastFirst.flatMap(({ users }) => [...users])),
    contexts: new Map(lastFirst.flatMap(({ contexts }) => [...contexts])),
  };
}

function choose(config: Kubeconfig, asked: string | undefined, files: string): Target {
  const { contexts, currentContext } = config;
  const allowed = contexts.size === 0 ? 'it has no contexts' : `its contexts are ${[...contexts.keys()].join(', ')}`;
  const name = asked ?? currentContext;
  if (name === undefined) refuse(files, `has no current-context, and --context names none; ${allowed}`);
  const context = contexts.get(name);
  if (context === undefined) refuse(files, `has no context ${JSON.stringify(name)}; ${allowed}`);
  const target = {
    cluster: entryOf(config.clusters, context, name, 'cluster', files),
    user: entryOf(config.users, context, name, 'user', files),
  };
  refuseUnusable(target, (sentence) => refuse(files, `context ${JSON.stringify(name)}: ${sentence}`));
  return target;
}

/** A context without a user is anonymous, as in kubectl. */
function entryOf(
  entries: ReadonlyMap<string, Entry>,
  context: Entry,
  name: string,
  kind: 'cluster' | 'user',
  files: string,
): Entry {
  const wanted = textAt(context, kind);
  if (wanted === undefined && kind === 'user') return {};
  const found = wanted === undefined ? undefined : entries.get(wanted);
  if (found !== undefined) return found;
  const allowed = entries.size === 0 ? `there are no ${kind}s` : `there are ${[...entries.keys()].join(', ')}`;
  const said = wanted === undefined ? `names no ${kind}` : `names ${kind} ${JSON.stringify(wanted)}, which is missing`;
  return refuse(files, `context ${JSON.stringify(name)} ${said}; ${allowed}`);
}

/** The ServiceAccount of the Pod in which this process runs (client-go, rest.InClusterConfig). */
function ownTarget(variables: ClusterVariables | undefined, folder: string): Target | undefined {
  const { serviceHost: host, servicePort: port } = variables ?? {};
  const tokenFile = join(folder, 'token');
  if (host === undefined || port === undefined || !existsSync(tokenFile)) return undefined;
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return { cluster: { server, 'certificate-authority': join(folder, 'ca.crt') }, user: { tokenFile } };
}

/** Where the kubelet mounts the credentials of a Pod's ServiceAccount. */
const mountedServiceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';
