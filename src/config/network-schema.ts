import type { PeerRole } from '../policy/network-config.ts';
import { cidr, identityValue, labelKey, labelValue, namespaceName } from './label-schema.ts';
import { portPattern } from './port.ts';

/** What the file says for the judgement of NetworkPolicies. */
export interface NetworkFile {
  readonly flows?: readonly FlowEntry[];
  readonly peers?: readonly PeerEntry[] | null;
  readonly breadth?: BreadthEntry;
}

/** One allowed flow between tiers. Without ports, all of them. */
export interface FlowEntry {
  readonly from: string;
  readonly to: string;
  /** Numbers (TCP), or texts as `port.ts` reads them. */
  readonly ports?: readonly (number | string)[];
}

/** One named peer: Pods of a namespace, or addresses; never both. */
export interface PeerEntry {
  readonly name: string;
  readonly role: PeerRole;
  readonly namespace?: string;
  readonly podLabels?: Readonly<Record<string, string>>;
  readonly cidrs?: readonly string[];
}

/** Prefix lengths; an ipBlock of more addresses than such a prefix holds is broad. */
export interface BreadthEntry {
  readonly ipv4Prefix?: number;
  readonly ipv6Prefix?: number;
}

/** The roles a peer may have, and whether one of that role can be the Pods of a namespace: machines and the Internet are addresses. */
export const peerRoles: Readonly<Record<PeerRole, { readonly mayBePods: boolean }>> = {
  dns: { mayBePods: true },
  monitoring: { mayBePods: true },
  ingress: { mayBePods: true },
  nodes: { mayBePods: false },
  public: { mayBePods: false },
};

const tier = (description: string) => ({ description, ...identityValue });
const prefix = (family: string, bits: number, wide: string) => ({
  description: `An ${family} block of more addresses than a prefix of this length holds is broad${wide}.`,
  title: `a prefix length (0 to ${bits})`,
  type: 'integer',
  minimum: 0,
  maximum: bits,
});

/** The properties of the configuration's schema that are about NetworkPolicies. */
export const networkProperties = {
  flows: {
    description:
      'The flows between tiers that NetworkPolicies may open; what is not listed is forbidden, also within a tier. A list given here replaces the default one whole; the default one has only tiers of the taxonomy, each of them to itself.',
    type: 'array',
    items: {
      type: 'object',
      additionalProperties: false,
      required: ['from', 'to'],
      properties: {
        from: tier('The tier where the flow begins.'),
        to: tier('The tier that it may reach.'),
        ports: {
          description:
            "The destination's ports, as its Pods listen on them: `8080`, `8000-8099`, `53/UDP`; TCP where no protocol is named. Left out: all ports.",
          type: 'array',
          minItems: 1,
          uniqueItems: true,
          items: {
            title: 'a port or a range of ports (8080, 8000-8099, 53/UDP)',
            type: ['integer', 'string'],
            minimum: 1,
            maximum: 65535,
            pattern: portPattern,
          },
        },
      },
    },
  },
  peers: {
    description:
      'Pods and addresses known by name and judged by their role, not by the flows. Added to the default ones; an entry with the name of a default one replaces it. `dns` (and `node-local-dns`, where it is set) are made from `baseline.dns`. Where several mean the same Pods or addresses, the first of the file decides.',
    type: ['array', 'null'],
    items: {
      type: 'object',
      additionalProperties: false,
      required: ['name', 'role'],
      properties: {
        name: {
          description: 'What messages and the audit line call it.',
          title: 'a name (at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit)',
          type: 'string',
          pattern: namespaceName.pattern,
        },
        role: {
          description:
            '`dns` and `monitoring` may be reached from, and reach, every tier; `ingress` is where the outside comes in; `nodes` are the machines of the cluster (probes); `public` are addresses outside the cluster that may be named whatever their breadth.',
          type: 'string',
          enum: Object.keys(peerRoles),
        },
        namespace: {
          description: 'The namespace of its Pods, by whole name. Either this or `cidrs`.',
          ...namespaceName,
        },
        podLabels: {
          description: 'The labels that select its Pods in that namespace; left out: all of them.',
          type: 'object',
          minProperties: 1,
          propertyNames: labelKey,
          additionalProperties: labelValue,
        },
        cidrs: {
          description: 'Its addresses. Either this or `namespace`.',
          type: 'array',
          minItems: 1,
          uniqueItems: true,
          items: cidr,
        },
      },
    },
  },
  breadth: {
    description: 'From which size on an ipBlock is broad. Blocks are counted together: two halves are the whole.',
    type: 'object',
    additionalProperties: false,
    properties: {
      ipv4Prefix: prefix('IPv4', 32, ''),
      ipv6Prefix: prefix('IPv6', 128, ''),
    },
  },
};
