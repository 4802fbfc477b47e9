import { readCidr } from './address.ts';
import type { Direction, Peer, Policy, PortRange, Protocol, Rule } from './rules.ts';
import { everything, type Requirement, type Selector } from './selector.ts';

/** A field of a specification that networking.k8s.io/v1 does not allow. */
export interface ReadProblem {
  readonly field: string;
  readonly found: string;
  readonly expected: string;
}

/** A policy, and how many entries its lists have; or what is wrong with it. */
export type ReadPolicy =
  | { readonly policy: Policy; readonly entries: number }
  | { readonly problems: readonly ReadProblem[]; readonly isTooLarge: boolean };

/**
 * No API server stores this many entries in 1.5 MiB. A file may hold more, and is then refused
 * without further work.
 */
const storedEntries = 200_000;

/**
 * Reads a NetworkPolicy's `spec` from a review, a list or a file, and applies the API server's
 * defaults: missing `policyTypes` means Ingress, plus Egress if there is an egress rule; a port's
 * protocol is TCP. Returns every problem and never throws. A specification with more than
 * `entryLimit` entries in its lists is not read to its end.
 */
export function readPolicy(
  spec: unknown,
  names: { readonly namespace: string; readonly name: string },
  entryLimit = storedEntries,
): ReadPolicy {
  const reader = new Reader(entryLimit);
  const fields = reader.object(spec ?? {}, 'spec', ['podSelector', 'policyTypes', 'ingress', 'egress']);
  const types = reader.policyTypes(fields['policyTypes'], fields['egress']);
  const podSelector = reader.selector(fields['podSelector'], 'spec.podSelector') ?? everything;
  const ingress = reader.rules(fields['ingress'], 'ingress');
  const egress = reader.rules(fields['egress'], 'egress');
  if (reader.problems.length > 0) return { problems: reader.problems, isTooLarge: reader.entries > entryLimit };
  return {
    entries: reader.entries,
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

/** Reads the parts of a specification and collects its problems. */
export class Reader {
  readonly problems: ReadProblem[] = [];
  entries = 0;
  private readonly entryLimit: number;

  constructor(entryLimit = storedEntries) {
    this.entryLimit = entryLimit;
  }

  object(value: unknown, field: string, known: readonly string[]): Readonly<Record<string, unknown>> {
    if (value === undefined || value === null) return {};
    if (typeof value !== 'object' || Array.isArray(value)) {
      this.problem(field, value, 'an object');
      return {};
    }
    const fields: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      if (known.includes(key)) fields[key] = (value as Record<string, unknown>)[key];
      else
        this.problems.push({
          field: `${field}.${key}`,
          found: `the field "${key}"`,
          expected: `only ${known.join(', ')}`,
        });
    }
    return fields;
  }

  list(value: unknown, field: string): readonly unknown[] {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) {
      this.problem(field, value, 'a list');
      return [];
    }
    this.entries += value.length;
    if (this.entries <= this.entryLimit) return value;
    if (!this.problems.some((one) => one.field === 'spec')) {
      this.problems.push({
        field: 'spec',
        found: `more than ${this.entryLimit} entries`,
        expected: 'a specification that can be judged',
      });
    }
    return [];
  }

  policyTypes(value: unknown, egress: unknown): ReadonlySet<unknown> {
    const types = this.list(value, 'spec.policyTypes');
    for (const [index, type] of types.entries()) {
      if (type !== 'Ingress' && type !== 'Egress')
        this.problem(`spec.policyTypes[${index}]`, type, 'Ingress or Egress');
    }
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
            : peers.flatMap((peer, at) => this.peer(peer, `${field}.${peersField}[${at}]`)),
        ports: ports.length === 0 ? undefined : ports.flatMap((port, at) => this.port(port, `${field}.ports[${at}]`)),
      };
    });
  }

  peer(value: unknown, field: string): Peer[] {
    const peer = this.object(value, field, ['podSelector', 'namespaceSelector', 'ipBlock']);
    const namespaceSelector = this.selector(peer['namespaceSelector'], `${field}.namespaceSelector`);
    const podSelector = this.selector(peer['podSelector'], `${field}.podSelector`);
    if (peer['ipBlock'] === undefined || peer['ipBlock'] === null) {
      if (namespaceSelector === undefined && podSelector === undefined) {
        this.problem(field, value, 'a podSelector, a namespaceSelector or an ipBlock');
        return [];
      }
      return [{ kind: 'pods', field, namespaceSelector, podSelector: podSelector ?? everything }];
    }
    if (namespaceSelector !== undefined || podSelector !== undefined) {
      this.problems.push({ field, found: 'an ipBlock beside a selector', expected: 'either an ipBlock or selectors' });
      return [];
    }
    const block = this.object(peer['ipBlock'], `${field}.ipBlock`, ['cidr', 'except']);
    const range = this.cidr(block['cidr'], `${field}.ipBlock.cidr`);
    const except = this.list(block['except'], `${field}.ipBlock.except`).flatMap(
      (one, at) => this.cidr(one, `${field}.ipBlock.except[${at}]`) ?? [],
    );
    return range === undefined ? [] : [{ kind: 'addresses', field, cidr: String(block['cidr']), range, except }];
  }

  cidr(value: unknown, field: string): ReturnType<typeof readCidr> {
    const range = typeof value === 'string' ? readCidr(value) : undefined;
    if (range === undefined) this.problem(field, value, 'a CIDR such as 10.0.0.0/8');
    return range;
  }

  port(value: unknown, field: string): PortRange[] {
    const fields = this.object(value, field, ['protocol', 'port', 'endPort']);
    const protocol = fields['protocol'] ?? 'TCP';
    if (protocol !== 'TCP' && protocol !== 'UDP' && protocol !== 'SCTP') {
      this.problem(`${field}.protocol`, protocol, 'TCP, UDP or SCTP');
      return [];
    }
    const { port, endPort } = { port: fields['port'] ?? undefined, endPort: fields['endPort'] ?? undefined };
    return this.ports(protocol, port, endPort, field);
  }

  selector(value: unknown, field: string): Selector | undefined {
    if (value === undefined || value === null) return undefined;
    const selector = this.object(value, field, ['matchLabels', 'matchExpressions']);
    const requirements: Requirement[] = [];
    const labels = selector['matchLabels'] ?? {};
    if (typeof labels !== 'object' || Array.isArray(labels)) this.problem(`${field}.matchLabels`, labels, 'an object');
    else {
      for (const [key, label] of this.list(Object.entries(labels), `${field}.matchLabels`) as [string, unknown][]) {
        if (typeof label === 'string') requirements.push({ key, operator: 'In', values: new Set([label]) });
        else this.problem(`${field}.matchLabels.${key}`, label, 'a string (quote it)');
      }
    }
    for (const [index, entry] of this.list(selector['matchExpressions'], `${field}.matchExpressions`).entries()) {
      const requirement = this.requirement(entry, `${field}.matchExpressions[${index}]`);
      if (requirement !== undefined) requirements.push(requirement);
    }
    return { requirements };
  }

  private ports(protocol: Protocol, port: unknown, endPort: unknown, field: string): PortRange[] {
    const last = endPort ?? port;
    if (port === undefined) {
      if (endPort === undefined) return [{ field, protocol, port: 'all' }];
      this.problem(`${field}.endPort`, endPort, 'no endPort where there is no port');
    } else if (typeof port === 'string' && isPortName(port)) {
      if (endPort === undefined) return [{ field, protocol, port: { name: port } }];
      this.problem(`${field}.endPort`, endPort, 'no endPort beside a port name');
    } else if (!isPort(port)) this.problem(`${field}.port`, port, 'a number from 1 to 65535, or a port name');
    else if (!(isPort(last) && last >= port))
      this.problem(`${field}.endPort`, endPort, `a number from ${port} to 65535`);
    else return [{ field, protocol, port: { first: port, last } }];
    return [];
  }

  private requirement(value: unknown, field: string): Requirement | undefined {
    const fields = this.object(value, field, ['key', 'operator', 'values']);
    const { key, operator } = { key: fields['key'], operator: fields['operator'] };
    const values = this.list(fields['values'], `${field}.values`);
    if (typeof key !== 'string' || key === '') this.problem(`${field}.key`, key, 'a label key');
    else if (operator !== 'In' && operator !== 'NotIn' && operator !== 'Exists' && operator !== 'DoesNotExist') {
      this.problem(`${field}.operator`, operator, 'In, NotIn, Exists or DoesNotExist');
    } else if ((operator === 'In' || operator === 'NotIn') !== values.length > 0) {
      this.problems.push({
        field: `${field}.values`,
        found: `${values.length} values`,
        expected: operator === 'In' || operator === 'NotIn' ? `at least one with ${operator}` : `none with ${operator}`,
      });
    } else if (!values.every((one) => typeof one === 'string'))
      this.problem(`${field}.values`, values, 'strings (quote them)');
    else return { key, operator, values: new Set(values) };
    return undefined;
  }

  problem(field: string, value: unknown, expected: string): void {
    this.problems.push({ field, found: describe(value), expected });
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

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : JSON.stringify(value).slice(0, 80);
}
