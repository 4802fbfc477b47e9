import { type DnsEntry, dnsProperty } from './dns-schema.ts';
import { cidr, labelKey, labelValue } from './label-schema.ts';
import { portsProperty } from './port.ts';

/** `baseline` in the file. Every part except DNS is off while its key is absent. */
export interface BaselineFile {
  readonly dns?: readonly DnsEntry[] | 'auto';
  readonly nodeLocalDns?: { readonly cidrs: readonly string[]; readonly ports?: readonly number[] };
  readonly monitoring?: PortsEntry;
  readonly ingress?: PortsEntry;
  readonly probes?: PortsEntry;
  readonly apiServer?: AddressesEntry & { readonly podLabels?: Readonly<Record<string, string>> };
  readonly thirdParty?: readonly AddressesEntry[];
}

/** Ports as in `port.ts`. The other end is a role of `peers`. */
export interface PortsEntry {
  readonly ports: readonly (number | string)[];
}

/** Addresses, and ports as in `port.ts`. */
export interface AddressesEntry extends PortsEntry {
  readonly cidrs: readonly string[];
}

const cidrs = (description: string) => ({ description, type: 'array', minItems: 1, uniqueItems: true, items: cidr });
const ports = portsProperty(
  'The ports of the Pods, not of their Service: `8080`, `8000-8099`, `53/UDP`. The default protocol is TCP. There is no default: `1-65535` opens every port of TCP.',
);

const rolePart = (description: string) => ({
  description,
  type: 'object',
  additionalProperties: false,
  required: ['ports'],
  properties: { ports },
});

/** The `baseline` of the configuration's schema. */
export const baselineProperty = {
  description: 'The traffic that every fenced namespace allows. Each part is one NetworkPolicy (docs/baseline.md).',
  type: 'object',
  additionalProperties: false,
  properties: {
    dns: dnsProperty,
    nodeLocalDns: {
      description: 'Egress to a NodeLocal DNS cache, as the policy `allow-node-local-dns-baseline`.',
      type: 'object',
      additionalProperties: false,
      required: ['cidrs'],
      properties: {
        cidrs: cidrs('The addresses on which the cache listens (its option `-localip`): `169.254.20.10/32`.'),
        ports: {
          ...dnsProperty.items.properties.ports,
          description: 'Each is opened for UDP and TCP. The default is 53.',
        },
      },
    },
    monitoring: rolePart(
      'Ingress to every Pod from the peers of the role `monitoring`, as the policy `allow-monitoring-baseline`.',
    ),
    ingress: rolePart(
      'Ingress from the peers of the role `ingress` to the Pods with `expose: "true"`, as the policy `allow-ingress-controllers-baseline`. A namespace with `expose: "false"` does not have it.',
    ),
    probes: rolePart(
      'Ingress to every Pod from the peers of the role `nodes`, as the policy `allow-probes-baseline`. Only network plugins that stop the probes of the kubelet need it.',
    ),
    apiServer: {
      description:
        'Ingress from the API server to webhooks, as the policy `allow-api-server-baseline`. Its addresses are a peer called `api-server` of the role `nodes`.',
      type: 'object',
      additionalProperties: false,
      required: ['cidrs', 'ports'],
      properties: {
        cidrs: cidrs('The addresses from which the API server calls webhooks.'),
        podLabels: {
          description: 'The labels of the Pods that answer webhooks. The default is every Pod.',
          type: 'object',
          minProperties: 1,
          propertyNames: labelKey,
          additionalProperties: labelValue,
        },
        ports,
      },
    },
    thirdParty: {
      description:
        'Egress of every Pod to services outside the cluster, as the policy `allow-third-party-baseline`. Their addresses are a peer called `third-party` of the role `public`.',
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['cidrs', 'ports'],
        properties: {
          cidrs: cidrs('The addresses of a service.'),
          ports: { ...ports, description: 'Its ports: `443`, `8000-8099`, `123/UDP`. The default protocol is TCP.' },
        },
      },
    },
  },
};
