import { guardBaseline } from '../admission/guard.ts';
import type { Config } from '../config/config.ts';
import { own, recordOf } from '../kubernetes/raw-object.ts';
import type { Finding } from '../policy/check.ts';
import type { Subject } from '../policy/subject.ts';

/**
 * The guard's answer if a user without any permission creates a NetworkPolicy. Undefined if the
 * guard does not object.
 */
export async function guardNew(
  { namespace = '', name, labels, facts }: Subject,
  object: unknown,
  config: Config,
): Promise<readonly Finding[] | undefined> {
  const { group, version, resource, kind } = networkPolicies;
  const request = {
    uid: '',
    kind: { group, version, kind },
    resource: { group, version, resource },
    operation: 'CREATE',
    namespace,
    name,
    userInfo: {},
    object: {
      ...recordOf(object),
      metadata: { ...recordOf(own(object, 'metadata')), name, labels: Object.fromEntries(labels) },
    },
  } as const;
  const verdict = await guardBaseline(
    request,
    {
      readNamespace: async () => {
        if (facts?.known !== true) throw new Error(facts?.reason ?? 'it is in no namespace');
        return { labels: facts.labels, fenced: facts.fenced, terminating: false };
      },
      anyPod: async () => true,
      readNetworkPolicy: async () => undefined,
      isAllowed: async () => false,
    },
    config,
  );
  return verdict?.findings;
}

const networkPolicies = {
  group: 'networking.k8s.io',
  version: 'v1',
  resource: 'networkpolicies',
  kind: 'NetworkPolicy',
};
