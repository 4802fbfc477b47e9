// The fields of a NetworkPolicy of Calico that the baseline uses, transcribed from
// api/config/crd/projectcalico.org_networkpolicies.yaml and api/pkg/apis/projectcalico/v3 of calico
// 87c15906f2. No package registry has the definition.

const text = { type: 'string', minLength: 1 };
const object = (properties: object, required: readonly string[]) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});
const list = (items: object) => ({ type: 'array', minItems: 1, items });

/** numorstring.Port: a number, a name, or `first:last`. */
const port = {
  anyOf: [
    { type: 'integer', minimum: 0, maximum: 65535 },
    { type: 'string', pattern: '^\\d+:\\d+$' },
  ],
};
const end = { nets: list(text), namespaceSelector: text, selector: text };
const rule = object(
  {
    action: { enum: ['Allow', 'Deny', 'Log', 'Pass'] },
    // numorstring.Protocol: a number or one of these names.
    protocol: { enum: ['TCP', 'UDP', 'SCTP'] },
    source: object(end, []),
    destination: object({ ...end, ports: list(port) }, []),
  },
  ['action'],
);

export const calicoSchema = object(
  {
    apiVersion: { const: 'projectcalico.org/v3' },
    kind: { const: 'NetworkPolicy' },
    metadata: object({ name: text, namespace: text, labels: { type: 'object' } }, ['name', 'namespace']),
    spec: object(
      {
        tier: text,
        order: { type: 'number' },
        selector: text,
        types: list({ enum: ['Ingress', 'Egress'] }),
        ingress: list(rule),
        egress: list(rule),
      },
      [],
    ),
  },
  ['apiVersion', 'kind', 'metadata', 'spec'],
);
