// The baseline as CiliumNetworkPolicies (github.com/cilium/cilium v1.20.2, pkg/policy/api).

import type { Config } from '../../config/config.ts';
import type { AllowedPort } from '../../policy/network-config.ts';
import { type BaselineNamespace, type BaselinePart, partsFor } from '../desired.ts';
import { optionalNames } from '../names.ts';
import type { PartPeer, PartRule } from '../part.ts';
import { chunks, cidrsAmong, isSingle, metadataOf, podsAmong, type Remark, type Rendered } from './rendered.ts';

/**
 * Returns the baseline of a namespace as CiliumNetworkPolicies, what allows traffic first. A CIDR
 * matches no node in Cilium, so the parts about nodes name entities.
 */
export function renderCilium(namespace: BaselineNamespace, config: Config): readonly Rendered[] {
  return partsFor(namespace.labels, config)
    .toReversed()
    .map((part) => render(part, namespace, config));
}

function render(part: BaselinePart, namespace: BaselineNamespace, config: Config): Rendered {
  const allowed = part.rules;
  const podLabels = allowed?.podLabels ?? {};
  const built = allowed?.rules.flatMap((rule) => rulesOf(part.name, allowed.direction, rule)) ?? [];
  const spec = {
    endpointSelector: Object.keys(podLabels).length === 0 ? {} : { matchLabels: prefixed(podLabels) },
    enableDefaultDeny: { ingress: allowed?.direction !== 'egress', egress: allowed?.direction !== 'ingress' },
    // An empty rule selects nobody.
    ...(allowed === undefined
      ? { ingress: [{}], egress: [{}] }
      : { [allowed.direction]: built.map(({ rule }) => rule) }),
    // LogConfig of pkg/policy/api: at most 32 characters.
    log: { value: 'ringfence-baseline' },
  };
  return {
    object: {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      metadata: metadataOf(part, namespace, config),
      spec,
    },
    remarks: [
      {
        at: [],
        text: 'Cilium adds these to the NetworkPolicies of the namespace: what either allows is open. With the label filter of cilium-config (key "labels"), every label that is selected here must be identity-relevant, or the policy selects nothing.',
      },
      {
        at: ['spec', 'enableDefaultDeny'],
        text: 'Without this, a direction with rules is denied by default, and a direction without rules is not. It is ORed over all policies: a "false" takes back no "true" of another.',
      },
      ...(allowed === undefined
        ? [
            {
              at: ['spec', 'ingress'],
              text: 'One empty rule, which selects nobody, denies everything. An empty or missing list does nothing at all.',
            },
          ]
        : built.flatMap(({ remarks }, index) =>
            remarks.map(({ at, text }) => ({ at: ['spec', allowed.direction, index, ...at], text })),
          )),
      {
        at: ['spec', 'log'],
        text: 'Hubble shows this text (at most 32 printable characters) in policy_log of each flow that the policy decides.',
      },
    ],
  };
}

interface Built {
  readonly rule: Readonly<Record<string, unknown>>;
  readonly remarks: readonly Remark[];
}

/** A rule of Cilium has one kind of peers (rule_validation.go: combining them is not supported). */
function rulesOf(name: string, direction: 'ingress' | 'egress', { peers, ports }: PartRule): readonly Built[] {
  const side = direction === 'ingress' ? 'from' : 'to';
  const toPorts = chunks(ports, portLimit).map((some) => ({ ports: some.map(portOf) }));
  const build = (field: string, list: readonly unknown[], text: string): Built => ({
    rule: { [`${side}${field}`]: list, toPorts },
    remarks: [{ at: [`${side}${field}`], text }],
  });
  const pods = podsAmong(peers);
  const cidrs = cidrsAmong(peers);
  const entities = entitiesOf[name];
  return [
    ...(pods.length === 0
      ? []
      : [
          build(
            'Endpoints',
            pods.map(endpointOf),
            `${side}Requires, which narrowed such a list, is gone since Cilium 1.19.`,
          ),
        ]),
    ...(entities === undefined ? [] : [build('Entities', entities.names, entities.remark)]),
    ...(cidrs.length === 0 || entities?.areCidrs === true
      ? []
      : [build('CIDR', cidrs, name === optionalNames.thirdParty ? `${cidrRemark} ${namesRemark}` : cidrRemark)]),
  ];
}

/** pkg/policy/api/rule_validation.go, maxPorts. */
const portLimit = 40;

const cidrRemark =
  'A CIDR matches neither Pods nor nodes of the cluster, unless cilium-config has policy-cidr-match-mode.';
const namesRemark =
  'For names instead of addresses there is toFQDNs: it takes no other peer in its rule, and needs a DNS rule (L7) so that DNS goes through the proxy.';

/** The entities that stand for the addresses of a part, and whether they replace them. */
const entitiesOf: Readonly<
  Record<string, { readonly names: readonly string[]; readonly areCidrs: boolean; readonly remark: string }>
> = {
  [optionalNames.nodeLocalDns]: {
    names: ['host'],
    areCidrs: true,
    remark:
      'The cache has an address of the node, which is the entity host, and no CIDR matches it. This opens DNS on every address of the own node. A CiliumLocalRedirectPolicy is the other way.',
  },
  [optionalNames.probes]: {
    names: ['host', 'remote-node'],
    areCidrs: true,
    remark:
      'No CIDR matches a node, so this lets in every node of the cluster. Traffic from the own node (host) is allowed by default anyway (allow-localhost).',
  },
  [optionalNames.apiServer]: {
    names: ['kube-apiserver'],
    areCidrs: false,
    remark:
      'This entity may not work for ingress: where the source is translated or tunnelled, Cilium sees a node (remote-node). Call a webhook before you rely on it. The addresses below are for an API server outside the cluster.',
  },
};

function endpointOf({ namespace, podLabels }: Extract<PartPeer, { namespace: string }>) {
  return { matchLabels: { 'k8s:io.kubernetes.pod.namespace': namespace, ...prefixed(podLabels) } };
}

/** Labels of Kubernetes, so that no label of another source is meant. */
function prefixed(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [`k8s:${key}`, value]));
}

function portOf(port: AllowedPort) {
  const { protocol, first, last } = port;
  return { port: String(first), ...(isSingle(port) ? {} : { endPort: last }), protocol };
}
