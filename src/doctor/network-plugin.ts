import { countOf } from '../wording/number.ts';
import { examination } from './examination.ts';
import { type Container, type DaemonSet, type Facts, valueIn } from './facts.ts';
import { type Answer, clean, finding, listed, note, undecided } from './line.ts';

/** Whether a plugin enforces NetworkPolicies as it runs here. */
type Verdict = { readonly enforces: boolean | undefined; readonly why?: string; readonly remedy?: string };

/** The plugins that the doctor knows. */
export type PluginName =
  | 'Cilium'
  | 'Calico'
  | 'the Amazon VPC CNI'
  | 'Antrea'
  | 'OVN-Kubernetes'
  | 'kube-router'
  | 'kindnet'
  | 'kube-network-policies'
  | "Azure's policy manager"
  | 'Kube-OVN'
  | 'Weave Net'
  | 'flannel';

interface Plugin {
  readonly name: PluginName;
  /** The names that DaemonSets have in the projects' manifests and in distributions. */
  readonly daemonSets: readonly string[];
  /** Part of an image's name, where a DaemonSet is called otherwise. */
  readonly image: RegExp;
  /** Undefined: it enforces whenever it runs. */
  readonly verdict?: (daemonSet: DaemonSet, facts: Facts) => Verdict;
}

const policyController = /(?:^|\/)kube-network-policies/;

const plugins: readonly Plugin[] = [
  // GKE Dataplane V2 calls it anetd.
  { name: 'Cilium', daemonSets: ['cilium', 'anetd'], image: /(?:^|\/)cilium\/cilium(?:-ci)?(?:[:@]|$)/ },
  { name: 'Calico', daemonSets: ['calico-node', 'canal', 'rke2-canal'], image: /(?:^|\/)calico\/node(?:[:@]|$)/ },
  {
    name: 'the Amazon VPC CNI',
    daemonSets: ['aws-node'],
    image: /(?:^|\/)amazon-k8s-cni(?:[:@]|$)/,
    verdict: amazonVerdict,
  },
  { name: 'Antrea', daemonSets: ['antrea-agent'], image: /(?:^|\/)antrea\/antrea-(?:agent|ubuntu|ubi)/ },
  { name: 'OVN-Kubernetes', daemonSets: ['ovnkube-node'], image: /ovn-kube(?:rnetes)?(?:[-:@]|$)/ },
  {
    name: 'kube-router',
    daemonSets: ['kube-router'],
    image: /(?:^|\/)kube-router(?:[:@]|$)/,
    verdict: ({ containers }) =>
      allArguments(containers).some((text) => /^--run-firewall=(?:false|0)$/i.test(text))
        ? {
            enforces: false,
            why: 'it runs with --run-firewall=false',
            remedy: 'Run kube-router with --run-firewall=true.',
          }
        : { enforces: true },
  },
  { name: 'kindnet', daemonSets: ['kindnet'], image: /(?:^|\/)kindnetd?(?:[:@]|$)/, verdict: kindnetVerdict },
  { name: 'kube-network-policies', daemonSets: ['kube-network-policies'], image: policyController },
  { name: "Azure's policy manager", daemonSets: ['azure-npm'], image: /(?:^|\/)azure-npm(?:[:@]|$)/ },
  {
    name: 'Kube-OVN',
    daemonSets: ['kube-ovn-cni'],
    image: /(?:^|\/)kube-ovn(?:[:@]|$)/,
  },
  { name: 'Weave Net', daemonSets: ['weave-net'], image: /(?:^|\/)weave-npc(?:[:@]|$)/ },
  {
    name: 'flannel',
    daemonSets: ['kube-flannel-ds', 'kube-flannel'],
    image: /(?:^|\/)flannel(?:[:@]|$)/,
    // Its chart may put kube-network-policies beside it, in the same Pod (netpol.enabled, 0.25.5).
    verdict: ({ containers }) =>
      containers.some(({ image }) => policyController.test(image))
        ? { enforces: true }
        : { enforces: false, why: 'it connects Pods and knows no policies', remedy: addPlugin },
  },
];

const addPlugin =
  'Install a network plugin that enforces NetworkPolicies (Cilium, Calico, Antrea, kube-router), then prove it: ringfence doctor --probe NAMESPACE';
export const looked = 'DaemonSets of known network plugins, in all namespaces';

/** A known plugin that was found, and whether it enforces. */
interface Present extends Verdict {
  readonly plugin: Plugin;
  readonly daemonSet: DaemonSet;
}

/** Whether anything enforces NetworkPolicies at all. */
export const networkPlugin = examination({
  id: 'network-plugin',
  question: 'Does a network plugin enforce NetworkPolicies?',
  finding: 'no known plugin is there, or the one that is there does not enforce them, or does not run on every node',
  needs: ['daemonSets', 'version'],
  answer({ daemonSets, version }, facts) {
    const present = presentIn(daemonSets, facts);
    const enforcing = present.filter(({ enforces }) => enforces === true);
    if (enforcing.length > 0) return enforcing.map(answerFor);
    const doubtful = present.filter(({ enforces }) => enforces === undefined);
    if (doubtful.length > 0)
      return doubtful.map(({ plugin, daemonSet, why = '', remedy = addPlugin }) =>
        undecided(placeOf(daemonSet), `${plugin.name} is there, but ${why}`, remedy),
      );
    if (version.git.includes('+k3s')) return [k3sAnswer(facts)];
    return [notEnforced(present)];
  },
});

/** The known plugins of a cluster, each with whether it enforces. */
export function presentIn(daemonSets: readonly DaemonSet[], facts: Facts): readonly Present[] {
  return daemonSets.flatMap((daemonSet) => {
    const plugin =
      plugins.find(({ daemonSets: names }) => names.includes(daemonSet.name)) ??
      plugins.find(({ image }) => daemonSet.containers.some((container) => image.test(container.image)));
    if (plugin === undefined) return [];
    return [{ plugin, daemonSet, ...(plugin.verdict?.(daemonSet, facts) ?? { enforces: true }) }];
  });
}

/** Whether Cilium is one of the plugins: then its ConfigMap says more. */
export function findCilium(daemonSets: readonly DaemonSet[]): DaemonSet | undefined {
  const [cilium] = plugins;
  return daemonSets.find(
    ({ name, containers }) =>
      cilium?.daemonSets.includes(name) === true || containers.some(({ image }) => cilium?.image.test(image) === true),
  );
}

function answerFor({ plugin, daemonSet }: Present): Answer {
  const { desired, ready } = daemonSet;
  const place = placeOf(daemonSet);
  if (ready < desired)
    return finding(
      place,
      `${plugin.name} is ready on ${ready} of ${countOf(desired, 'node')}`,
      'on the other nodes nothing may enforce NetworkPolicies, or new policies are not followed',
      `Look at its Pods: kubectl get pods -n ${daemonSet.namespace} -o wide`,
    );
  if (desired === 0)
    return note(place, `${plugin.name} is installed, and no node runs it`, 'it enforces nothing until nodes join');
  return clean(place, `${plugin.name} enforces NetworkPolicies, on ${ready} of ${countOf(desired, 'node')}`);
}

function notEnforced(present: readonly Present[]): Answer {
  const means = 'NetworkPolicies may be objects without effect: the baseline would deny nothing';
  if (present.length === 0) return finding(looked, 'no known network plugin', means, addPlugin);
  const names = present.map(({ plugin, why }) => (why === undefined ? plugin.name : `${plugin.name} (${why})`));
  const remedy = present.find((one) => one.remedy !== undefined)?.remedy ?? addPlugin;
  return finding(
    listed(present.map(({ daemonSet }) => placeOf(daemonSet))),
    `only ${listed(names)}`,
    'no NetworkPolicy has an effect: the baseline denies nothing',
    remedy,
  );
}

/** k3s runs kube-router's policy controller inside its own process, unless told otherwise. */
function k3sAnswer(facts: Facts): Answer {
  const { k3sArguments } = facts;
  const place = 'the annotation k3s.io/node-args of all nodes';
  if (!('value' in k3sArguments)) return undecided(place, k3sArguments.problem, k3sArguments.remedy);
  const isRunning = isPolicyControllerOfK3s(facts);
  if (isRunning === undefined)
    return undecided(
      place,
      'no server of k3s says there with which arguments it runs',
      'Look whether they run with --disable-network-policy, which switches the policy controller off.',
    );
  return isRunning
    ? clean(place, 'the policy controller of k3s is not switched off')
    : finding(
        place,
        'k3s runs with --disable-network-policy, and no known plugin enforces NetworkPolicies',
        'no NetworkPolicy has an effect: the baseline denies nothing',
        'Start the k3s servers without --disable-network-policy, or install a plugin that enforces NetworkPolicies.',
      );
}

/** Whether k3s runs its policy controller, in a cluster of k3s; undefined if that is not known. */
export function isPolicyControllerOfK3s({ k3sArguments }: Facts): boolean | undefined {
  const servers = (valueIn(k3sArguments) ?? []).flatMap(({ args }) => (args?.[0] === 'server' ? [args] : []));
  if (servers.length === 0) return undefined;
  return servers.every(
    (args) =>
      !args.some((text, index) => /^--disable-network-policy(?:=true)?$/.test(text) && args[index + 1] !== 'false'),
  );
}

function amazonVerdict({ containers }: DaemonSet, facts: Facts): Verdict {
  const agent = containers.find(({ name }) => name === 'aws-eks-nodeagent');
  const remedy = 'Set enableNetworkPolicy: "true" in the configuration of the add-on vpc-cni.';
  if (agent === undefined) return { enforces: false, why: 'it has no network policy agent', remedy };
  if (!agent.args.some((text) => /^--enable-network-policy=(?:true|1)$/i.test(text)))
    return { enforces: false, why: 'its agent runs without --enable-network-policy=true', remedy };
  const { vpcCniConfig } = facts;
  if (!('value' in vpcCniConfig))
    return { enforces: undefined, why: vpcCniConfig.problem, remedy: vpcCniConfig.remedy };
  const controller = vpcCniConfig.value?.get('enable-network-policy-controller');
  if (controller !== undefined && controller !== 'true')
    return {
      enforces: false,
      why: `ConfigMap kube-system/amazon-vpc-cni has enable-network-policy-controller: "${controller}"`,
      remedy,
    };
  return { enforces: true };
}

/** kind's own plugin knows policies since kind 0.24 of August 2024, and has its date as its tag. */
function kindnetVerdict({ containers }: DaemonSet): Verdict {
  const dates = containers.flatMap(({ image }) => /kindnetd?:v?(\d{8})-/.exec(image)?.[1] ?? []);
  return dates.some((date) => date < firstKindnet)
    ? {
        enforces: false,
        why: 'this version, older than kind 0.24, knows no policies',
        remedy: 'Make the cluster with kind 0.24 or later.',
      }
    : { enforces: true };
}

const firstKindnet = '20240813';

/** `DaemonSet kube-system/cilium`. */
export function placeOf({ namespace, name }: Pick<DaemonSet, 'namespace' | 'name'>): string {
  return `DaemonSet ${namespace}/${name}`;
}

/** The arguments of all containers. */
export function allArguments(containers: readonly Container[]): readonly string[] {
  return containers.flatMap(({ args }) => args);
}
