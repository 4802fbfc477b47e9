import type { PeerRole } from '../policy/network-config.ts';
import { cidr, identityValue, labelKey, labelValue, namespaceName } from './label-schema.ts';
import { portsProperty } from './port.ts';

/** The part of the file for the judgement of NetworkPolicies. */
export interface NetworkFile {
  readonly flowKey?: string;
  readonly flows?: readonly FlowEntry[];
  readonly peers?: readonly PeerEntry[] | null;
  readonly breadth?: BreadthEntry;
}

/** One allowed flow between values of the flow key. Without ports, all ports are allowed. */
export interface FlowEntry {
  readonly from: string;
  readonly to: string;
  /** Numbers (TCP), or texts in the form of `port.ts`. */
  readonly ports?: readonly (number | string)[];
}

/** One named peer: either Pods of a namespace, or addresses. */
export interface PeerEntry {
  readonly name: string;
  readonly role: PeerRole;
  readonly namespace?: string;
  readonly podLabels?: Readonly<Record<string, string>>;
  readonly cidrs?: readonly string[];
}

/** Prefix lengths. An ipBlock with more addresses than such a prefix is broad. */
export interface BreadthEntry {
  readonly ipv4Prefix?: number;
  readonly ipv6Prefix?: number;
}

/**
 * The roles of peers, and whether a peer of the role may be the Pods of a namespace. Nodes and
 * public peers are always addresses.
 */
export const peerRoles: Readonly<Record<PeerRole, { readonly mayBePods: boolean }>> = {
  dns: { mayBePods: true },
  monitoring: { mayBePods: true },
  ingress: { mayBePods: true },
  nodes: { mayBePods: false },
  public: { mayBePods: false },
};

const flowEnd = (description: string) => ({ description, ...identityValue });
const prefix = (family: string, bits: number, wide: string) => ({
  description: `An ${family} block with more addresses than a prefix of this length is broad${wide}.`,
  title: `a prefix length (0 to ${bits})`,
  type: 'integer',
  minimum: 0,
  maximum: bits,
});

/** The properties of the schema for the judgement of NetworkPolicies. */
export const networkProperties = {
  flowKey: {
    description:
      'The taxonomy key whose values `flows` connect. With another key than `tier`, the default flows are only those of each value to itself.',
    ...labelKey,
  },
  flows: {
    description:
      'The flows between tiers (or the values of `flowKey`) that NetworkPolicies may open. All other flows are forbidden, also within a tier. A list replaces all default flows. The default flows use only tiers of the taxonomy, and each tier may reach itself.',
    type: 'array',
    items: {
      type: 'object',
      additionalProperties: false,
      required: ['from', 'to'],
      properties: {
        from: flowEnd('The source tier.'),
        to: flowEnd('The destination tier.'),
        ports: portsProperty(
          'The ports on which the destination Pods listen: `8080`, `8000-8099`, `53/UDP`. The default protocol is TCP. Without `ports`, all ports are allowed.',
        ),
      },
    },
  },
  peers: {
    description:
      'Named Pods and addresses, which are judged by their role and not by the flows. They are added to the default peers. A peer replaces a default peer of the same name. `dns` is every place under `baseline.dns`; a peer of this name replaces them all. `baseline.nodeLocalDns` adds such a place, `baseline.apiServer` a peer `api-server` and `baseline.thirdParty` a peer `third-party`. If several peers contain the same Pods or addresses, the first in the file decides.',
    type: ['array', 'null'],
    items: {
      type: 'object',
      additionalProperties: false,
      required: ['name', 'role'],
      properties: {
        name: {
          description: 'The name in messages and in the audit line.',
          title: 'a name (at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit)',
          type: 'string',
          pattern: namespaceName.pattern,
        },
        role: {
          description:
            '`dns` and `monitoring` may reach every tier and be reached from every tier. Outside traffic enters through `ingress`. `nodes` are the machines of the cluster (probes). `public` are addresses outside the cluster, of any breadth.',
          type: 'string',
          enum: Object.keys(peerRoles),
        },
        namespace: {
          description: 'The full name of the namespace of its Pods. Use either this or `cidrs`.',
          ...namespaceName,
        },
        podLabels: {
          description: 'The labels that select its Pods in that namespace. The default is all Pods.',
          type: 'object',
          minProperties: 1,
          propertyNames: labelKey,
          additionalProperties: labelValue,
        },
        cidrs: {
          description: 'Its addresses. Use either this or `namespace`.',
          type: 'array',
          minItems: 1,
          uniqueItems: true,
          items: cidr,
        },
      },
    },
  },
  breadth: {
    description: 'The size from which an ipBlock is broad. Blocks are counted together: two halves count as the whole.',
    type: 'object',
    additionalProperties: false,
    properties: {
      ipv4Prefix: prefix('IPv4', 32, ''),
      ipv6Prefix: prefix('IPv6', 128, ''),
    },
  },
};
