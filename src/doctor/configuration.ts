import type { Config } from '../config/config.ts';
import { builtInExemptNamespaces, defaultFile } from '../config/defaults.ts';
import { stateOf } from '../config/exceptions.ts';
import type { NamedPeer } from '../policy/network-config.ts';
import { agree } from '../wording/number.ts';
import { examination } from './examination.ts';
import type { PodFact } from './facts.ts';
import { type Answer, clean, finding, listed, note } from './line.ts';

/** Whether the replicas can use the configuration, and whether what it names exists. */
export const configuration = examination({
  id: 'configuration',
  question: 'Can the configuration be used?',
  finding: 'the ConfigMap cannot be used, so the replicas keep the one before it',
  needs: ['configProblems'],
  answer({ configProblems }, { ownNamespace }) {
    const place = `ConfigMap ${ownNamespace}/ringfence`;
    if (configProblems.length === 0) return [clean(place, 'it can be used')];
    return [
      finding(
        place,
        listed(configProblems, 3),
        'replicas keep the last configuration that they could use, and a new replica does not start',
        'Correct what each line names.',
      ),
    ];
  },
});

export const references = examination({
  id: 'references',
  question: 'Does everything exist that the configuration names?',
  finding: 'a namespace, the Pods of a peer or the namespace of an exception does not exist',
  needs: ['config', 'namespaces', 'pods'],
  answer({ config, namespaces, pods }) {
    const names = new Set(namespaces.map(({ name }) => name));
    const answers = [
      ...missing(
        'baseline.dns',
        config.baseline.dns.flatMap(({ namespace }) => namespace ?? []),
        names,
        'the baseline opens DNS to nobody there',
      ),
      ...config.network.peers
        // The peers of the role `dns` are those of the baseline.
        .filter(({ role }) => role !== 'dns')
        .flatMap((peer) => peerAnswers(peer, names, pods)),
      ...missing(
        'exempt.namespaces',
        config.exemptNamespaces.filter((name) => !isGiven(name, config)),
        names,
        'whoever may create a namespace of that name and holds the permission "exempt" gets one without rules',
      ),
      ...prefixAnswers(config, names),
      ...missing(
        'exceptions',
        config.exceptions.map(({ namespace }) => namespace),
        names,
        'the exception waits for whoever creates that namespace',
      ),
    ];
    return answers.length > 0 ? answers : [clean('the configuration', 'every namespace and peer that it names exists')];
  },
});

export const exceptions = examination({
  id: 'exceptions',
  question: 'Which exceptions end soon?',
  finding: 'an exception ends within a week, or has ended',
  needs: ['config'],
  answer({ config }, { now }) {
    const answers = config.exceptions.flatMap((exception) => {
      const state = stateOf(exception, now);
      if (state === 'holds') return [];
      const { name, until, checks, namespace } = exception;
      return [
        finding(
          `exception ${name}`,
          `${state === 'ended' ? 'ended' : 'ends'} on ${until}`,
          `${state === 'ended' ? 'now' : 'then'} ${listed(checks)} ${agree(checks.length, 'holds', 'hold')} for its workloads in ${namespace} again`,
          state === 'ended'
            ? 'Remove it from the configuration, or give it another end.'
            : 'Correct the workloads, or give it another end.',
        ),
      ];
    });
    if (answers.length > 0) return answers;
    return [clean('exceptions in the configuration', `${config.exceptions.length}, none of which ends within a week`)];
  },
});

function missing(
  field: string,
  wanted: readonly string[],
  names: ReadonlySet<string>,
  means: string,
): readonly Answer[] {
  const absent = [...new Set(wanted)].filter((name) => !names.has(name));
  if (absent.length === 0) return [];
  const found = `${agree(absent.length, 'namespace')} ${listed(absent)}: not in the cluster`;
  return [finding(`${field} in the configuration`, found, means, 'Correct the name, or remove it.')];
}

function prefixAnswers({ exemptPrefixes }: Config, names: ReadonlySet<string>): readonly Answer[] {
  const empty = exemptPrefixes.filter((prefix) => ![...names].some((name) => name.startsWith(prefix)));
  if (empty.length === 0) return [];
  const found = `no namespace begins with ${listed(empty)}`;
  const means = 'a namespace with such a name is outside the rules as soon as somebody creates it';
  return [finding('exempt.namespaces in the configuration', found, means, 'Correct the prefix, or remove it.')];
}

function peerAnswers(peer: NamedPeer, names: ReadonlySet<string>, pods: readonly PodFact[]): readonly Answer[] {
  const { name, namespace, podLabels } = peer;
  if (namespace === undefined) return [];
  const place = `peer ${name} in the configuration`;
  const means = 'policies may name this peer, and it means nobody, or whoever creates it';
  if (!names.has(namespace)) {
    const found = `namespace ${namespace}: not in the cluster`;
    // A default names what many clusters have, and nobody wrote it here.
    const isDefault = defaultFile.peers.some((one) => one.name === name && one.namespace === namespace);
    const remedy = 'Remove the peer, or correct its namespace.';
    return [isDefault ? note(place, `${found} (a default)`, means) : finding(place, found, means, remedy)];
  }
  const wanted = Object.entries(podLabels);
  const exists = pods.some(
    (pod) => pod.namespace === namespace && wanted.every(([key, value]) => pod.labels.get(key) === value),
  );
  if (exists) return [];
  const selector = wanted.map(([key, value]) => `${key}=${value}`).join(', ');
  const found = `no Pod in ${namespace}${selector === '' ? '' : ` with ${selector}`}`;
  return [finding(place, found, means, 'Correct podLabels, or start what the peer names.')];
}

/** What is exempt without being configured. */
function isGiven(name: string, { ownNamespace }: Config): boolean {
  return builtInExemptNamespaces.includes(name) || name === ownNamespace;
}
