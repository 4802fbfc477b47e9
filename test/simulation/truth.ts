import type { NetworkPolicy } from '../../src/kubernetes/network-policy.ts';
import type { RawNamespace } from '../../src/kubernetes/object-meta.ts';
import type { Store } from './store.ts';

/** The author of a change: people, the cluster's own controllers, or a replica of Ringfence. */
export type Author = 'people' | 'cluster' | 'replica';

/** The state of a namespace from one version of the store to the next. */
export interface State {
  readonly version: number;
  readonly at: number;
  readonly by: Author;
  /** Undefined if the namespace did not exist. */
  readonly uid: string | undefined;
  readonly isTerminating: boolean;
  readonly isFenced: boolean;
  /**
   * Whether findings are refused there. The cluster enforces, and a namespace may choose a milder
   * mode.
   */
  readonly isEnforced: boolean;
  /** The identity labels of the namespace, and of its wall, as text. */
  readonly identity: string;
  readonly wallIdentity: string | undefined;
  /** Whether `deny-all-baseline` exists and denies everything. */
  readonly isWalled: boolean;
  /** Whether nothing will delete it: no deletion has begun, and no owner is missing. */
  readonly isWallFirm: boolean;
  /** Whether the whole baseline is correct, if there must be one. */
  readonly isTrue: boolean;
}

/** The states of each namespace, one after the other. */
export interface Truth {
  /** Records the state of a namespace after a change. */
  note(namespace: string, by: Author): void;
  now(namespace: string): State;
  /** Returns the states from one version to another, oldest first. */
  during(namespace: string, from: number, to: number): readonly State[];
  /** Returns the namespaces whose baseline is not correct. */
  untrue(): readonly string[];
  /** Returns the time at which the last of them became correct. */
  trueSince(): number;
}

const mark = 'ringfence.dev/fence';
const identityKeys = ['env', 'tier', 'team', 'sensitivity', 'expose', 'internal'];

// Written here again and not imported, so that a mistake in the code is noticed.
const denyAll = JSON.stringify({ podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] });
const dnsPeer = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
  podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
};
const dnsPorts = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
];
const allowDns = JSON.stringify({
  podSelector: {},
  policyTypes: ['Egress'],
  ingress: [],
  egress: [{ to: [dnsPeer], ports: dnsPorts }],
});

const nothing: State = {
  version: 0,
  at: 0,
  by: 'cluster',
  uid: undefined,
  isTerminating: false,
  isFenced: false,
  isEnforced: true,
  identity: '',
  wallIdentity: undefined,
  isWalled: false,
  isWallFirm: false,
  isTrue: true,
};

export function identityOf(labels: Readonly<Record<string, string>> | ReadonlyMap<string, string> = {}): string {
  const map = labels instanceof Map ? labels : new Map(Object.entries(labels));
  return identityKeys.map((key) => map.get(key) ?? '-').join(' ');
}

export function createTruth(store: Store, clock: () => number): Truth {
  const states = new Map<string, State[]>();
  const wrong = new Set<string>();
  let trueSince = 0;

  function look(name: string, by: Author): State {
    const namespace = store.namespaces.get(name);
    const wall = store.policies.get(`${name}/deny-all-baseline`);
    const dns = store.policies.get(`${name}/allow-dns-egress`);
    const identity = identityOf(namespace?.metadata.labels);
    const isFenced = namespace?.metadata.labels !== undefined && mark in namespace.metadata.labels;
    const isTerminating = namespace?.metadata.deletionTimestamp !== undefined;
    return {
      version: store.version(),
      at: clock(),
      by,
      uid: namespace?.metadata.uid,
      isTerminating,
      isFenced,
      isEnforced: isEnforced(namespace),
      identity,
      wallIdentity: wall === undefined ? undefined : identityOf(wall.metadata.labels),
      isWalled: isClosed(wall),
      isWallFirm: isFirm(wall),
      isTrue:
        !isFenced || isTerminating || (isAsDesired(wall, denyAll, identity) && isAsDesired(dns, allowDns, identity)),
    };
  }

  function statesOf(name: string): State[] {
    const known = states.get(name);
    if (known !== undefined) return known;
    const first = [nothing];
    states.set(name, first);
    return first;
  }

  return {
    note(name, by) {
      const state = look(name, by);
      statesOf(name).push(state);
      if (!state.isTrue) wrong.add(name);
      else if (wrong.delete(name) && wrong.size === 0) trueSince = clock();
    },
    now: (name) => statesOf(name).at(-1) as State,
    during(name, from, to) {
      const all = statesOf(name);
      const first = all.findLastIndex(({ version }) => version <= from);
      const last = all.findLastIndex(({ version }) => version <= to);
      return all.slice(Math.max(0, first), last + 1);
    },
    untrue: () => [...wrong],
    trueSince: () => trueSince,
  };
}

function isClosed(wall: NetworkPolicy | undefined): boolean {
  return wall !== undefined && JSON.stringify(wall.spec) === denyAll;
}

function isFirm(policy: NetworkPolicy | undefined): boolean {
  return policy?.metadata.deletionTimestamp === undefined && (policy?.metadata.ownerReferences ?? []).length === 0;
}

function isAsDesired(policy: NetworkPolicy | undefined, spec: string, identity: string): boolean {
  return (
    policy !== undefined &&
    JSON.stringify(policy.spec) === spec &&
    isFirm(policy) &&
    identityOf(policy.metadata.labels) === identity
  );
}

/** Whether a namespace enforces. The cluster enforces, and a namespace may choose a milder mode. */
export function isEnforced(namespace: RawNamespace | undefined): boolean {
  const mode = namespace?.metadata.labels?.['ringfence.dev/mode'];
  return mode !== 'warn' && mode !== 'observe';
}
