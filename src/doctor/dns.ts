import type { DnsConfig } from '../config/config.ts';
import { examination } from './examination.ts';
import type { DaemonSet, DnsService, Facts, PodFact } from './facts.ts';
import { valueIn } from './facts.ts';
import { type Answer, clean, finding, listed, note } from './line.ts';
import { findCilium, placeOf } from './network-plugin.ts';

/** Whether the Pods that answer DNS are those that the baseline allows, at their ports. */
export const dnsPods = examination({
  id: 'dns-pods',
  question: 'Are the DNS Pods where the baseline says?',
  finding: 'no Pod has the labels that the baseline selects, or the DNS Service sends clients to other Pods or ports',
  needs: ['config', 'dnsServices', 'pods'],
  answer({ config, dnsServices, pods }) {
    const { dns } = config.baseline;
    const chosen = pods.filter((pod) => pod.namespace === dns.namespace && carries(pod.labels, dns.podLabels));
    const own = `Pods of ${dns.namespace} with ${textOf(dns.podLabels)}`;
    const selected =
      chosen.length === 0
        ? finding(
            own,
            'none',
            'the baseline opens DNS to nobody: no Pod of a fenced namespace can resolve a name',
            'Set baseline.dns.namespace and baseline.dns.podLabels to those of the DNS Pods.',
          )
        : clean(own, `${chosen.length} ${chosen.length === 1 ? 'Pod' : 'Pods'}`);
    if (dnsServices.length === 0)
      return [selected, note('Services of DNS by their usual names', 'none exists', 'ports are not compared')];
    return [selected, ...dnsServices.flatMap((service) => serviceAnswers(service, dns, pods))];
  },
});

function serviceAnswers(service: DnsService, dns: DnsConfig, pods: readonly PodFact[]): readonly Answer[] {
  const place = `Service ${service.namespace}/${service.name}`;
  const behind = pods.filter(
    ({ namespace, labels }) => namespace === service.namespace && carries(labels, Object.fromEntries(service.selector)),
  );
  const outside = behind.filter(
    ({ namespace, labels }) => namespace !== dns.namespace || !carries(labels, dns.podLabels),
  );
  const ports = service.podPorts.filter((port) => !dns.ports.includes(port));
  const wrong = [
    ...(outside.length > 0 && service.selector.size > 0
      ? [
          finding(
            place,
            `sends clients to ${listed(outside.map(({ namespace, name }) => `${namespace}/${name}`))}`,
            'the baseline does not select these Pods: fenced Pods cannot reach them',
            `Set baseline.dns.namespace: ${service.namespace} and baseline.dns.podLabels: {${textOf(Object.fromEntries(service.selector), ': ')}}.`,
          ),
        ]
      : []),
    ...(ports.length > 0
      ? [
          finding(
            place,
            `its Pods listen on ${listed(ports.map(String))}`,
            `the baseline opens ${listed(dns.ports.map(String))} only: fenced Pods get no answer`,
            `Set baseline.dns.ports: [${service.podPorts.join(', ')}].`,
          ),
        ]
      : []),
  ];
  return wrong.length > 0 ? wrong : [clean(place, `its Pods and ports are those of the baseline`)];
}

/** Whether a NodeLocal DNS cache is there, and open. */
export const nodeLocalDns = examination({
  id: 'node-local-dns',
  question: 'Can fenced Pods reach a NodeLocal DNS cache?',
  finding: 'there is a cache, and the baseline does not open its address, or Cilium matches no ipBlock to it',
  needs: ['config', 'daemonSets'],
  answer({ config, daemonSets }, facts) {
    const { nodeLocalCidr } = config.baseline.dns;
    const cache = daemonSets.find(({ name, containers }) => isCache(name, containers));
    const setting = `baseline.dns.nodeLocalCidr: ${nodeLocalCidr ?? 'not set'}`;
    if (cache === undefined)
      return [
        nodeLocalCidr === undefined
          ? clean('DaemonSet node-local-dns', 'there is no NodeLocal DNS cache')
          : note(
              `DaemonSet node-local-dns, and ${setting}`,
              'there is no NodeLocal DNS cache',
              'the baseline opens an address at which nobody answers',
              'Remove baseline.dns.nodeLocalCidr, unless the cache is deployed under another name.',
            ),
      ];
    const addresses = localAddresses(cache);
    const place = placeOf(cache);
    if (nodeLocalCidr === undefined)
      return [
        finding(
          place,
          `the cache listens on ${listed(addresses)}; ${setting}`,
          'the baseline does not open the cache: no Pod of a fenced namespace can resolve a name through it',
          `Set baseline.dns.nodeLocalCidr: ${addresses[0] ?? '169.254.20.10'}/32.`,
        ),
      ];
    const [address = ''] = nodeLocalCidr.split('/');
    if (addresses.length > 0 && !addresses.includes(address) && nodeLocalCidr.endsWith('/32'))
      return [
        finding(
          place,
          `the cache listens on ${listed(addresses)}; ${setting}`,
          'the baseline opens another address than that of the cache',
          `Set baseline.dns.nodeLocalCidr: ${addresses[0]}/32.`,
        ),
      ];
    return [onCilium(cache, daemonSets, facts) ?? clean(place, `${setting}, which is its address`)];
  },
});

/** On Cilium the cache is an end of its own (`host`), which no ipBlock matches. */
function onCilium(cache: DaemonSet, daemonSets: readonly DaemonSet[], facts: Facts): Answer | undefined {
  if (findCilium(daemonSets) === undefined) return undefined;
  const redirects = valueIn(facts.otherPolicies)
    ?.filter(({ kind }) => kind.kind === 'CiliumLocalRedirectPolicy')
    .flatMap(({ objects }) => valueIn(objects) ?? []);
  if (redirects !== undefined && redirects.length > 0)
    return note(
      `${placeOf(cache)} and CiliumLocalRedirectPolicies`,
      `${redirects.length} redirect traffic to Pods of the node`,
      'redirected DNS goes to the Pods of the cache; whether it is DNS that they redirect was not looked at',
    );
  return finding(
    placeOf(cache),
    'the cache runs on the network of the nodes, and Cilium is the network plugin',
    'for Cilium the address is the node itself, which an ipBlock does not match: fenced Pods may not resolve names',
    'Redirect DNS with a CiliumLocalRedirectPolicy, or open it with a CiliumNetworkPolicy (toEntities: [host], port 53).',
  );
}

function isCache(name: string, containers: DaemonSet['containers']): boolean {
  return name === 'node-local-dns' || containers.some(({ image }) => image.includes('k8s-dns-node-cache'));
}

/** Its option `-localip`: addresses with commas between them. */
function localAddresses({ containers }: DaemonSet): readonly string[] {
  const args = containers.flatMap((container) => container.args);
  return args
    .flatMap((text, index) => {
      const [, value] = /^--?localip(?:=(.*))?$/.exec(text) ?? [undefined, undefined];
      if (value !== undefined) return value.split(',');
      return /^--?localip$/.test(text) ? (args[index + 1] ?? '').split(',') : [];
    })
    .filter((address) => address !== '');
}

function carries(labels: ReadonlyMap<string, string>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => labels.get(key) === value);
}

function textOf(labels: Readonly<Record<string, string>>, between = '='): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}${between}${value}`)
    .join(', ');
}
