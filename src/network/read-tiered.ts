import { type FieldProblem, isObject } from '../kubernetes/raw-object.ts';
import { readCanonicalCidr } from './address.ts';
import { onlyField, readTieredPorts } from './read-tiered-ports.ts';
import { Reader } from './reader.ts';
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
): { readonly policy: TieredPolicy } | { readonly problems: readonly FieldProblem[] } {
  const reader = new TieredReader(dialect);
  const { kind } = dialect;
  if (!isObject(spec)) reader.mustBe('an object', 'spec', spec);
  if (kind === 'BaselineAdminNetworkPolicy' && name !== 'default')
    reader.mustBe('"default": there is only one such policy', 'metadata.name', name);
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
    if (value !== 'Admin' && value !== 'Baseline') this.mustBe('Admin or Baseline', 'spec.tier', value);
    return value === 'Baseline' ? 'Baseline' : 'Admin';
  }

  priority(value: unknown): number {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1000) return value;
    this.mustBe('a number from 0 to 1000', 'spec.priority', value);
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
      if (!isObject(entry)) this.mustBe('an object', field, entry);
      const name = rule['name'] ?? undefined;
      // The API server counts characters, not UTF-16 units.
      if (name !== undefined && !(typeof name === 'string' && [...name].length <= 100))
        this.mustBe('a text of at most 100 characters', `${field}.name`, name);
      const asked = rule['action'];
      const action = typeof asked === 'string' && Object.hasOwn(actions, asked) ? actions[asked] : undefined;
      if (action === undefined) this.mustBe(`one of ${Object.keys(actions).join(', ')}`, `${field}.action`, asked);
      const peers: Peers = { pods: [], networks: [], nodes: [], domains: false, unknown: undefined };
      for (const [at, peer] of this.bounded(rule[peersField], `${field}.${peersField}`, 1, limit, true).entries())
        this.tieredPeer(peer, `${field}.${peersField}[${at}]`, direction, peers);
      const ports = rule[portsField] ?? undefined;
      const named = ports === undefined ? undefined : this.tieredPorts(ports, `${field}.${portsField}`, peers);
      return toRule(field, index + 1, typeof name === 'string' ? name : undefined, action ?? 'Deny', peers, named);
    });
  }

  private tieredPorts(value: unknown, field: string, peers: Peers): readonly PortRange[] {
    const ports = this.bounded(value, field, 1, this.dialect.limit).flatMap((entry, at) =>
      readTieredPorts(this, entry, `${field}[${at}]`, this.dialect),
    );
    const isOutside = peers.networks.length > 0 || peers.nodes.length > 0 || peers.domains;
    const named = ports.find(({ port }) => typeof port === 'object' && 'name' in port);
    if (isOutside && named !== undefined)
      this.problem(named.field, 'is the name of a port, which networks, nodes and domainNames do not have');
    return ports;
  }

  private tieredPeer(value: unknown, field: string, direction: Direction, peers: Peers): void {
    const known = direction === 'ingress' ? this.dialect.peers.slice(0, 2) : this.dialect.peers;
    if (!isObject(value)) {
      this.mustBe('an object', field, value);
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
    if (podSelector === undefined) this.mustBe('a selector: {} selects every pod', `${field}.podSelector`, undefined);
    if (namespaceSelector === undefined && !this.dialect.selectsAllNamespaces)
      this.mustBe('a selector: {} selects every namespace', `${field}.namespaceSelector`, undefined);
    return { namespaceSelector: namespaceSelector ?? everything, podSelector: podSelector ?? everything };
  }

  private networks(value: unknown, field: string): AddressPeer[] {
    return this.texts(value, field).flatMap((text, at): AddressPeer[] => {
      const path = `${field}[${at}]`;
      const range = readCanonicalCidr(text);
      if (range !== undefined) return [{ kind: 'addresses', field: path, cidr: text, range, except: [] }];
      this.mustBe('a CIDR without bits behind its prefix, such as 10.0.0.0/8', path, text);
      return [];
    });
  }

  private domains(value: unknown, field: string): void {
    for (const [at, text] of this.texts(value, field).entries())
      if (!domainName.test(text)) this.mustBe('a domain name, such as *.example.com', `${field}[${at}]`, text);
  }

  /** A list of 1 to 25 different texts (listType=set). */
  private texts(value: unknown, field: string): readonly string[] {
    const list = this.bounded(value, field, 1, 25);
    const texts = list.filter((one) => typeof one === 'string');
    if (texts.length < list.length) this.mustBe('a list of texts', field, list);
    if (new Set(texts).size < texts.length) this.problem(field, 'has the same text twice');
    return texts;
  }

  /** A list of as many entries as the CRD allows. */
  private bounded(value: unknown, field: string, least: number, most: number, isRequired = false): readonly unknown[] {
    const list = this.list(value, field);
    const isMissing = value === undefined || value === null;
    if (isMissing && !isRequired) return list;
    if ((isMissing || Array.isArray(value)) && (list.length < least || list.length > most))
      this.problem(field, `has ${list.length} entries; it may have ${least} to ${most}`);
    return list;
  }
}

/**
 * Whether a peer has a field that this release does not know, at its top or around its selectors.
 * An older v1alpha1 wrote `namespaces: {namespaceSelector: ...}`, which is not an empty selector.
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
