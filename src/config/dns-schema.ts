import { cidr, labelKey, labelValue, namespaceName } from './label-schema.ts';

/** One place of DNS in the file: Pods of a namespace, or addresses; never both. */
export interface DnsEntry {
  readonly namespace?: string;
  readonly podLabels?: Readonly<Record<string, string>>;
  readonly cidrs?: readonly string[];
  readonly ports?: readonly number[];
}

/** The `baseline.dns` of the configuration's schema. */
export const dnsProperty = {
  description:
    'The places of DNS: Pods of a namespace, or addresses. A list replaces the default, which is the Pods labelled `k8s-app: kube-dns` in kube-system. Each place is reached on its own ports. `auto` takes the Pods and ports of the Service of DNS in the cluster.',
  title: 'a list of places, or auto',
  type: ['array', 'string'],
  pattern: '^auto$',
  minItems: 1,
  items: {
    type: 'object',
    additionalProperties: false,
    properties: {
      namespace: { description: 'The namespace of the DNS Pods. Use either this or `cidrs`.', ...namespaceName },
      podLabels: {
        description: 'The labels that select the DNS Pods in that namespace; at least one.',
        type: 'object',
        minProperties: 1,
        propertyNames: labelKey,
        additionalProperties: labelValue,
      },
      cidrs: {
        description:
          'The addresses of a NodeLocal DNS cache, or of the Service if the network plugin judges traffic before it is forwarded to a Pod: `169.254.20.10/32`, `10.96.0.10/32`. Use either this or `namespace`.',
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: cidr,
      },
      ports: {
        description: 'The ports, each opened for UDP and TCP (on OpenShift: 5353). The default is 53.',
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { title: 'a port number (1 to 65535)', type: 'integer', minimum: 1, maximum: 65535 },
      },
    },
  },
};
