import { isReservedName } from '../baseline/names.ts';
import type { Config } from '../config/config.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import { readPolicy } from '../network/read.ts';
import type { Peer } from '../network/rules.ts';
import type { Finding, OpeningCheck } from '../policy/check.ts';
import { crossEnvironment } from '../policy/checks/cross-environment.ts';
import { flowMatrix } from '../policy/checks/flow-matrix.ts';
import { actUnder, askAbout } from '../policy/evaluate.ts';
import { fenceMark, type ModeChoice } from '../policy/mode.ts';
import { isSubject, readSubject } from '../policy/subject.ts';
import type { Caches } from './facts.ts';

/** The checks whose verdict depends on what a namespace is: each by its key, in this order. */
const identityChecks: readonly OpeningCheck[] = [crossEnvironment, flowMatrix];

/** The namespaces that a NetworkPolicy names by `kubernetes.io/metadata.name`. */
export function namespacesNamedBy({ spec }: Pick<NetworkPolicy, 'spec'>): ReadonlySet<string> {
  const read = readPolicy(spec, { namespace: '', name: '' });
  if ('problems' in read) return new Set();
  const peers = [...read.policy.ingress, ...read.policy.egress].flatMap((rule) => rule.peers ?? []);
  return new Set(peers.flatMap((peer) => [...namesIn(peer)]));
}

/**
 * What existing NetworkPolicies open once a namespace is created, or has other labels: those that
 * name it, and its own. Only what its new identity opens is a finding on the namespace; what stood
 * open before stands as before.
 */
export function rejudge(
  namespace: { readonly name: string; readonly labels: Labels; readonly before: Labels | undefined },
  caches: Caches,
  choice: ModeChoice,
  config: Config,
): readonly Finding[] {
  const open = (policy: NetworkPolicy, labels: Labels) =>
    opened(policy, namespace.name, labels, caches, choice, config);
  // Under the mark, what stands under the baseline's names is made the baseline: whatever it opens
  // now ends with this very request.
  const isOverwritten = ({ metadata }: NetworkPolicy) =>
    namespace.labels.has(fenceMark) && isReservedName(metadata.name ?? '');
  const own =
    namespace.before === undefined
      ? []
      : [...caches.networkPolicies(namespace.name)].filter((policy) => !isOverwritten(policy));
  const naming = [...caches.policiesNaming(namespace.name)].filter(
    (policy) => policy.metadata.namespace !== namespace.name,
  );
  return [...own, ...naming].flatMap((policy) => {
    const standing = namespace.before === undefined ? [] : open(policy, namespace.before);
    return open(policy, namespace.labels)
      .filter(
        (one) => !standing.some((old) => old.check === one.check && old.field === one.field && old.found === one.found),
      )
      .map((one): Finding => {
        const { namespace: home = '', name = '' } = policy.metadata;
        const key = identityChecks.find(({ id }) => id === one.check)?.key ?? '';
        const named = `NetworkPolicy ${home}/${name}`;
        return {
          ...one,
          field: `metadata.labels.${key}`,
          subject: key,
          reason:
            one.found === undefined
              ? `${named}: ${one.reason}`
              : `with it ${named} (${one.subject}) opens ${one.found}; change that NetworkPolicy first, or choose another ${key}`,
        };
      });
  });
}

function opened(
  policy: NetworkPolicy,
  name: string,
  labels: Labels,
  caches: Caches,
  choice: ModeChoice,
  config: Config,
): readonly Finding[] {
  const { namespace: home = '' } = policy.metadata;
  const view = caches.namespace(home);
  const homeLabels = home === name ? labels : view?.labels;
  if (homeLabels === undefined) return [];
  const subject = readSubject('NetworkPolicy', policy, {
    operation: 'UPDATE',
    namespace: home,
    facts: { known: true, labels: homeLabels, fenced: homeLabels.has(fenceMark) },
    surroundings: {
      namespaceLabels: (other) => (other === name ? labels : caches.namespace(other)?.labels),
      policies: undefined,
    },
  });
  if (!isSubject(subject)) return [];
  const naming = home === name ? undefined : fieldsNaming(policy, name);
  const ask = askAbout(subject, identityChecks, config);
  return identityChecks.flatMap((check) =>
    ask(check)
      .filter(({ field }) => naming === undefined || naming.has(field))
      .map((violation): Finding => ({ ...violation, check: check.id, ...actUnder(check, choice, config) })),
  );
}

/** The paths of the peers that name a namespace. */
function fieldsNaming({ spec }: NetworkPolicy, name: string): ReadonlySet<string> {
  const read = readPolicy(spec, { namespace: '', name: '' });
  if ('problems' in read) return new Set();
  const peers = [...read.policy.ingress, ...read.policy.egress].flatMap((rule) => rule.peers ?? []);
  return new Set(peers.filter((peer) => namesIn(peer).has(name)).map(({ field }) => field));
}

function namesIn(peer: Peer): ReadonlySet<string> {
  if (peer.kind !== 'pods') return new Set();
  const named = peer.namespaceSelector?.requirements.find(
    ({ key, operator }) => key === metadataNameLabel && operator === 'In',
  );
  return named?.values ?? new Set();
}
