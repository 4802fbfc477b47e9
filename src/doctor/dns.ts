import type { DnsPlace } from '../config/config.ts';
import { isInRange, readAddress, readCidr } from '../network/address.ts';
import { agree, countOf } from '../wording/number.ts';
import { examination } from './examination.ts';
import type { DaemonSet, DnsService, Facts, PodFact } from './facts.ts';
import { type Answer, clean, finding, listed, note, undecided } from './line.ts';
import { findCilium, placeOf } from './network-plugin.ts';

/** Whether the Pods that answer DNS are those that the baseline allows, at their ports. */
export const dnsPods = examination({
  id: 'dns-pods',
  question: 'Are the DNS Pods where the baseline says?',
  finding: 'no Pod has the labels that the baseline selects, or the DNS Service sends clients to other Pods or ports',
  needs: ['config', 'dnsServices', 'pods'],
  answer({ config, dnsServices, pods }) {
    const places = config.baseline.dns.filter(({ namespace }) => namespace !== undefined);
    const { isDnsFound } = config.baseline;
    if (isDnsFound === false)
      return [
        finding(
          'baseline.dns: auto',
          'no Service of DNS was found',
          'the default place is assumed: where DNS is elsewhere, no Pod of a fenced namespace can resolve a name',
          'List the places under baseline.dns.',
        ),
        ...places.map((place) => placeAnswer(place, pods)),
      ];
    if (places.length === 0)
      return [note('baseline.dns', 'addresses only', 'whether DNS answers at them was not looked at')];
    const selected = places.map((place) => placeAnswer(place, pods));
    if (dnsServices.length === 0)
      return [...selected, note('Services of DNS by their usual names', 'none exists', 'ports are not compared')];
    return [...selected, ...dnsServices.flatMap((service) => serviceAnswers(service, places, pods))];
  },
});

function placeAnswer(place: DnsPlace, pods: readonly PodFact[]): Answer {
  const chosen = pods.filter((pod) => isOf(pod, place));
  const own = `Pods of ${place.namespace} with ${textOf(place.podLabels)}`;
  if (chosen.length > 0) return clean(own, countOf(chosen.length, 'Pod'));
  return finding(
    own,
    'none',
    'the baseline opens DNS to nobody there: if no other place answers, no Pod of a fenced namespace can resolve a name',
    'Set namespace and podLabels of this place under baseline.dns to those of the DNS Pods.',
  );
}

function serviceAnswers(service: DnsService, places: readonly DnsPlace[], pods: readonly PodFact[]): readonly Answer[] {
  const subject = `Service ${service.namespace}/${service.name}`;
  if (service.selector.size === 0)
    return [undecided(subject, 'it has no selector, so no labels say which Pods answer', compareByHand)];
  const behind = pods.filter(
    ({ namespace, labels }) => namespace === service.namespace && carries(labels, Object.fromEntries(service.selector)),
  );
  const outside = behind.filter((pod) => !places.some((place) => isOf(pod, place)));
  const meant = places.filter((place) => behind.some((pod) => isOf(pod, place)));
  const opened = (meant.length > 0 ? meant : places).flatMap(({ ports }) => ports);
  const ports = service.podPorts.filter((port) => !opened.includes(port));
  const labels = textOf(Object.fromEntries(service.selector), ': ');
  const wrong = [
    ...(outside.length > 0
      ? [
          finding(
            subject,
            `sends clients to ${listed(outside.map(({ namespace, name }) => `${namespace}/${name}`))}`,
            'the baseline does not select these Pods: fenced Pods cannot reach them',
            `Add to baseline.dns: {namespace: ${service.namespace}, podLabels: {${labels}}, ports: [${service.podPorts.join(', ')}]}.`,
          ),
        ]
      : []),
    ...(ports.length > 0
      ? [
          finding(
            subject,
            `its Pods listen on ${listed(ports.map(String))}`,
            `the baseline opens ${listed(opened.map(String))} only: fenced Pods get no answer`,
            `Set ports: [${service.podPorts.join(', ')}] for these Pods under baseline.dns.`,
          ),
        ]
      : []),
  ];
  if (wrong.length > 0) return wrong;
  if (behind.length === 0) return [undecided(subject, 'it selects no Pod now', compareByHand)];
  // Ports with a name alone are those of the endpoints.
  if (service.podPorts.length === 0)
    return [undecided(subject, 'no endpoint says on which ports its Pods listen', compareByHand)];
  return [clean(subject, 'its Pods and ports are those of the baseline')];
}

const compareByHand = 'Compare what answers DNS with the places under baseline.dns.';

/** Whether a NodeLocal DNS cache is there, and open. */
export const nodeLocalDns = examination({
  id: 'node-local-dns',
  question: 'Can fenced Pods reach a NodeLocal DNS cache?',
  finding: 'there is a cache, and the baseline does not open its address, or Cilium matches no ipBlock to it',
  needs: ['config', 'daemonSets'],
  answer({ config, daemonSets }, facts) {
    const { dns, nodeLocalDns } = config.baseline;
    const cidrs = [...dns.flatMap((place) => place.cidrs), ...(nodeLocalDns?.cidrs ?? [])];
    const cache = daemonSets.find(({ name, containers }) => isCache(name, containers));
    const setting = `addresses in baseline.dns: ${cidrs.length === 0 ? 'none' : cidrs.join(', ')}`;
    if (cache === undefined) {
      // Other addresses may be that of the DNS Service.
      const local = cidrs.filter(isLinkLocal);
      if (local.length === 0) return [clean('DaemonSet node-local-dns', 'there is no NodeLocal DNS cache')];
      return [
        note(
          `DaemonSet node-local-dns, and ${setting}`,
          'there is no NodeLocal DNS cache',
          'the baseline opens an address at which nobody answers',
          `Remove ${local.join(', ')} from baseline.dns, unless the cache is deployed under another name.`,
        ),
      ];
    }
    const addresses = localAddresses(cache);
    const listens =
      addresses.length === 0 ? 'where the cache listens is not known' : `the cache listens on ${listed(addresses)}`;
    const place = placeOf(cache);
    const remedy = `Set baseline.nodeLocalDns: {cidrs: [${addresses[0] ?? '169.254.20.10'}/32]}.`;
    if (cidrs.length === 0)
      return [
        finding(
          place,
          `${listens}; ${setting}`,
          'the baseline does not open the cache: no Pod of a fenced namespace can resolve a name through it',
          remedy,
        ),
      ];
    if (addresses.length === 0)
      return [
        undecided(
          place,
          `${listens}: it runs without -localip; ${setting}`,
          'Compare the address of the cache with them.',
        ),
      ];
    if (!addresses.some((address) => cidrs.some((cidr) => holds(cidr, address))))
      return [
        finding(place, `${listens}; ${setting}`, 'the baseline opens other addresses than that of the cache', remedy),
      ];
    return [onCilium(cache, daemonSets, facts) ?? clean(place, `${setting}; one is its address`)];
  },
});

/** On Cilium the cache is an end of its own (`host`), which no ipBlock matches. */
function onCilium(cache: DaemonSet, daemonSets: readonly DaemonSet[], facts: Facts): Answer | undefined {
  if (findCilium(daemonSets) === undefined) return undefined;
  const { otherPolicies } = facts;
  const read =
    'value' in otherPolicies
      ? (otherPolicies.value.find(({ kind }) => kind.kind === 'CiliumLocalRedirectPolicy')?.objects ?? { value: [] })
      : otherPolicies;
  if (!('value' in read))
    return undecided(`${placeOf(cache)} and CiliumLocalRedirectPolicies`, read.problem, read.remedy);
  const redirects = read.value;
  if (redirects.length > 0)
    return note(
      `${placeOf(cache)} and CiliumLocalRedirectPolicies`,
      `${redirects.length} ${agree(redirects.length, 'redirects', 'redirect')} traffic to Pods of the node`,
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

/** RFC 3927 and RFC 4291: where a cache listens, and no Service has its address. */
function isLinkLocal(cidr: string): boolean {
  return ['169.254.0.0/16', 'fe80::/10'].some((range) => holds(range, cidr.split('/')[0] ?? ''));
}

function holds(cidr: string, text: string): boolean {
  const [range, address] = [readCidr(cidr), readAddress(text)];
  return range !== undefined && address !== undefined && isInRange(range, address);
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

function isOf({ namespace, labels }: PodFact, place: DnsPlace): boolean {
  return namespace === place.namespace && carries(labels, place.podLabels);
}

function carries(labels: ReadonlyMap<string, string>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => labels.get(key) === value);
}

function textOf(labels: Readonly<Record<string, string>>, between = '='): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}${between}${value}`)
    .join(', ');
}
