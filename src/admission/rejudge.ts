import { isReservedName } from '../baseline/names.ts';
import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import type { Labels } from '../kubernetes/labels.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import { readPolicy } from '../network/read.ts';
import type { Finding, OpeningCheck, Violation } from '../policy/check.ts';
import { crossEnvironment } from '../policy/checks/cross-environment.ts';
import { flowMatrix } from '../policy/checks/flow-matrix.ts';
import { actUnder, askAbout, stoodBefore } from '../policy/evaluate.ts';
import { fenceMark, type ModeChoice, milderChoice, modeIn } from '../policy/mode.ts';
import { isSubject, readSubject } from '../policy/subject.ts';
import type { Caches } from './facts.ts';
import { namesIn } from './named-namespaces.ts';

/** The checks whose verdict depends on the identity of a namespace. Each has a key. */
const identityChecks: readonly OpeningCheck[] = [crossEnvironment, flowMatrix];

/**
 * Judges what existing NetworkPolicies open when a namespace is created or gets other labels: the
 * policies that name it, and its own. Only flows that its new identity opens are findings; flows
 * that were open before are not. A policy of another namespace is judged under the milder of that
 * namespace's mode and this one's. Policies of exempt namespaces are not judged. Otherwise users
 * whom Ringfence does not restrict could block the namespaces of others.
 */
export function rejudge(
  namespace: { readonly name: string; readonly labels: Labels; readonly before: Labels | undefined },
  caches: Caches,
  choice: ModeChoice,
  config: Config,
): readonly Finding[] {
  // In a namespace with the mark, policies with names of the baseline become the baseline, so they
  // open nothing after this request.
  const isOverwritten = ({ metadata }: NetworkPolicy) =>
    namespace.labels.has(fenceMark) && isReservedName(metadata.name ?? '');
  const own =
    namespace.before === undefined
      ? []
      : [...caches.networkPolicies(namespace.name)].filter((policy) => !isOverwritten(policy));
  const naming = [...caches.policiesNaming(namespace.name)].filter(({ metadata: { namespace: home = '' } }) => {
    return home !== namespace.name && !isExempt(home, config);
  });
  return [...own, ...naming].flatMap((policy) => {
    const { namespace: home = '', name = '' } = policy.metadata;
    const named = `NetworkPolicy ${home}/${name}`;
    const isOwn = home === namespace.name;
    const homeLabels = isOwn ? namespace.labels : caches.namespace(home)?.labels;
    if (homeLabels === undefined) return [unknownHome(named, home, choice, config)];
    const acting = isOwn ? choice : milderChoice(choice, modeIn(homeLabels, config.mode));
    const standing =
      namespace.before === undefined ? [] : opened(policy, namespace.name, namespace.before, caches, config);
    return opened(policy, namespace.name, namespace.labels, caches, config)
      .map((one) => ({ ...one, olds: standing.filter((old) => one.check === old.check && one.field === old.field) }))
      .filter(({ olds, ...one }) => !olds.some((old) => stoodBefore(one, old)))
      .map(({ check, olds, ...one }): Finding => {
        const { key = '' } = check;
        return {
          ...one,
          check: check.id,
          ...actUnder(check, acting, config),
          field: `metadata.labels.${key}`,
          subject: key,
          reason:
            one.found === undefined
              ? `${named}: ${one.reason}`
              : `with it ${named} (${one.subject}) opens ${openedText(one, olds)}; change that NetworkPolicy first, or choose another ${key}`,
        };
      });
  });
}

/** Returns what a policy opens now and did not open before. */
function openedText({ found, parts = [] }: Violation, olds: readonly Violation[]): string | undefined {
  const before = new Set(olds.flatMap((old) => old.parts ?? []));
  const added = parts.filter((part) => !before.has(part));
  if (added.length === parts.length) return found;
  const shown = added.slice(0, 3).join(', ');
  return added.length > 3 ? `${shown} and ${added.length - 3} more` : shown;
}

/** Returns the finding for a cached policy whose namespace is not in the cache. */
function unknownHome(named: string, home: string, choice: ModeChoice, config: Config): Finding {
  const key = flowMatrix.key ?? '';
  return {
    check: flowMatrix.id,
    field: `metadata.labels.${key}`,
    subject: key,
    found: undefined,
    reason: `not decided: what ${named} opens with it: the labels of namespace ${home} are not known`,
    undecided: true,
    ...actUnder(flowMatrix, milderChoice(choice, { mode: config.mode, source: 'cluster' }), config),
  };
}

function opened(
  policy: NetworkPolicy,
  name: string,
  labels: Labels,
  caches: Caches,
  config: Config,
): readonly (Violation & { readonly check: OpeningCheck })[] {
  const { namespace: home = '' } = policy.metadata;
  const homeLabels = home === name ? labels : caches.namespace(home)?.labels;
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
      // A doubt concerns the whole policy, including the peers that name the namespace.
      .filter(({ field, undecided }) => naming === undefined || undecided === true || naming.has(field))
      .map((violation) => ({ ...violation, check })),
  );
}

/** Returns the paths of the peers that name a namespace. */
function fieldsNaming({ spec }: NetworkPolicy, name: string): ReadonlySet<string> {
  const read = readPolicy(spec, { namespace: '', name: '' });
  if ('problems' in read) return new Set();
  const peers = [...read.policy.ingress, ...read.policy.egress].flatMap((rule) => rule.peers ?? []);
  return new Set(peers.filter((peer) => namesIn(peer).has(name)).map(({ field }) => field));
}
