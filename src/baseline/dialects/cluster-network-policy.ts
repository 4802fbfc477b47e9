// The baseline as ClusterNetworkPolicies (sigs.k8s.io/network-policy-api v0.3.0, apis/v1beta1). The
// shape is the same in v1alpha2.

import type { Config } from '../../config/config.ts';
import { metadataNameLabel } from '../../kubernetes/namespaces.ts';
import { readCidr } from '../../network/address.ts';
import { formatRange } from '../../network/range-text.ts';
import type { AllowedPort } from '../../policy/network-config.ts';
import { type BaselineNamespace, type BaselinePart, partsFor } from '../desired.ts';
import { denyAllName, optionalNames, reservedNames } from '../names.ts';
import type { PartPeer, PartRules } from '../part.ts';
import { chunks, cidrsAmong, isSingle, metadataOf, podsAmong, type Remark, type Rendered } from './rendered.ts';

/** The versions of the group that are served anywhere; the first is the default. */
export const clusterNetworkPolicyVersions = ['v1beta1', 'v1alpha2'] as const;
export type ClusterNetworkPolicyVersion = (typeof clusterNetworkPolicyVersions)[number];

/**
 * Returns the baseline of a namespace as ClusterNetworkPolicies of the Baseline tier, what allows
 * traffic first. What the kind cannot express is a remark on the wall. Throws an Error if a part
 * needs more rules than a policy may have.
 */
export function renderClusterNetworkPolicy(
  namespace: BaselineNamespace,
  config: Config,
  version: ClusterNetworkPolicyVersion,
): readonly Rendered[] {
  const parts = partsFor(namespace.labels, config);
  const left = parts.filter(({ rules }) => rules?.direction === 'ingress' && addressesOf(rules).length > 0);
  return parts.toReversed().flatMap((part) => {
    const rules = part.rules === undefined ? wall : rulesOf(part.name, part.rules);
    if (Object.values(rules).every((list) => list.length === 0)) return [];
    const { name, ...metadata } = metadataOf(part, namespace, config);
    const object = {
      apiVersion: `policy.networking.k8s.io/${version}`,
      kind: 'ClusterNetworkPolicy',
      metadata: { name: `${namespace.name}-${name}`, ...('labels' in metadata ? { labels: metadata.labels } : {}) },
      spec: { tier: 'Baseline', priority: priorityOf(part.name), subject: subjectOf(namespace, part), ...rules },
    };
    return [
      {
        object,
        remarks: [...common(version), ...(part.rules === undefined ? wallRemarks(left) : partRemarks(part, rules))],
      },
    ];
  });
}

type Rules = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** types.go: `maxItems` of rules, peers, networks and protocols. */
const limit = 25;

const wall: Rules = {
  ingress: [{ name: 'deny-pods', action: 'Deny', from: [{ namespaces: {} }] }],
  egress: [{ name: 'deny-all', action: 'Deny', to: [{ namespaces: {} }, { networks: ['0.0.0.0/0', '::/0'] }] }],
};

/** The wall comes last in the tier, and each part has a priority of its own before it. */
function priorityOf(name: string): number {
  return name === denyAllName ? 1000 : 900 + reservedNames.indexOf(name);
}

function subjectOf({ name }: BaselineNamespace, { rules }: BaselinePart) {
  const namespaces = { matchLabels: { [metadataNameLabel]: name } };
  const { podLabels = {} } = rules ?? {};
  return Object.keys(podLabels).length === 0
    ? { namespaces }
    : { pods: { namespaceSelector: namespaces, podSelector: { matchLabels: podLabels } } };
}

function rulesOf(name: string, { direction, rules }: PartRules): Rules {
  const side = direction === 'ingress' ? 'from' : 'to';
  const built = rules.flatMap(({ peers, ports }) => {
    // No ingress peer is addresses.
    const networks = direction === 'ingress' ? [] : cidrsAmong(peers).map(canonical);
    const all = [...podsAmong(peers).map(podsOf), ...chunks(networks, limit).map((some) => ({ networks: some }))];
    return chunks(all, limit).flatMap((some) =>
      chunks(ports, limit).map((few) => ({ action: 'Accept', [side]: some, protocols: few.map(portOf) })),
    );
  });
  if (built.length > limit)
    throw new Error(
      `${name} needs ${built.length} rules, and a ClusterNetworkPolicy has at most ${limit}; use fewer peers and ports`,
    );
  return { [direction]: built };
}

function addressesOf({ rules }: PartRules): readonly string[] {
  return rules.flatMap(({ peers }) => cidrsAmong(peers));
}

function podsOf({ namespace, podLabels }: Extract<PartPeer, { namespace: string }>) {
  const namespaceSelector = { matchLabels: { [metadataNameLabel]: namespace } };
  return {
    pods: { namespaceSelector, podSelector: Object.keys(podLabels).length === 0 ? {} : { matchLabels: podLabels } },
  };
}

function portOf(port: AllowedPort) {
  const { protocol, first, last } = port;
  const destinationPort = isSingle(port) ? { number: first } : { range: { start: first, end: last } };
  return { [protocol.toLowerCase()]: { destinationPort } };
}

/** The block without bits behind its prefix, which the CRD demands. */
function canonical(cidr: string): string {
  const range = readCidr(cidr);
  if (range === undefined) throw new TypeError(`CIDR ${cidr}`);
  const text = formatRange(range);
  return text.includes('/') ? text : `${text}/${range.family === 4 ? 32 : 128}`;
}

function common(version: ClusterNetworkPolicyVersion): readonly Remark[] {
  return [
    {
      at: [],
      text:
        version === 'v1beta1'
          ? 'Served since network-policy-api v0.3.0. For a CRD that lacks this version (Calico 3.32, Cilium 1.20, where the kind is off by default): --api-version v1alpha2, which has the same shape.'
          : 'For a CRD that lacks v1beta1 (Calico 3.32, Cilium 1.20, where the kind is off by default). network-policy-api v0.3.0 still serves it, and stores v1beta1.',
    },
    {
      at: ['spec', 'tier'],
      text: 'This tier decides only where no NetworkPolicy selects the Pod in the same direction: it is never reached in a namespace with deny-all-baseline. The Admin tier decides before both: an Accept there opens through the wall, and a Deny there can close DNS.',
    },
    {
      at: ['spec', 'priority'],
      text: '0 to 1000, the lowest first. The order of two policies of one tier and priority is undefined, so let no other policy for these Pods have this priority.',
    },
    {
      at: ['spec', 'subject'],
      text: 'Pods on the host network are neither subject nor peer.',
    },
  ];
}

function partRemarks({ name, rules }: BaselinePart, built: Rules): readonly Remark[] {
  if (rules === undefined) return [];
  const { direction } = rules;
  const side = direction === 'ingress' ? 'from' : 'to';
  const networks = (built[direction] ?? []).findIndex((rule) => JSON.stringify(rule[side]).includes('"networks"'));
  return [
    {
      at: ['spec', direction],
      text: `At most ${limit} rules, ${limit} peers and ${limit} protocols in each. The first that matches is final, replies and ICMP about them included.`,
    },
    {
      at: ['spec', direction, 0, 'protocols'],
      text: 'Numbers only: destinationNamedPort is experimental since network-policy-api v0.2.1, and not in the standard CRD.',
    },
    ...(networks === -1
      ? []
      : [
          {
            at: ['spec', direction, networks, side],
            text: `A block must have no bits behind its prefix, or the API server refuses it. An implementation that does not know a form of peer fails closed: Accept then holds nothing, and Deny everything.${name === optionalNames.thirdParty ? ' For names instead of addresses there is domainNames, experimental and for Accept only; Cilium reads *.x as **.x.' : ''}`,
          },
        ]),
    ...(direction === 'ingress' && addressesOf(rules).length > 0
      ? [{ at: ['spec', 'ingress', 0, 'from'], text: leftOut(rules) }]
      : []),
  ];
}

function wallRemarks(left: readonly BaselinePart[]): readonly Remark[] {
  const missing = left.flatMap(({ name, rules }) => (rules === undefined ? [] : [`${name}: ${leftOut(rules)}`]));
  return [
    {
      at: ['spec', 'ingress'],
      text: [
        'Ingress has no peers by address: this denies Pods, and cannot deny the outside or nodes coming in.',
        ...missing,
      ].join(' '),
    },
    {
      at: ['spec', 'egress', 0, 'to'],
      text: 'Networks match whatever has the address, Pods and ICMP included.',
    },
  ];
}

function leftOut(rules: PartRules): string {
  return `not expressed for ${addressesOf(rules).join(', ')}, which the wall of this kind does not stop.`;
}
