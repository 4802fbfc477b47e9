import type { Config } from '../config/config.ts';
import { stateOf } from '../config/exceptions.ts';
import { isExempt } from '../config/exemption.ts';
import { examination } from './examination.ts';
import type { PodFact } from './facts.ts';
import { type Answer, clean, finding, listed, note } from './line.ts';

/** Pods outside every NetworkPolicy. */
export const hostNetwork = examination({
  id: 'host-network',
  question: 'Which Pods are outside every NetworkPolicy?',
  finding: 'a Pod outside the exempt namespaces uses the network or a port of its node, without an exception',
  needs: ['config', 'pods'],
  answer({ config, pods }, { now }) {
    const outside = pods.filter((pod) => pod.hostNetwork && !isExempt(pod.namespace, config));
    const excepted = exceptedNamespaces(config, now);
    const answers = [
      ...groupAnswer(
        'Pods with hostNetwork: true',
        outside.filter(({ namespace }) => !excepted.has(namespace)),
        'for NetworkPolicies they are nodes: no policy holds them, and a node reaches all of its own Pods',
        'Move them to an exempt namespace, or remove hostNetwork.',
      ),
      ...noteAnswer(
        'Pods with hostNetwork: true',
        outside.filter(({ namespace }) => excepted.has(namespace)),
        'their namespaces have an exception from host-network',
      ),
      ...noteAnswer(
        'Pods with hostNetwork: true in exempt namespaces',
        pods.filter((pod) => pod.hostNetwork && isExempt(pod.namespace, config)),
        'no policy holds them; whoever may create Pods there is outside the fence',
      ),
      ...groupAnswer(
        'Pods with a hostPort',
        pods.filter((pod) => !pod.hostNetwork && pod.hostPorts.length > 0 && !isExempt(pod.namespace, config)),
        'they can be reached at the address of their node; whether policies see the real source depends on the plugin',
        'Use a Service instead of the hostPort.',
      ),
    ];
    return answers.length > 0 ? answers : [clean('all Pods', 'none uses the network or a port of its node')];
  },
});

/** Namespaces with an exception that waives the check `host-network` now. */
function exceptedNamespaces({ exceptions }: Pick<Config, 'exceptions'>, now: number): ReadonlySet<string> {
  return new Set(
    exceptions
      .filter((one) => one.checks.includes('host-network') && stateOf(one, now) !== 'ended')
      .map(({ namespace }) => namespace),
  );
}

function groupAnswer(looked: string, pods: readonly PodFact[], means: string, remedy: string): readonly Answer[] {
  return pods.length === 0 ? [] : [finding(looked, foundIn(pods), means, remedy)];
}

function noteAnswer(looked: string, pods: readonly PodFact[], means: string): readonly Answer[] {
  return pods.length === 0 ? [] : [note(looked, foundIn(pods), means)];
}

function foundIn(pods: readonly PodFact[]): string {
  return `${pods.length}: ${listed(pods.map(({ namespace, name }) => `${namespace}/${name}`))}`;
}
