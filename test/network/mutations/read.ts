import type { Mutation } from '../mutations.ts';

/** Mistakes in reading a specification. */
export const readMutations: readonly Mutation[] = [
  {
    name: 'policyTypes missing never isolates egress',
    file: 'read.ts',
    from: "egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress']",
    to: "egress.length > 0 ? ['Ingress'] : ['Ingress']",
  },
  {
    name: 'policyTypes missing isolates egress by an empty list',
    file: 'read.ts',
    from: 'Array.isArray(egress) && egress.length > 0 ?',
    to: 'Array.isArray(egress) ?',
  },
  {
    name: 'policyTypes empty isolates nothing',
    file: 'read.ts',
    from: 'if (types.length > 0) return new Set(types)',
    to: 'if (value !== undefined) return new Set(types)',
  },
  {
    name: 'ingress rules count where policyTypes leaves them out',
    file: 'read.ts',
    from: "isolates: { ingress: types.has('Ingress')",
    to: "isolates: { ingress: types.has('Ingress') || ingress.length > 0",
  },
  {
    name: 'egress rules isolate where policyTypes leaves them out',
    file: 'read.ts',
    from: "egress: types.has('Egress') }",
    to: "egress: types.has('Egress') || egress.length > 0 }",
  },
  {
    name: '`from: []` is nobody',
    file: 'read.ts',
    from: 'peers.length === 0\n            ? undefined',
    to: 'rule[peersField] === undefined\n            ? undefined',
  },
  {
    name: '`ports: []` is no port',
    file: 'read.ts',
    from: 'ports: ports.length === 0 ? undefined',
    to: "ports: rule['ports'] === undefined ? undefined",
  },
  {
    name: 'a protocol that is missing is UDP',
    file: 'read.ts',
    from: "fields['protocol'] ?? 'TCP'",
    to: "fields['protocol'] ?? 'UDP'",
  },
  {
    name: 'an expression hides the labels beside it',
    file: 'reader.ts',
    from: 'if (requirement !== undefined) requirements.push(requirement)',
    to: 'if (requirement !== undefined) requirements[0] = requirement',
  },
  {
    name: 'endPort is read as a number of ports',
    file: 'read.ts',
    from: 'port: { first: port, last } }',
    to: 'port: { first: port, last: endPort === undefined ? last : port + last } }',
  },
];
