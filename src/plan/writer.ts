import type { Config } from '../config/config.ts';
import type { Labels } from '../kubernetes/labels.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import { isMetadataAddress } from '../network/metadata-address.ts';
import type { Direction } from '../network/rules.ts';
import { type Candidate, firstEphemeralPort, offers, type Pair } from './candidates.ts';
import type { Fate } from './fate.ts';
import type { Law } from './law.ts';
import type { Party, Target } from './party.ts';
import type { PodTarget, Selection } from './selection.ts';
import { byKey } from './text-order.ts';
import { buildPolicy, type Passage } from './written-policy.ts';

/** A flow with its fate in one namespace. */
export interface JudgedFlow {
  readonly candidate: Candidate;
  readonly fate: Fate;
}

/** A policy that a plan writes, and what it is for. */
export interface WrittenPolicy {
  readonly policy: NetworkPolicy;
  readonly direction: Direction;
  /** The flows that it opens at its end. */
  readonly flows: readonly JudgedFlow[];
}

/** What a plan writes, and why it writes nothing for some of the flows that are cut. */
export interface Writing {
  readonly policies: readonly WrittenPolicy[];
  readonly unwritten: ReadonlyMap<JudgedFlow, string>;
}

/** Choices of the person. */
export interface WritingOptions {
  /** Whether ports that systems give to clients by themselves are written too. */
  readonly ephemeral: boolean;
  /** Whether addresses without a name are written, as blocks. */
  readonly external: boolean;
}

/** What a writer needs to know. */
export interface WriterSource {
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** The names of the policies that exist, by namespace. */
  readonly taken: (namespace: string) => ReadonlySet<string>;
  /** What the baseline will allow every Pod of a namespace at egress that is not fenced yet. */
  readonly egressAhead: (namespace: string) => readonly object[];
  readonly selection: Selection;
  readonly law: Law;
  readonly config: Config;
  readonly options: WritingOptions;
}

/** Writes the policies that keep what is cut in a namespace: one for a workload and direction. */
export function writePolicies(flows: readonly JudgedFlow[], namespace: string, source: WriterSource): Writing {
  const drafts = new Map<string, PolicyDraft>();
  const unwritten = new Map<JudgedFlow, string>();
  for (const flow of flows) {
    const { fate, candidate } = flow;
    if (fate.fate !== 'cut') continue;
    const sides: readonly Direction[] =
      fate.side === 'both' ? ['egress', 'ingress'] : fate.side === undefined ? [] : [fate.side];
    const wanted = [...sides, ...fate.elsewhere];
    const why = candidate.pairs.map((pair) => findObstacle(pair, candidate, wanted, namespace, source)).find(Boolean);
    if (why !== undefined) {
      unwritten.set(flow, why);
      continue;
    }
    for (const side of wanted)
      for (const pair of candidate.pairs) addPassage(drafts, flow, pair, side, namespace, source);
  }
  const policies = namePolicies([...drafts.values()], namespace, source)
    .map(({ draft, name }) => finish(draft, name, source))
    .sort((a, b) => (fileKey(a) < fileKey(b) ? -1 : 1));
  return { policies, unwritten };
}

/** The end of a flow that a policy of this direction is for, and the other one. */
function endsOf({ from, to }: Pair, direction: Direction): { readonly own: Party; readonly other: Party } {
  return direction === 'egress' ? { own: from, other: to } : { own: to, other: from };
}

/** Why no policy can keep a flow, or none should; a clause. */
function findObstacle(
  pair: Pair,
  { protocol, port }: Candidate,
  sides: readonly Direction[],
  namespace: string,
  { selection, options }: WriterSource,
): string | undefined {
  if (port >= firstEphemeralPort && !options.ephemeral && !offers(pair.to, protocol, port))
    return `port ${port} is one that systems give to clients by themselves (ringfence plan --ephemeral writes it)`;
  for (const side of sides) {
    const { own, other } = endsOf(pair, side);
    if (own.target?.kind !== 'pods' || selection.podSelector(own.target) === undefined)
      return own.why ?? 'the Pods have no label that lasts, so no policy can select them';
    const { end, target } = other;
    if (target === undefined) return noPeer(other);
    if (target.kind === 'addresses' && !target.isNamed) {
      if (!options.external)
        return `${target.name} is no peer of the configuration (ringfence plan --external cidr writes the block)`;
      if (target.cidrs.some((cidr) => isMetadataAddress(cidr.replace(/\/.*$/, ''))))
        return 'it is the metadata service of the cloud';
    }
    if (end.kind === 'node' && end.name === 'host') return noPeer(other);
    if (selection.peers(target, own.target.namespace) === undefined)
      return other.why ?? 'the Pods have no label that lasts, so no policy can name them';
  }
  return sides.length === 0 ? `the other end denies it, and is not in ${namespace}` : undefined;
}

function noPeer({ end, why }: Party): string {
  switch (end.kind) {
    case 'apiserver':
      return 'a NetworkPolicy cannot name the API server; name its addresses in baseline.apiServer of the configuration';
    case 'node':
      return 'a NetworkPolicy cannot name nodes; configure their addresses as a peer with the role nodes';
    case 'ingress':
      return 'a NetworkPolicy cannot name a proxy that is no Pod';
    case 'outside':
      return 'the log has no address, and a NetworkPolicy knows no names in DNS';
    default:
      return why ?? 'a NetworkPolicy cannot name this end';
  }
}

interface PolicyDraft {
  readonly target: PodTarget;
  readonly direction: Direction;
  /** Whether it is in the namespace of the plan. */
  readonly isOwn: boolean;
  readonly passages: Passage[];
  readonly flows: Set<JudgedFlow>;
  isExposing: boolean;
}

function addPassage(
  drafts: Map<string, PolicyDraft>,
  flow: JudgedFlow,
  pair: Pair,
  direction: Direction,
  namespace: string,
  { selection, law }: WriterSource,
): void {
  const { protocol, port } = flow.candidate;
  const { own, other } = endsOf(pair, direction);
  if (own.target?.kind !== 'pods' || other.target === undefined || protocol === 'ICMP') return;
  const peers = selection.peers(other.target, own.target.namespace) ?? [];
  const key = JSON.stringify([own.target.namespace, keyOfTarget(own.target), direction]);
  const draft = drafts.get(key) ?? {
    target: own.target,
    direction,
    isOwn: own.target.namespace === namespace,
    passages: [],
    flows: new Set<JudgedFlow>(),
    isExposing: false,
  };
  drafts.set(key, draft);
  draft.passages.push({ peers, protocol, port });
  draft.flows.add(flow);
  draft.isExposing ||= direction === 'ingress' && law.isOutside(other);
}

function keyOfTarget({ name, workload, base }: PodTarget): string {
  return workload === undefined ? JSON.stringify([name, [...base].sort(byKey)]) : `${workload.kind}/${name}`;
}

/**
 * The names of policies: `allow-WORKLOAD-ingress`. Two workloads of one name are told apart by
 * their kind. A policy in the namespace of others also says who it is for. A name that exists is
 * not used, because an apply would replace that policy.
 */
function namePolicies(
  drafts: readonly PolicyDraft[],
  home: string,
  { taken }: WriterSource,
): readonly { readonly draft: PolicyDraft; readonly name: string }[] {
  const used = new Set<string>();
  const sorted = drafts.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  return sorted.map((draft) => {
    const { target, direction, isOwn } = draft;
    const { namespace, name, workload } = target;
    const isTwin = sorted.some(
      (other) =>
        other.target.namespace === namespace &&
        other.target.name === name &&
        keyOfTarget(other.target) !== keyOfTarget(target),
    );
    const plain = isTwin ? `${workload?.kind ?? 'pod'}-${name}` : name;
    const whose = isOwn ? '' : direction === 'ingress' ? `-from-${home}` : `-to-${home}`;
    const stem = `${plain}${whose}`
      .toLowerCase()
      .replaceAll(/[^a-z0-9.-]+/g, '-')
      .slice(0, nameLimit);
    const exists = taken(namespace);
    for (let count = 1; ; count += 1) {
      const full = `allow-${stem}${count === 1 ? '' : `-${count}`}-${direction}`;
      const key = `${namespace}/${full}`;
      if (exists.has(full) || used.has(key)) continue;
      used.add(key);
      return { draft, name: full };
    }
  });
}

/** A name of an object has at most 253 characters (RFC 1123 subdomain), with room for the rest. */
const nameLimit = 230;

function sortKey({ target, direction }: PolicyDraft): string {
  return JSON.stringify([target.namespace, target.name, keyOfTarget(target), direction]);
}

function finish(
  draft: PolicyDraft,
  name: string,
  { namespaces, selection, config, egressAhead }: WriterSource,
): WrittenPolicy {
  const { target, direction, isOwn, passages, isExposing, flows } = draft;
  const { namespace } = target;
  const policy = buildPolicy(
    {
      name,
      namespace,
      // A namespace that does not say who it is leaves that to its Pods.
      namespaceLabels: new Map([...target.labels, ...(namespaces.get(namespace) ?? [])]),
      podSelector: selection.podSelector(target, isExposing) ?? {},
      direction,
      passages,
      // It isolates these Pods when it is applied, which may be long before the fence opens DNS.
      ahead: direction === 'egress' && isOwn ? egressAhead(namespace) : [],
      isExposing,
    },
    config,
  );
  return { policy, direction, flows: [...flows] };
}

function fileKey({ policy: { metadata } }: WrittenPolicy): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}

/** Whether a target is Pods. */
export function isPodTarget(target: Target | undefined): target is PodTarget {
  return target?.kind === 'pods';
}
