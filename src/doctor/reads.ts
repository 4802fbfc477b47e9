import type { RawObject } from '../kubernetes/object-meta.ts';
import { apiCode } from '../retry/answer.ts';
import type { Reading, Unread } from './facts.ts';
import type { DoctorPorts } from './ports.ts';

/** What each read needs of RBAC: the verb, the resource, and the name or place that is enough. */
const rights = {
  version: 'get on the URL /version',
  config: 'get configmaps "ringfence" in the namespace of Ringfence',
  namespaces: 'list namespaces',
  k3sArguments: 'list nodes',
  daemonSets: 'list daemonsets.apps',
  ciliumConfig: 'get configmaps "cilium-config" in the namespace of Cilium',
  vpcCniConfig: 'get configmaps "amazon-vpc-cni" in kube-system',
  dnsServices: 'get services and list endpointslices.discovery.k8s.io in kube-system and openshift-dns',
  pods: 'list pods',
  baselines: 'list networkpolicies.networking.k8s.io',
  served: 'get on the URL /apis',
  otherPolicies: 'list',
  webhooks: 'get validatingwebhookconfigurations and mutatingwebhookconfigurations "ringfence"',
  replicas: 'list pods in the namespace of Ringfence',
  readyz: 'get pods/proxy in the namespace of Ringfence',
  release: 'get pods/proxy in the namespace of Ringfence',
  certificate: '',
} as const;

type ReadName = keyof typeof rights;

/** Ways to read of which a failure is an answer. */
export interface Reads {
  readonly reading: <T>(name: ReadName, read: () => Promise<T>, what?: string) => Promise<Reading<T>>;
  /** A whole collection, digested object by object; what digests to undefined is left out. */
  readonly collected: <T>(
    name: ReadName,
    path: string,
    digest: (raw: RawObject) => T | undefined,
    what?: string,
  ) => Promise<Reading<readonly T[]>>;
}

export function reads({ list }: Pick<DoctorPorts, 'list'>): Reads {
  const reading: Reads['reading'] = async (name, read, what) => {
    try {
      return { value: await read() };
    } catch (error) {
      return unreadBy(error, name, what);
    }
  };
  return {
    reading,
    collected: (name, path, digest, what) =>
      reading(
        name,
        async () => {
          const found: NonNullable<ReturnType<typeof digest>>[] = [];
          await list(path, {}, (raw) => {
            const one = digest(raw);
            if (one !== undefined) found.push(one as NonNullable<typeof one>);
          });
          return found;
        },
        what,
      ),
  };
}

function unreadBy(error: unknown, name: ReadName, what = ''): Unread {
  const text = error instanceof Error ? error.message : String(error);
  const code = apiCode(error);
  const right = `${rights[name]}${what === '' ? '' : ` ${what}`}`;
  if (code === 403)
    return {
      problem: `RBAC does not allow you to ${right}`,
      remedy: `Get the right to ${right} (docs/doctor.md has a ClusterRole).`,
      code,
    };
  if (name === 'config') return { problem: text, remedy: 'Pass the same configuration with --config FILE.' };
  if (name === 'certificate')
    return {
      problem: `no connection from here: ${text}`,
      remedy: 'Run the command where the address can be reached, for example in a Pod.',
    };
  if (name === 'readyz')
    return {
      problem: text,
      remedy:
        'The NetworkPolicy of Ringfence admits to its admin port only the namespace monitoring. Ask a replica yourself: kubectl port-forward.',
      ...(code === undefined ? {} : { code }),
    };
  return {
    problem: text,
    remedy: 'Look whether the API server is well, and try again.',
    ...(code === undefined ? {} : { code }),
  };
}
