import type { FieldProblem } from '../kubernetes/raw-object.ts';
import { type Range, readCidr, wrongBlock, wrongException } from './address.ts';
import { Reader, storedEntries } from './reader.ts';
import type { Direction, Peer, Policy, PortRange, Protocol, Rule } from './rules.ts';
import { everything } from './selector.ts';

/** A policy, and how many entries its lists have; or what is wrong with it. */
export type ReadPolicy =
  | {
      readonly policy: Policy;
      readonly entries: number;
      /**
       * What the API server refuses in a new policy, although it has a meaning. A stored policy may
       * be older than the rule.
       */
      readonly refused: readonly FieldProblem[];
    }
  | { readonly problems: readonly FieldProblem[]; readonly isTooLarge: boolean };

/**
 * Reads a NetworkPolicy's `spec` from a review, a list or a file, and applies the API server's
 * defaults: missing `policyTypes` means Ingress, plus Egress if there is an egress rule; a port's
 * protocol is TCP. Returns every problem and never throws. A specification with more than
 * `entryLimit` entries in its lists is not read to its end. The rules are those of Kubernetes 1.36
 * (pkg/apis/networking/validation ValidateNetworkPolicySpec).
 */
export function readPolicy(
  spec: unknown,
  names: { readonly namespace: string; readonly name: string },
  entryLimit = storedEntries,
): ReadPolicy {
  const reader = new PolicyReader(entryLimit);
  const fields = reader.object(spec ?? {}, 'spec', ['podSelector', 'policyTypes', 'ingress', 'egress']);
  const types = reader.policyTypes(fields['policyTypes'], fields['egress']);
  const podSelector = reader.selector(fields['podSelector'], 'spec.podSelector') ?? everything;
  const ingress = reader.rules(fields['ingress'], 'ingress');
  const egress = reader.rules(fields['egress'], 'egress');
  if (reader.problems.length > 0)
    return { problems: [...reader.problems, ...reader.refused], isTooLarge: reader.entries > entryLimit };
  return {
    entries: reader.entries,
    refused: reader.refused,
    policy: {
      ...names,
      podSelector,
      isolates: { ingress: types.has('Ingress'), egress: types.has('Egress') },
      // The API server stores rules of a direction that policyTypes leaves out, but they have no
      // effect.
      ingress: types.has('Ingress') ? ingress : [],
      egress: types.has('Egress') ? egress : [],
    },
  };
}

class PolicyReader extends Reader {
  policyTypes(value: unknown, egress: unknown): ReadonlySet<unknown> {
    const types = this.list(value, 'spec.policyTypes');
    for (const [index, type] of types.entries()) {
      if (type !== 'Ingress' && type !== 'Egress') this.mustBe('Ingress or Egress', `spec.policyTypes[${index}]`, type);
    }
    if (types.length > 2) this.refuse('spec.policyTypes', `has ${types.length} entries; it may have two`);
    if (types.length > 0) return new Set(types);
    return new Set(Array.isArray(egress) && egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress']);
  }

  rules(value: unknown, direction: Direction): Rule[] {
    const peersField = direction === 'ingress' ? 'from' : 'to';
    return this.list(value, `spec.${direction}`).map((entry, index): Rule => {
      const field = `spec.${direction}[${index}]`;
      const rule = this.object(entry, field, [peersField, 'ports']);
      const peers = this.list(rule[peersField], `${field}.${peersField}`);
      const ports = this.list(rule['ports'], `${field}.ports`);
      return {
        field,
        // An empty list means the same as a missing one: every peer, every port.
        peers:
          peers.length === 0
            ? undefined
            : this.members(peers, `${field}.${peersField}`, (peer, at) => this.peer(peer, at)),
        ports:
          ports.length === 0 ? undefined : this.members(ports, `${field}.ports`, (port, at) => this.port(port, at)),
      };
    });
  }

  /** Reads the members of a list, without those that have no meaning. */
  private members<T>(
    values: readonly unknown[],
    field: string,
    read: (value: unknown, field: string) => T | undefined,
  ): readonly T[] {
    const members: T[] = [];
    for (const [at, value] of values.entries()) {
      const member = read(value, `${field}[${at}]`);
      if (member !== undefined) members.push(member);
    }
    return members;
  }

  private peer(value: unknown, field: string): Peer | undefined {
    const peer = this.object(value, field, ['podSelector', 'namespaceSelector', 'ipBlock']);
    const namespaceSelector = this.selector(peer['namespaceSelector'], `${field}.namespaceSelector`);
    const podSelector = this.selector(peer['podSelector'], `${field}.podSelector`);
    if (peer['ipBlock'] === undefined || peer['ipBlock'] === null) {
      if (namespaceSelector === undefined && podSelector === undefined) {
        this.problem(field, 'needs a podSelector, a namespaceSelector or an ipBlock');
        return undefined;
      }
      return { kind: 'pods', field, namespaceSelector, podSelector: podSelector ?? everything };
    }
    if (namespaceSelector !== undefined || podSelector !== undefined) {
      this.problem(field, 'has an ipBlock and a selector; write them as two peers');
      return undefined;
    }
    const block = this.object(peer['ipBlock'], `${field}.ipBlock`, ['cidr', 'except']);
    const range = this.cidr(block['cidr'], `${field}.ipBlock.cidr`);
    const except = this.list(block['except'], `${field}.ipBlock.except`).flatMap((one, at) => {
      const excepted = this.cidr(one, `${field}.ipBlock.except[${at}]`);
      if (excepted === undefined) return [];
      if (range !== undefined)
        this.refuse(
          `${field}.ipBlock.except[${at}]`,
          wrongException({ cidr: String(block['cidr']), range }, { cidr: String(one), range: excepted }),
        );
      return [excepted];
    });
    return range === undefined ? undefined : { kind: 'addresses', field, cidr: String(block['cidr']), range, except };
  }

  private cidr(value: unknown, field: string): Range | undefined {
    const range = typeof value === 'string' ? readCidr(value) : undefined;
    if (range === undefined) this.mustBe('a CIDR such as 10.0.0.0/8', field, value);
    else this.refuse(field, wrongBlock(String(value), range));
    return range;
  }

  private port(value: unknown, field: string): PortRange | undefined {
    const fields = this.object(value, field, ['protocol', 'port', 'endPort']);
    const protocol = fields['protocol'] ?? 'TCP';
    if (protocol !== 'TCP' && protocol !== 'UDP' && protocol !== 'SCTP') {
      this.mustBe('TCP, UDP or SCTP', `${field}.protocol`, protocol);
      return undefined;
    }
    const { port, endPort } = { port: fields['port'] ?? undefined, endPort: fields['endPort'] ?? undefined };
    return this.portRange(protocol, port, endPort, field);
  }

  private portRange(protocol: Protocol, port: unknown, endPort: unknown, field: string): PortRange | undefined {
    const last = endPort ?? port;
    if (port === undefined) {
      if (endPort === undefined) return { field, protocol, port: 'all' };
      this.problem(`${field}.endPort`, 'needs port, the first port of the range');
    } else if (typeof port === 'string' && isPortName(port)) {
      if (endPort === undefined) return { field, protocol, port: { name: port } };
      this.problem(`${field}.endPort`, `needs port to be a number, and it is the name ${JSON.stringify(port)}`);
    } else if (!isPort(port)) this.mustBe('a number from 1 to 65535, or a port name', `${field}.port`, port);
    else if (!(isPort(last) && last >= port))
      this.mustBe(`a number from ${port} to 65535`, `${field}.endPort`, endPort);
    else return { field, protocol, port: { first: port, last } };
    return undefined;
  }
}

/** Whether a value is a port number. */
export function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;
}

/**
 * k8s.io/apimachinery pkg/util/validation IsValidPortName. So the text "80" is neither a number nor
 * a name.
 */
function isPortName(text: string): boolean {
  return text.length <= 15 && /^(?!.*--)(?=.*[a-z])[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text);
}
