// The baseline as NetworkPolicies of Calico (projectcalico.org/v3, calico 87c15906f2).

import type { Config } from '../../config/config.ts';
import { metadataNameLabel } from '../../kubernetes/namespaces.ts';
import type { AllowedPort } from '../../policy/network-config.ts';
import { type BaselineNamespace, type BaselinePart, partsFor } from '../desired.ts';
import type { PartRule, PartRules } from '../part.ts';
import { cidrsAmong, isSingle, metadataOf, podsAmong, type Remark, type Rendered } from './rendered.ts';

/** Returns the baseline of a namespace as NetworkPolicies of Calico, what allows traffic first. */
export function renderCalico(namespace: BaselineNamespace, config: Config): readonly Rendered[] {
  return partsFor(namespace.labels, config)
    .toReversed()
    .map((part) => render(part, namespace, config));
}

function render(part: BaselinePart, namespace: BaselineNamespace, config: Config): Rendered {
  const allowed = part.rules;
  const types =
    allowed === undefined ? ['Ingress', 'Egress'] : [allowed.direction === 'ingress' ? 'Ingress' : 'Egress'];
  return {
    object: {
      apiVersion: 'projectcalico.org/v3',
      kind: 'NetworkPolicy',
      metadata: metadataOf(part, namespace, config),
      spec: {
        tier: 'default',
        // NetworkPolicies of Kubernetes have this order in the tier default.
        order: 1000,
        selector: selectorOf(allowed?.podLabels ?? {}),
        types,
        ...(allowed === undefined
          ? {}
          : { [allowed.direction]: allowed.rules.flatMap((rule) => rulesOf(allowed.direction, rule)) }),
      },
    },
    remarks: [
      {
        at: [],
        text: 'The aggregated API of Calico serves this group. Where only crd.projectcalico.org/v1 is served, apply it with calicoctl, and not to that group.',
      },
      {
        at: ['spec', 'tier'],
        text: 'Tiers decide one after the other: kube-admin (order 1,000, passes at its end), default (1,000,000, denies at its end), kube-baseline (10,000,000, passes). Tiers and policies with a lower order decide before this one.',
      },
      {
        at: ['spec', 'order'],
        text: 'NetworkPolicies of Kubernetes have the order 1000 in this tier. A policy without an order comes last.',
      },
      {
        at: ['spec', 'types'],
        text: 'Without types, Calico takes the directions from the rules, by other defaults than a NetworkPolicy of Kubernetes.',
      },
      ...(allowed === undefined
        ? [
            {
              at: ['spec', 'selector'],
              text: 'No rule at all: what no policy of the tier allows is denied at the end of the tier. A rule with "action: Deny" would cut what policies of a higher order allow.',
            },
          ]
        : netsRemark(allowed)),
    ],
  };
}

function netsRemark({ direction, rules }: PartRules): readonly Remark[] {
  return rules.some(({ peers }) => cidrsAmong(peers).length > 0)
    ? [
        {
          at: ['spec', direction],
          text: 'A rule has one protocol, and addresses of one family: Calico refuses a rule with both.',
        },
      ]
    : [];
}

/**
 * A rule has one protocol, one selector, and addresses of one family (libcalico-go, validator/v3,
 * validateRule).
 */
function rulesOf(direction: 'ingress' | 'egress', { peers, ports }: PartRule): readonly object[] {
  const cidrs = cidrsAmong(peers);
  const families = [cidrs.filter((cidr) => !cidr.includes(':')), cidrs.filter((cidr) => cidr.includes(':'))];
  const ends = [
    ...podsAmong(peers).map(({ namespace, podLabels }) => ({
      namespaceSelector: selectorOf({ [metadataNameLabel]: namespace }),
      selector: selectorOf(podLabels),
    })),
    ...families.filter((nets) => nets.length > 0).map((nets) => ({ nets })),
  ];
  return ends.flatMap((end) =>
    [...Map.groupBy(ports, ({ protocol }) => protocol)].map(([protocol, some]) => {
      const destination = { ports: some.map(portOf) };
      return direction === 'ingress'
        ? { action: 'Allow', protocol, source: end, destination }
        : { action: 'Allow', protocol, destination: { ...end, ...destination } };
    }),
  );
}

/** A label value has no quote in it (RFC 1123 and the API server), so it needs no escape. */
function selectorOf(labels: Readonly<Record<string, string>>): string {
  const terms = Object.entries(labels).map(([key, value]) => `${key} == '${value}'`);
  return terms.length === 0 ? 'all()' : terms.join(' && ');
}

function portOf(port: AllowedPort): number | string {
  return isSingle(port) ? port.first : `${port.first}:${port.last}`;
}
