import { isObject } from '../kubernetes/raw-object.ts';
import { readCanonicalCidr } from './address.ts';
import { Reader, type ReadProblem } from './read.ts';
import { onlyField, readTieredPorts } from './read-tiered-ports.ts';
import type { AddressPeer, Direction, PodPeer, PortRange } from './rules.ts';
import { everything, type Selector } from './selector.ts';
import type { TieredDialect } from './tiered-dialect.ts';
import type { Action, Tier, TieredPolicy, TieredRule } from './tiered-policy.ts';

/**
 * Reads the specification of a ClusterNetworkPolicy, an AdminNetworkPolicy or a
 * BaselineAdminNetworkPolicy. What the CRD refuses is a problem (the markers and CEL rules of
 * types.go). A peer of a form that is not known is none: its rule fails closed. Returns every
 * problem and never throws.
 */
export function readTieredPolicy(
  spec: unknown,
  name: string,
  dialect: TieredDialect,
): { readonly policy: TieredPolicy } | { readonly problems: readonly ReadProblem[] } {
  const reader = new TieredReader(dialect);
  const { kind } = dialect;
  if (!isObject(spec)) reader.problem('spec', spec, 'an object');
  if (kind === 'BaselineAdminNetworkPolicy' && name !== 'default')
    reader.problem('metadata.name', name, '"default": there is only one such policy');
  const fields = reader.object(isObject(spec) ? spec : {}, 'spec', dialect.fields);
  const policy: TieredPolicy = {
    kind,
    name,
    tier:
      kind === 'ClusterNetworkPolicy'
        ? reader.tier(fields['tier'])
        : kind === 'AdminNetworkPolicy'
          ? 'Admin'
          : 'Baseline',
    priority: kind === 'BaselineAdminNetworkPolicy' ? undefined : reader.priority(fields['priority']),
    subject: reader.subject(fields['subject']),
    ingress: reader.tieredRules(fields['ingress'], 'ingress'),
    egress: reader.tieredRules(fields['egress'], 'egress'),
  };
  return reader.problems.length > 0 ? { problems: reader.problems } : { policy };
}

/** The peers of one rule, by form. */
interface Peers {
  readonly pods: PodPeer[];
  readonly networks: AddressPeer[];
  readonly nodes: Selector[];
  domains: boolean;
  unknown: string | undefined;
}

class TieredReader extends Reader {
  private readonly dialect: TieredDialect;

  constructor(dialect: TieredDialect) {
    super();
    this.dialect = dialect;
  }

  tier(value: unknown): Tier {
    if (value !== 'Admin' && value !== 'Baseline') this.problem('spec.tier', value, 'Admin or Baseline');
    return value === 'Baseline' ? 'Baseline' : 'Admin';
  }

  priority(value: unknown): number {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1000) return value;
    this.problem('spec.priority', value, 'a number from 0 to 1000');
    return 0;
  }

  subject(value: unknown): TieredPolicy['subject'] {
    const fields = this.object(value, 'spec.subject', ['namespaces', 'pods']);
    const all = { namespaceSelector: everything, podSelector: everything };
    const form = onlyField(this, fields, 'spec.subject', value, 'either namespaces or pods');
    if (form === 'namespaces')
      return {
        ...all,
        namespaceSelector: this.selector(fields['namespaces'], 'spec.subject.namespaces') ?? everything,
      };
    return form === 'pods' ? this.podSelectors(fields['pods'], 'spec.subject.pods') : all;
  }

  tieredRules(value: unknown, direction: Direction): TieredRule[] {
    const peersField = direction === 'ingress' ? 'from' : 'to';
    const { ports: portsField, actions, limit } = this.dialect;
    return this.bounded(value, `spec.${direction}`, 0, limit).map((entry, index): TieredRule => {
      const field = `spec.${direction}[${index}]`;
      const rule = this.object(isObject(entry) ? entry : {}, field, ['name', 'action', peersField, portsField]);
      if (!isObject(entry)) this.problem(field, entry, 'an object');
      const name = rule['name'] ?? undefined;
      // The API server counts characters, not UTF-16 units.
      if (name !== undefined && !(typeof name === 'string' && [...name].length <= 100))
        this.problem(`${field}.name`, name, 'a text of at most 100 characters');
      const action = typeof rule['action'] === 'string' ? actions[rule['action']] : undefined;
      if (action === undefined)
        this.problem(
          `${field}.action`,
          rule['action'],
          Object.keys(actions)
            .join(', ')
            .replace(/, (\w+)$/, ' or $1'),
        );
      const peers: Peers = { pods: [], networks: [], nodes: [], domains: false, unknown: undefined };
      for (const [at, peer] of this.bounded(rule[peersField], `${field}.${peersField}`, 1, limit, true).entries())
        this.tieredPeer(peer, `${field}.${peersField}[${at}]`, direction, peers);
      const ports = rule[portsField] ?? undefined;
      const asked = ports === undefined ? undefined : this.tieredPorts(ports, `${field}.${portsField}`, peers);
      return toRule(field, index + 1, typeof name === 'string' ? name : undefined, action ?? 'Deny', peers, asked);
    });
  }

  private tieredPorts(value: unknown, field: string, peers: Peers): readonly PortRange[] {
    const ports = this.bounded(value, field, 1, this.dialect.limit).flatMap((entry, at) =>
      readTieredPorts(this, entry, `${field}[${at}]`, this.dialect),
    );
    const isOutside = peers.networks.length > 0 || peers.nodes.length > 0 || peers.domains;
    const named = ports.find(({ port }) => typeof port === 'object' && 'name' in port);
    if (isOutside && named !== undefined)
      this.problems.push({
        field: named.field,
        found: 'the name of a port beside networks, nodes or domainNames',
        expected: 'a number, because these peers have no names of ports',
      });
    return ports;
  }

  private tieredPeer(value: unknown, field: string, direction: Direction, peers: Peers): void {
    const known = direction === 'ingress' ? this.dialect.peers.slice(0, 2) : this.dialect.peers;
    if (!isObject(value)) {
      this.problem(field, value, 'an object');
      return;
    }
    if (hasUnknownForm(value, known)) {
      peers.unknown ??= field;
      return;
    }
    const form = onlyField(this, value, field, value, `exactly one of ${known.join(', ')}`);
    const own = form === undefined ? undefined : value[form];
    const path = `${field}.${form}`;
    if (form === 'namespaces') {
      const namespaceSelector = this.selector(own, path) ?? everything;
      peers.pods.push({ kind: 'pods', field, namespaceSelector, podSelector: everything });
    } else if (form === 'pods') peers.pods.push({ kind: 'pods', field, ...this.podSelectors(own, path) });
    else if (form === 'nodes') peers.nodes.push(this.selector(own, path) ?? everything);
    else if (form === 'networks') peers.networks.push(...this.networks(own, path));
    else if (form === 'domainNames') {
      this.domains(own, path);
      peers.domains = true;
    }
  }

  private podSelectors(value: unknown, field: string): TieredPolicy['subject'] {
    const fields = this.object(value, field, ['namespaceSelector', 'podSelector']);
    const namespaceSelector = this.selector(fields['namespaceSelector'], `${field}.namespaceSelector`);
    const podSelector = this.selector(fields['podSelector'], `${field}.podSelector`);
    if (podSelector === undefined) this.problem(`${field}.podSelector`, undefined, 'a selector: {} selects every pod');
    if (namespaceSelector === undefined && !this.dialect.selectsAllNamespaces)
      this.problem(`${field}.namespaceSelector`, undefined, 'a selector: {} selects every namespace');
    return { namespaceSelector: namespaceSelector ?? everything, podSelector: podSelector ?? everything };
  }

  private networks(value: unknown, field: string): AddressPeer[] {
    return this.texts(value, field).flatMap((text, at): AddressPeer[] => {
      const path = `${field}[${at}]`;
      const range = readCanonicalCidr(text);
      if (range !== undefined) return [{ kind: 'addresses', field: path, cidr: text, range, except: [] }];
      this.problem(path, text, 'a CIDR without bits behind its prefix, such as 10.0.0.0/8');
      return [];
    });
  }

  private domains(value: unknown, field: string): void {
    for (const [at, text] of this.texts(value, field).entries())
      if (!domainName.test(text)) this.problem(`${field}[${at}]`, text, 'a domain name, such as *.example.com');
  }

  /** A list of 1 to 25 different texts (listType=set). */
  private texts(value: unknown, field: string): readonly string[] {
    const list = this.bounded(value, field, 1, 25);
    const texts = list.filter((one) => typeof one === 'string');
    if (texts.length < list.length) this.problem(field, list, 'a list of texts');
    if (new Set(texts).size < texts.length)
      this.problems.push({ field, found: 'the same text twice', expected: 'a list of different texts' });
    return texts;
  }

  /** A list of as many entries as the CRD allows. */
  private bounded(value: unknown, field: string, least: number, most: number, isRequired = false): readonly unknown[] {
    const list = this.list(value, field);
    const isMissing = value === undefined || value === null;
    if (isMissing && !isRequired) return list;
    if ((isMissing || Array.isArray(value)) && (list.length < least || list.length > most))
      this.problems.push({ field, found: `${list.length} entries`, expected: `a list of ${least} to ${most}` });
    return list;
  }
}

/**
 * Whether a peer has a field that this release does not know, at its top or around its selectors. An
 * older v1alpha1 wrote `namespaces: {namespaceSelector: ...}`, which is not an empty selector.
 */
function hasUnknownForm(peer: Readonly<Record<string, unknown>>, known: readonly string[]): boolean {
  const selector = ['matchLabels', 'matchExpressions'];
  const pods = isObject(peer['pods']) ? peer['pods'] : {};
  return (
    hasOther(peer, known) ||
    hasOther(peer['namespaces'], selector) ||
    hasOther(peer['nodes'], selector) ||
    hasOther(pods, ['namespaceSelector', 'podSelector']) ||
    hasOther(pods['namespaceSelector'], selector) ||
    hasOther(pods['podSelector'], selector)
  );
}

function hasOther(value: unknown, known: readonly string[]): boolean {
  return isObject(value) && Object.keys(value).some((key) => !known.includes(key));
}

function toRule(
  field: string,
  number: number,
  name: string | undefined,
  action: Action,
  { pods, networks, nodes, domains, unknown }: Peers,
  ports: readonly PortRange[] | undefined,
): TieredRule {
  const rule = { field, number, name, action, unknownPeer: unknown, nodes: undefined, hasDomains: false };
  const nobody = { field, peers: [], ports: undefined };
  if (unknown !== undefined && action === 'Accept') return { ...rule, pods: nobody, networks: nobody, ports };
  if (unknown !== undefined)
    return { ...rule, action: 'Deny', pods: nobody, networks: { ...nobody, peers: undefined }, ports: undefined };
  return {
    ...rule,
    pods: { ...nobody, peers: pods },
    networks: { ...nobody, peers: networks },
    nodes: nodes.length === 0 ? undefined : { selectors: nodes, addresses: undefined },
    hasDomains: domains,
    ports,
  };
}

/** The pattern of DomainName in types.go. */
const domainName = /^(\*\.)?([a-zA-Z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.)+[a-zA-Z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.?$/;
