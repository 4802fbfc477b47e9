import { agree } from '../wording/number.ts';
import { keepsLabel } from './cilium-labels.ts';
import { examination } from './examination.ts';
import type { FactValues } from './facts.ts';
import { type Answer, clean, finding, listed, note, undecided } from './line.ts';
import { findCilium } from './network-plugin.ts';

type Known = Pick<FactValues, 'daemonSets' | 'ciliumConfig'>;

const looked = 'ConfigMap cilium-config';
const restart = 'and restart its agents (kubectl rollout restart daemonset/cilium -n kube-system)';

/** What Cilium is told; an answer instead where there is none, or nothing to read. */
function settingsIn({ daemonSets, ciliumConfig }: Known): ReadonlyMap<string, string> | Answer {
  if (ciliumConfig !== undefined) return ciliumConfig;
  if (findCilium(daemonSets) === undefined) return clean(looked, 'Cilium is not installed');
  return undecided(looked, 'Cilium runs, and its ConfigMap does not exist', 'Look how its agents get their settings.');
}

/** What switches Cilium's enforcement off as a whole (cilium-configmap.yaml of v1.20.2). */
export const ciliumEnforcement = examination({
  id: 'cilium-enforcement',
  question: 'Does Cilium enforce what policies deny?',
  finding: '`policy-audit-mode` is `true`, or `enable-policy` is `never`',
  needs: ['daemonSets', 'ciliumConfig'],
  answer(known) {
    const settings = settingsIn(known);
    if ('status' in settings) return [settings];
    const [audit, policy] = [settings.get('policy-audit-mode'), settings.get('enable-policy')];
    const wrong = [
      ...(isTrue(audit)
        ? [
            finding(
              `${looked}, key policy-audit-mode`,
              `policy-audit-mode: "${audit}"`,
              'nothing is enforced: what policies deny is logged and passes',
              `Set policyAuditMode: false in the values of Cilium, ${restart}.`,
            ),
          ]
        : []),
      ...(policy?.trim().toLowerCase() === 'never'
        ? [
            finding(
              `${looked}, key enable-policy`,
              `enable-policy: "${policy}"`,
              'nothing is enforced: Cilium ignores all policies',
              `Set policyEnforcementMode: default in the values of Cilium, ${restart}.`,
            ),
          ]
        : []),
    ];
    return wrong.length > 0 ? wrong : [clean(looked, 'policies are enforced, and not only audited')];
  },
});

/** Whether Cilium keeps the labels that policies select by (pkg/labelsfilter). */
export const ciliumLabels = examination({
  id: 'cilium-labels',
  question: 'Does Cilium know Pods by the labels of the taxonomy?',
  finding: 'the label filter of Cilium drops a key of the taxonomy, so policies that select by it select no Pod',
  needs: ['daemonSets', 'ciliumConfig', 'config'],
  answer({ config, ...known }) {
    const settings = settingsIn(known);
    if ('status' in settings) return [settings];
    const place = `${looked}, key labels`;
    const text = settings.get('labels') ?? '';
    const filter = keepsLabel(text);
    if (typeof filter === 'string')
      return [
        undecided(place, `"${filter}" is an expression that only Cilium can read`, 'Compare it with the taxonomy.'),
      ];
    const dropped = [...config.taxonomy.keys.keys()].filter((key) => !filter(key));
    if (dropped.length === 0) return [clean(place, 'every key of the taxonomy is part of the identity')];
    return [
      finding(
        place,
        `${listed(dropped)} ${agree(dropped.length, 'is', 'are')} left out${text === '' ? ' by default' : `: labels: "${text}"`}`,
        'policies that select Pods by these labels select no Pod: they neither allow nor deny anything',
        `Add ${dropped.map((key) => `k8s:${key.replaceAll('.', '\\.')}`).join(' ')} to labels in the values of Cilium, ${restart}.`,
      ),
    ];
  },
});

/** Whether ipBlocks match what they are written for: Cilium knows its own ends by identity. */
export const ciliumAddresses = examination({
  id: 'cilium-addresses',
  question: 'Do ipBlocks match nodes and Pods?',
  finding:
    'Cilium matches no node by its address (`policy-cidr-match-mode` without `nodes`), and the configuration names nodes by address',
  needs: ['daemonSets', 'ciliumConfig', 'config'],
  answer({ config, ...known }) {
    const settings = settingsIn(known);
    if ('status' in settings) return [settings];
    const place = `${looked}, key policy-cidr-match-mode`;
    const modes = (settings.get('policy-cidr-match-mode') ?? '').split(/[\s,]+/).filter((mode) => mode !== '');
    const found = modes.length === 0 ? 'not set' : `policy-cidr-match-mode: "${modes.join(' ')}"`;
    const means = 'an ipBlock matches no Pod and no node that Cilium manages, only addresses outside';
    if (modes.includes('nodes')) return [clean(place, found)];
    const nodes = config.network.peers
      .filter(({ role, cidrs }) => role === 'nodes' && cidrs.length > 0)
      .map(({ name }) => name);
    if (nodes.length === 0) return [note(place, found, means)];
    return [
      finding(
        place,
        `${found}; the configuration has the peer ${listed(nodes)} of the role nodes`,
        `${means}: a policy that names these addresses opens nothing`,
        `Set policyCIDRMatchMode: [nodes] in the values of Cilium, ${restart}.`,
      ),
    ];
  },
});

/** As Go reads a boolean flag (strconv.ParseBool). */
function isTrue(text: string | undefined): boolean {
  return /^(?:1|t|true)$/i.test(text?.trim() ?? '');
}
