import { examination } from './examination.ts';
import type { DaemonSet, Facts } from './facts.ts';
import { type Answer, clean, finding, undecided } from './line.ts';
import {
  allArguments,
  isPolicyControllerOfK3s,
  looked,
  type PluginName,
  placeOf,
  presentIn,
} from './network-plugin.ts';

/**
 * What a plugin does with the traffic of a Pod before it has the policies of the Pod. Kubernetes
 * demands that a Pod is isolated before it starts
 * (https://kubernetes.io/docs/concepts/services-networking/network-policies/#pod-lifecycle).
 */
interface Start {
  /** Undefined: not known. */
  readonly isClosed: boolean | undefined;
  /** A clause. */
  readonly what: string;
  /** Whether the answer is about a setting; the place of its line. */
  readonly setting?: string;
  readonly remedy?: string;
}

const closed = (what: string): Start => ({ isClosed: true, what });
const open = (what: string, remedy: string): Start => ({ isClosed: false, what, remedy });
const unknown = (what: string, remedy: string): Start => ({ isClosed: undefined, what, remedy });

const measure =
  'Measure it: in a namespace that denies egress, start a Pod that calls out at once, and see whether the first call passes.';
const otherPlugin =
  'Run a plugin that holds Pods back until their policies are there (docs/network-plugins.md, row 2), or accept that a Pod is open while it starts.';

/** In the words of a maintainer, `kube-router issue 873`; k3s runs the same controller. */
const openOfKubeRouter = 'a new Pod allows all traffic until its rules are there, for up to five seconds';

/**
 * What is known of each plugin, and where it says so. `unknown` is what no project says. All were
 * read in November 2026, in the projects' repositories on GitHub:
 * - Cilium: cilium PR 5115, a new endpoint waits until the policies are known.
 * - Calico: calico issue 6113, a maintainer: a Pod without its rules has no network. Issue 8048
 *   has the same from a user, with the Amazon VPC CNI.
 * - Amazon VPC CNI: the EKS User Guide, "Set up policy enforcement at Pod startup":
 *   NETWORK_POLICY_ENFORCING_MODE is `standard` (default allow) or `strict` (default deny).
 * - Antrea: antrea PR 222 and issue 197, a maintainer: the rules of a new Pod are put in place when
 *   its network is made. That is faster than its containers start, and the Pod does not wait.
 *   PR 5698, which would have blocked its packets until then, was closed without a merge.
 * - OVN-Kubernetes: no word of the project. In kubernetes/enhancements PR 5995, a maintainer
 *   supposes that it has the race.
 * - kube-router: issue 873 and PR 2079, which adds --netpol-default-deny. That switches itself off
 *   on a node whose Pod networks are not known. k3s: issue 13432.
 * - kube-network-policies: pkg/cmd/cmd.go, the flag --disable-nri, and pkg/podinfo/nri: it learns
 *   of the address of a Pod from the container runtime. Where pkg/networkpolicy/networkpolicy.go
 *   knows no Pod by an address, it denies nothing. kindnet is built from its code; whether with
 *   NRI, its documentation (https://kindnet.es/docs/user/network-policies) does not say.
 * - Azure's policy manager: Azure/AKS issue 2996, a user's report with the answer of the support.
 * - Kube-OVN: nothing was found.
 * - Weave Net: weave issue 3829, a maintainer: everything is dropped until weave-npc knows the Pod.
 */
export const starts: Readonly<Record<PluginName, Start | ((daemonSet: DaemonSet) => Start)>> = {
  Cilium: closed('a new Pod waits until its policies are known'),
  Calico: closed('a new Pod has no network until its policies are there'),
  'the Amazon VPC CNI': amazonStart,
  Antrea: unknown(
    'the policies of a new Pod are put in place while its containers start, and it does not wait for them',
    measure,
  ),
  'OVN-Kubernetes': unknown('the project does not say whether a new Pod waits for its policies', measure),
  'kube-router': ({ containers }) => ({
    ...(allArguments(containers).some((text) => /^--netpol-default-deny(?:=(?:true|1))?$/i.test(text))
      ? closed('a new Pod is closed until its rules are there, on nodes whose Pod networks are known')
      : open(openOfKubeRouter, 'Run kube-router with --netpol-default-deny, which it has since May 2026.')),
    setting: '--netpol-default-deny',
  }),
  kindnet: unknown(
    'each connection waits for a decision of the agent, and the project does not say whether that knows a new Pod by then',
    measure,
  ),
  'kube-network-policies': policyControllerStart,
  "Azure's policy manager": open(
    'a new Pod allows all traffic until its policies are there, as the support of AKS says',
    otherPlugin,
  ),
  'Kube-OVN': unknown('the project does not say whether a new Pod waits for its policies', measure),
  'Weave Net': closed('everything is dropped until a new Pod is known'),
  flannel: policyControllerStart,
};

/** Whether new Pods wait for their policies. */
export const podStart = examination({
  id: 'pod-start',
  question: 'Do policies hold from the first packet of a Pod?',
  finding:
    'the plugin is known to leave a new Pod open until its policies are there: the Amazon VPC CNI in its standard mode, kube-router (also in k3s), kube-network-policies without NRI, the policy manager of Azure',
  needs: ['daemonSets', 'version'],
  answer({ daemonSets, version }, facts) {
    const present = presentIn(daemonSets, facts);
    const enforcing = present.filter(({ enforces }) => enforces === true);
    if (enforcing.length > 0)
      return enforcing.map(({ plugin: { name }, daemonSet }) => {
        const start = starts[name];
        return answerFor(name, daemonSet, typeof start === 'function' ? start(daemonSet) : start);
      });
    const doubtful = present.filter(({ enforces }) => enforces === undefined);
    if (doubtful.length > 0)
      return doubtful.map(({ plugin: { name }, daemonSet }) =>
        undecided(placeOf(daemonSet), `it is not known whether ${name} enforces NetworkPolicies`, seePlugin),
      );
    if (version.git.includes('+k3s')) return [k3sAnswer(facts)];
    // The examination network-plugin has a finding for a plugin that does not enforce.
    return present.length > 0 ? [] : [undecided(looked, 'no known network plugin', seePlugin)];
  },
});

const seePlugin = 'See the examination network-plugin.';

function answerFor(name: PluginName, daemonSet: DaemonSet, start: Start): Answer {
  const { isClosed, what, setting, remedy = '' } = start;
  const place = setting === undefined ? placeOf(daemonSet) : `${placeOf(daemonSet)}, ${setting}`;
  const found = `${name}: ${what}`;
  if (isClosed === undefined) return undecided(place, found, remedy);
  return isClosed ? clean(place, found) : finding(place, found, means, remedy);
}

const means = 'until then it sends and receives what its policies deny, also data that it was started to send';

function k3sAnswer(facts: Facts): Answer {
  const place = 'the policy controller of k3s';
  const isRunning = isPolicyControllerOfK3s(facts);
  if (isRunning === undefined) return undecided(place, 'it is not known whether it runs', seePlugin);
  return isRunning
    ? finding(place, openOfKubeRouter, means, otherPlugin)
    : undecided(place, 'it is switched off, and no known network plugin enforces NetworkPolicies', seePlugin);
}

function amazonStart({ containers }: DaemonSet): Start {
  const setting = 'NETWORK_POLICY_ENFORCING_MODE';
  const found = containers.filter(({ env }) => env.has(setting)).map(({ env }) => env.get(setting));
  if (found.includes(undefined))
    return {
      ...unknown('its value is read from elsewhere (valueFrom)', 'See that it is "strict" on the container aws-node.'),
      setting,
    };
  const mode = found.find(Boolean);
  if (mode === 'strict') return { ...closed('strict: a new Pod is closed until its policies are there'), setting };
  return {
    ...open(
      `${mode ?? 'not set, which means standard'}: a new Pod allows all traffic until the agent has attached its policies, for some seconds`,
      'Set NETWORK_POLICY_ENFORCING_MODE to "strict" on the container aws-node. Every Pod then needs policies for all its traffic.',
    ),
    setting,
  };
}

function policyControllerStart({ containers }: DaemonSet): Start {
  if (allArguments(containers).some((text) => /^--?disable-nri(?:=(?:true|1))?$/i.test(text)))
    return {
      ...open(
        'it learns of a new Pod from the API server, and until then denies it nothing',
        'Run kube-network-policies without --disable-nri, on a container runtime that has NRI switched on.',
      ),
      setting: '--disable-nri',
    };
  return unknown(
    'it learns of a new Pod from the container runtime where that has NRI, and else from the API server, and until then denies it nothing',
    'See that NRI is switched on in the container runtime of each node.',
  );
}
