// A world in which every part of the baseline has somebody to let in or to reach, and references
// that read what the other dialects mean. They share nothing with the code that renders.

import { readAddress } from '../../src/network/address.ts';
import { createEvaluator, type Endpoint } from '../../src/network/evaluator.ts';
import { createInventory } from '../../src/network/inventory.ts';

type Labels = Readonly<Record<string, string>>;

/** The fields of a CiliumNetworkPolicy that the baseline uses. */
interface CiliumPolicy {
  readonly metadata: { readonly namespace: string };
  readonly spec: {
    readonly endpointSelector: { readonly matchLabels?: Labels };
    readonly enableDefaultDeny: { readonly ingress: boolean; readonly egress: boolean };
    readonly ingress?: readonly CiliumRule[];
    readonly egress?: readonly CiliumRule[];
  };
}

interface CiliumRule {
  readonly fromEndpoints?: readonly { readonly matchLabels: Labels }[];
  readonly toEndpoints?: readonly { readonly matchLabels: Labels }[];
  readonly fromCIDR?: readonly string[];
  readonly toCIDR?: readonly string[];
  readonly fromEntities?: readonly string[];
  readonly toEntities?: readonly string[];
  readonly toPorts?: readonly {
    readonly ports: readonly { readonly port: string; readonly endPort?: number; readonly protocol: string }[];
  }[];
}

/** The fields of a NetworkPolicy of Calico that the baseline uses. */
interface CalicoPolicy {
  readonly metadata: object;
  readonly spec: {
    readonly tier: string;
    readonly selector: string;
    readonly types: readonly string[];
    readonly ingress?: readonly CalicoRule[];
    readonly egress?: readonly CalicoRule[];
  };
}

interface CalicoRule {
  readonly action: string;
  readonly protocol: string;
  readonly source?: CalicoEnd;
  readonly destination: CalicoEnd & { readonly ports: readonly (number | string)[] };
}

interface CalicoEnd {
  readonly nets?: readonly string[];
  readonly namespaceSelector?: string;
  readonly selector?: string;
}

const pods: readonly (readonly [namespace: string, name: string, address: string, labels: Labels])[] = [
  ['shop', 'web', '10.244.0.1', { expose: 'true' }],
  ['shop', 'api', '10.244.0.2', { expose: 'false' }],
  ['shop', 'hook', '10.244.0.3', { expose: 'false', app: 'hook' }],
  ['other', 'web', '10.244.1.1', { expose: 'true' }],
  ['openshift-dns', 'dns', '10.244.2.1', { dns: 'default' }],
  ['openshift-dns', 'operator', '10.244.2.2', { app: 'operator' }],
  ['monitoring', 'prometheus', '10.244.3.1', { app: 'prometheus' }],
  ['monitoring', 'grafana', '10.244.3.2', { app: 'grafana' }],
  ['ingress-nginx', 'controller', '10.244.4.1', { app: 'nginx' }],
];

/** The address of the node of the Pods, which is not that of another node. */
export const ownNode = '10.0.0.1';

const addresses = [
  ownNode,
  '10.0.0.9',
  'fd00::9',
  '10.9.0.7',
  '169.254.20.10',
  '172.16.0.5',
  '172.16.0.9',
  '172.16.0.99',
  '203.0.113.8',
  '2001:db8::8',
  '198.51.100.7',
  '198.51.100.8',
  '192.0.2.1',
];

const ports = [53, 80, 123, 443, 5353, 8080, 8081, 8082, 9090, 9099, 9100, 9109, 9110, 9443];

/** The verdict of each flow that has an end in shop, by its text, with these policies. */
export function verdictsWith(policies: readonly object[]): ReadonlyMap<string, string> {
  const taker = createInventory();
  const objects = [
    ...[...new Set(pods.map(([namespace]) => namespace))].map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
    })),
    ...pods.map(([namespace, name, address, labels]) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name, labels },
      spec: { containers: [{ name: 'main', image: 'main' }] },
      status: { phase: 'Running', podIPs: [{ ip: address }] },
    })),
    ...policies,
  ];
  for (const object of objects) {
    const problems = taker.add(object, 'here');
    if (problems.length > 0) throw new Error(JSON.stringify(problems));
  }
  const { world, podsByName } = taker.take();
  const evaluator = createEvaluator(world);
  const ends: readonly (readonly [string, Endpoint])[] = [
    ...[...podsByName].map(([name, pod]) => [name, { pod }] as const),
    ...addresses.map((text) => {
      const address = readAddress(text);
      if (address === undefined) throw new Error(text);
      return [text, { address }] as const;
    }),
  ];
  const verdicts = new Map<string, string>();
  for (const [source, from] of ends)
    for (const [destination, to] of ends)
      if (source !== destination && (source.startsWith('shop/') || destination.startsWith('shop/')))
        for (const protocol of ['TCP', 'UDP'] as const)
          for (const port of ports)
            verdicts.set(
              `${source} -> ${destination} ${port}/${protocol}`,
              evaluator.answer({ from, to, protocol, port }).verdict,
            );
  return verdicts;
}

/** The flows about which two sets of policies differ, with both verdicts. */
export function differences(one: readonly object[], other: readonly object[]): readonly string[] {
  const verdicts = verdictsWith(other);
  return [...verdictsWith(one)].flatMap(([flow, verdict]) =>
    verdicts.get(flow) === verdict ? [] : [`${flow}: ${verdict}, ${verdicts.get(flow)}`],
  );
}

const networkPolicy = (metadata: object, spec: object) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata,
  spec,
});
const inNamespace = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
const blocks = (cidrs: readonly string[]) => cidrs.map((cidr) => ({ ipBlock: { cidr } }));

/** What the entities of Cilium are in this world. */
const entities: Readonly<Record<string, readonly string[]>> = {
  host: [`${ownNode}/32`, '169.254.20.10/32'],
  'remote-node': ['10.0.0.0/24', 'fd00::/64'],
  // Cilium knows the API servers that are endpoints of the Service kubernetes, and no others.
  'kube-apiserver': ['172.16.0.0/29'],
};

/** What a CiliumNetworkPolicy means, as a NetworkPolicy. */
export function ofCilium(policy: object): object {
  const { metadata, spec } = policy as CiliumPolicy;
  const { endpointSelector, enableDefaultDeny, ingress = [], egress = [] } = spec;
  const plain = (labels: Labels = {}) =>
    Object.fromEntries(
      Object.entries(labels).map(([key, value]) => {
        if (!key.startsWith('k8s:')) throw new Error(key);
        return [key.slice(4), value];
      }),
    );
  const end = ({ matchLabels }: { readonly matchLabels: Labels }) => {
    const { 'io.kubernetes.pod.namespace': namespace = metadata.namespace, ...labels } = plain(matchLabels);
    return { namespaceSelector: inNamespace(namespace), podSelector: { matchLabels: labels } };
  };
  const rules = (list: readonly CiliumRule[], side: 'from' | 'to') =>
    list.flatMap((rule) => {
      const kinds = Object.keys(rule).filter((key) => key !== 'toPorts');
      // A rule without peers selects nobody.
      if (kinds.length === 0) return [];
      if (kinds.length > 1) throw new Error(`${kinds.join(' and ')} in one rule`);
      const peers = [
        ...(rule[`${side}Endpoints`] ?? []).map(end),
        ...blocks(rule[`${side}CIDR`] ?? []),
        ...(rule[`${side}Entities`] ?? []).flatMap((name) => blocks(entities[name] ?? [])),
      ];
      const opened = (rule.toPorts ?? []).flatMap((some) => {
        if (some.ports.length > 40) throw new Error('more than 40 ports');
        return some.ports.map(({ port, ...rest }) => ({ port: Number(port), ...rest }));
      });
      return [{ [side]: peers, ports: opened }];
    });
  return networkPolicy(metadata, {
    podSelector: { matchLabels: plain(endpointSelector.matchLabels) },
    policyTypes: [...(enableDefaultDeny.ingress ? ['Ingress'] : []), ...(enableDefaultDeny.egress ? ['Egress'] : [])],
    ingress: rules(ingress, 'from'),
    egress: rules(egress, 'to'),
  });
}

/** What a NetworkPolicy of Calico means, as one of Kubernetes. All of them must only allow. */
export function ofCalico(policy: object): object {
  const { metadata, spec } = policy as CalicoPolicy;
  const { tier, selector, types, ingress = [], egress = [] } = spec;
  if (tier !== 'default') throw new Error(tier);
  const labelsOf = (text = '') =>
    text === 'all()'
      ? {}
      : {
          matchLabels: Object.fromEntries(
            text.split(' && ').map((term) => {
              const [, key, value] = /^(\S+) == '([^']*)'$/.exec(term) ?? [];
              if (key === undefined) throw new Error(term);
              return [key, value];
            }),
          ),
        };
  const rules = (list: readonly CalicoRule[], side: 'from' | 'to') =>
    list.map(({ action, protocol, source, destination }) => {
      if (action !== 'Allow') throw new Error(action);
      const { nets, namespaceSelector, selector: of } = (side === 'from' ? source : destination) ?? {};
      if (new Set((nets ?? []).map((net) => net.includes(':'))).size > 1) throw new Error('two families');
      const peers =
        nets === undefined
          ? [{ namespaceSelector: labelsOf(namespaceSelector), podSelector: labelsOf(of) }]
          : blocks(nets);
      const opened = destination.ports.map((port) => {
        const [first, last = first] = String(port).split(':').map(Number);
        return { protocol, port: first, endPort: last };
      });
      return { [side]: peers, ports: opened };
    });
  return networkPolicy(metadata, {
    podSelector: labelsOf(selector),
    policyTypes: types,
    ingress: rules(ingress, 'from'),
    egress: rules(egress, 'to'),
  });
}
