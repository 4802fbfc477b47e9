import type { Exposures } from '../exposure/exposure.ts';
import type { Labels } from '../kubernetes/labels.ts';
import type { Inventory } from '../network/inventory.ts';
import type { Protocol } from '../network/rules.ts';
import { selects } from '../network/selector.ts';
import { isBehind, podPort } from '../network/service.ts';
import type { NamedPeer } from '../policy/network-config.ts';
import { mentionedServices } from './mentions.ts';
import type { Offers } from './offers.ts';
import type { Party } from './party.ts';
import type { Placed, Placer } from './placer.ts';
import type { Scrape } from './scrapes.ts';
import type { Workload, Workloads } from './workloads.ts';

/** A flow that manifests declare, with both its ends. */
export interface Declaration {
  readonly from: Party;
  readonly to: Party;
  readonly protocol: Protocol;
  readonly port: number;
  /** What declares it: `Ingress shop/web`. */
  readonly by: string;
  /**
   * Whether an object says of both ends that they talk (an Ingress, a webhook, an APIService). Such
   * a flow is one of the plan even if a log does not show it.
   */
  readonly isFirm: boolean;
}

/** What declarations are made from. */
export interface DeclarationSource {
  readonly inventory: Inventory;
  readonly workloads: Workloads;
  readonly offers: Offers;
  readonly exposures: Exposures;
  readonly peers: readonly NamedPeer[];
  /** The ports of DNS, as the baseline opens them. */
  readonly dnsPorts: readonly number[];
  /** Whether there is a log. Then only what the manifests themselves have is declared. */
  readonly isObserved: boolean;
}

/** Every flow that the manifests declare, in the order of the objects. */
export function declaredFlows(source: DeclarationSource, placer: Placer): readonly Declaration[] {
  return [
    ...fromIngress(source, placer),
    ...fromApiServer(source, placer),
    ...fromMentions(source, placer),
    ...fromMonitors(source, placer),
    ...toDns(source, placer),
    ...fromProbes(source, placer),
  ];
}

/** Ingresses and routes: from each ingress controller to the Pods behind the backends. */
function fromIngress(source: DeclarationSource, placer: Placer): readonly Declaration[] {
  const { exposures, peers, workloads } = source;
  const controllers = proxiesAmong(
    controllersOf(peers, workloads).flatMap((peer) => placer.ofPeer(peer)),
    source,
  );
  return exposures.all
    .filter(({ by }) => by === 'controller')
    .flatMap(({ kind, namespace, name, leads }) =>
      leads.flatMap(({ service, ports }) =>
        service === undefined
          ? []
          : ports.flatMap((port) =>
              placer.behind(service, port).flatMap((to) =>
                controllers.map((from) => ({
                  ...joined(from, to, port.protocol),
                  by: `${kind} ${namespace}/${name}`,
                  isFirm: true,
                })),
              ),
            ),
      ),
    );
}

/** The controllers that the manifests have, or else all that the configuration names. */
function controllersOf(peers: readonly NamedPeer[], workloads: Workloads): readonly NamedPeer[] {
  const named = peers.filter(({ role, namespace }) => role === 'ingress' && namespace !== undefined);
  const present = named.filter(({ namespace = '' }) => workloads.in(namespace).length > 0);
  return present.length > 0 ? present : named;
}

/**
 * Of the workloads in the namespace of a controller, those that take requests: neither Jobs, nor
 * what stands beside the one that a Service leads the outside to.
 */
function proxiesAmong(parties: readonly Party[], { exposures }: DeclarationSource): readonly Party[] {
  const lasting = parties.filter(({ end }) => end.kind !== 'workload' || !/^(?:cron)?job\//.test(end.workload));
  const entrances = exposures.all.filter(({ by }) => by === 'address').flatMap(({ leads }) => leads);
  const entered = lasting.filter(({ pods, target }) =>
    entrances.some(
      ({ service }) =>
        service !== undefined &&
        target?.kind === 'pods' &&
        target.namespace === service.namespace &&
        [target.labels, ...pods.map(({ labels }) => labels)].some((labels) => isBehind(service, labels)),
    ),
  );
  return entered.length > 0 ? entered : lasting;
}

/** Webhooks and API servers behind the API server. */
function fromApiServer({ offers, inventory }: DeclarationSource, placer: Placer): readonly Declaration[] {
  return offers.calls.flatMap(({ by, namespace, service: name, port }) => {
    const service = inventory.services.get(`${namespace}/${name}`);
    const meant = service?.ports.find((one) => one.port === port && one.protocol === 'TCP');
    if (service === undefined || meant === undefined) return [];
    return placer.behind(service, meant).map((to) => ({ ...joined(placer.apiServer, to, 'TCP'), by, isFirm: true }));
  });
}

/** Workloads that name a Service in a variable, an argument or a ConfigMap. */
function fromMentions({ offers, inventory, workloads }: DeclarationSource, placer: Placer): readonly Declaration[] {
  const byKey = keyed(workloads);
  return offers.mentions.flatMap((mention) => {
    const from = partyOf(mention.workload, byKey, inventory, placer);
    if (from === undefined) return [];
    return mentionedServices(mention, inventory.services).flatMap(({ service, ports }) =>
      ports.flatMap((port) =>
        placer
          .behind(service, port)
          .filter((to) => JSON.stringify(to.party.end) !== JSON.stringify(from.end))
          .map((to) => ({ ...joined(from, to, port.protocol), by: mention.by, isFirm: false })),
      ),
    );
  });
}

/** PodMonitors, ServiceMonitors and annotations: from each configured monitoring peer. */
function fromMonitors(source: DeclarationSource, placer: Placer): readonly Declaration[] {
  const monitors = source.peers
    .filter(({ role }) => role === 'monitoring')
    .flatMap((peer) => placer.ofPeer(peer))
    .filter(({ target }) => target?.kind !== 'pods' || isScraper(target.name, target.isPeer));
  return source.offers.scrapes.flatMap((scrape) =>
    scraped(scrape, source, placer).flatMap((to) =>
      monitors.map((from) => ({ ...joined(from, to, 'TCP'), by: scrape.by, isFirm: false })),
    ),
  );
}

/** Of the workloads in a monitoring namespace, only those that scrape: not Grafana, for example. */
function isScraper(name: string, isPeer: boolean): boolean {
  return isPeer || /prometheus(?!.*(operator|adapter|exporter))|victoria|vmagent|agent|alloy|collector/i.test(name);
}

function scraped(
  scrape: Scrape,
  { workloads, inventory, offers: { serviceLabels } }: DeclarationSource,
  placer: Placer,
): readonly Placed[] {
  const { namespaces, target, of, ports } = scrape;
  const isMeant = (namespace: string, labels: Labels): boolean =>
    (namespaces?.includes(namespace) ?? true) && 'selector' in target && selects(target.selector, labels);
  if (of === 'services') {
    return [...inventory.services.values()].flatMap((service) => {
      const labels = serviceLabels.get(`${service.namespace}/${service.name}`);
      if (labels === undefined || !isMeant(service.namespace, labels)) return [];
      return service.ports
        .filter((one) => ports.some(({ port }) => port === one.name || port === one.target || port === one.port))
        .flatMap((port) => placer.behind(service, port));
    });
  }
  const chosen = workloads.all.filter((one) =>
    'workload' in target ? target.workload === keyOf(one) : isMeant(one.namespace, one.labels),
  );
  return chosen.flatMap((one) => {
    const numbers =
      ports.length === 0
        ? one.ports.filter(({ protocol }) => protocol === 'TCP').map(({ port }) => port)
        : ports.flatMap(({ port }) => podPort({ target: port, protocol: 'TCP' }, one) ?? []);
    return numbers.map((port) => ({ party: placer.ofWorkload(one), port }));
  });
}

/** Every workload asks the DNS that the baseline opens. */
function toDns(source: DeclarationSource, placer: Placer): readonly Declaration[] {
  const { workloads, peers, dnsPorts, isObserved } = source;
  const places = peers
    .filter(({ role }) => role === 'dns')
    .flatMap((peer) => placer.ofPeer(peer))
    .filter(({ end }) => !isObserved || end.kind === 'workload');
  return workloads.all.flatMap((workload) =>
    places.flatMap((to) =>
      dnsPorts.flatMap((port) =>
        (['UDP', 'TCP'] as const).map((protocol) => ({
          ...joined(placer.ofWorkload(workload), { party: to, port }, protocol),
          by: 'DNS',
          isFirm: false,
        })),
      ),
    ),
  );
}

/** The kubelet probes the Pods of its own node. */
function fromProbes({ offers, workloads }: DeclarationSource, placer: Placer): readonly Declaration[] {
  const byKey = keyed(workloads);
  const [host] = placer.place(
    { kind: 'node', name: 'host' },
    { protocol: 'TCP', port: 0, last: undefined, others: [] },
  );
  return offers.probes.flatMap(({ workload, port: target }) => {
    const one = byKey.get(workload);
    const port = one && podPort({ target, protocol: 'TCP' }, one);
    if (one === undefined || port === undefined || host === undefined) return [];
    const to = { party: placer.ofWorkload(one), port };
    return [{ ...joined(host.party, to, 'TCP'), by: 'probe', isFirm: false }];
  });
}

function joined(from: Party, { party, port }: Placed, protocol: Protocol): Omit<Declaration, 'by' | 'isFirm'> {
  return { from, to: party, protocol, port };
}

function keyed(workloads: Workloads): ReadonlyMap<string, Workload> {
  return new Map(workloads.all.map((one) => [keyOf(one), one]));
}

function partyOf(
  key: string,
  byKey: ReadonlyMap<string, Workload>,
  { podsByName }: Inventory,
  placer: Placer,
): Party | undefined {
  const workload = byKey.get(key);
  if (workload !== undefined) return placer.ofWorkload(workload);
  const pod = podsByName.get(key);
  return pod && placer.ofPod(pod);
}

function keyOf({ namespace, kind, name }: Workload): string {
  return `${namespace}/${kind}/${name}`;
}
