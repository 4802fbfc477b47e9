import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import type { Address, Range } from '../network/address.ts';
import { type PortSet, portSpans } from '../network/port-set.ts';
import type { Pod } from '../network/world.ts';
import type { Change, ChangeEnd, Forbidden } from '../reach/change.ts';
import type { Desk } from '../reach/desk.ts';
import { createLaw } from './law.ts';
import { keyOfParty, type Party } from './party.ts';
import { createPodParties, isPodOf } from './pod-parties.ts';
import { createSelection } from './selection.ts';
import type { Workloads } from './workloads.ts';

/** Says which of the flows that a change opens the rules of admission forbid. */
export interface ChangeLaw {
  /** What forbids one of the opened flows; undefined if the rules forbid none. */
  judge(change: Change): Forbidden | undefined;
  /** How many changes could not be judged whole, because they have too many different ends. */
  readonly unjudged: number;
}

/** How many questions are asked for one diff: some seconds of work. Equal ones count once. */
const questionLimit = 20_000;

/** What the law sees of an end: a party, and a key that is equal for parties of equal rights. */
interface Asked {
  readonly key: string;
  readonly namespace: string | undefined;
  readonly party: Party;
}

/**
 * Judges changes by the law of plans, which are the checks of admission, in the world afterwards.
 */
export function createChangeLaw({ inventory }: Desk, config: Config): ChangeLaw {
  const { namespaces } = inventory.world;
  const { peers } = config.network;
  const parties = createPodParties(inventory, noWorkloads, peers);
  const law = createLaw(namespaces, createSelection(namespaces, new Map(), 'name', config), config);
  const known = new WeakMap<ChangeEnd, readonly Asked[]>();
  const answers = new Map<string, Forbidden | undefined>();
  let unjudged = 0;

  /** One party for each identity among the Pods of an end, or for its addresses. */
  function askedOf(end: ChangeEnd): readonly Asked[] {
    const before = known.get(end);
    if (before !== undefined) return before;
    const found = end.group === undefined ? addressesOf(end) : podsOf(end.group.members.flatMap(({ after }) => after));
    known.set(end, found);
    return found;
  }

  function podsOf(pods: readonly Pod[]): readonly Asked[] {
    const byKey = new Map(pods.map((pod) => [JSON.stringify([pod.namespace, identityOf(pod)]), pod]));
    return [...byKey.values()].map((pod) => ({
      key: identityOf(pod),
      namespace: pod.namespace,
      party: parties.ofPod(pod),
    }));
  }

  /** Everything that the law reads of a Pod and of its namespace. */
  function identityOf({ namespace, labels }: Pod): string {
    const keys = [...new Set([...config.taxonomy.keys.keys(), 'expose', 'internal'])];
    const home = namespaces.get(namespace);
    // A reason names a namespace that lacks labels.
    const isWhole = config.taxonomy.required.Namespace.every((key) => home?.has(key) === true);
    return JSON.stringify([
      isWhole ? isExempt(namespace, config) : namespace,
      keys.map((key) => [home?.get(key), labels.get(key)]),
      peers.findIndex((one) => isPodOf(one, namespace, labels)),
      labels.size === 0,
    ]);
  }

  /** Undefined if the limit is reached. */
  function answer(from: Asked, to: Asked, ports: PortSet): { readonly forbidden: Forbidden | undefined } | undefined {
    const isOwn = from.namespace !== undefined && from.namespace === to.namespace;
    const key = [from.key, to.key, isOwn, ports.join()].join(' ');
    if (!answers.has(key)) {
      if (answers.size >= questionLimit) return undefined;
      answers.set(key, ask(from.party, to.party, ports));
    }
    return { forbidden: answers.get(key) };
  }

  /** A rule allows whole spans of ports, so their bounds stand for all of them. */
  function ask(from: Party, to: Party, ports: PortSet): Forbidden | undefined {
    for (const { protocol, first, last } of portSpans(ports))
      for (const port of new Set([first, last])) {
        const found = law.judge({ from, to }, protocol, port);
        // The line of the change has the ports.
        if (found !== undefined) return { ...found, reason: found.reason.replace(/ on [A-Z]+\/\d+(?=;|$)/, '') };
      }
    return undefined;
  }

  return {
    judge({ kind, from, to, ports }) {
      if (kind !== 'opened') return undefined;
      for (const source of askedOf(from))
        for (const destination of askedOf(to)) {
          const answered = answer(source, destination, ports);
          if (answered === undefined) {
            unjudged += 1;
            return undefined;
          }
          if (answered.forbidden !== undefined) return answered.forbidden;
        }
      return undefined;
    },
    get unjudged() {
      return unjudged;
    },
  };
}

/** A diff asks about Pods as they are, whatever made them. */
const noWorkloads: Workloads = { all: [], in: () => [], of: () => undefined, find: () => undefined };

/** Half of the addresses of a family, or more, means the Internet. */
const half: Readonly<Record<Range['family'], bigint>> = { 4: 1n << 31n, 6: 1n << 127n };

function addressesOf({ names, ranges }: ChangeEnd): readonly Asked[] {
  return addressParties(names, ranges).map((party) => ({ key: keyOfParty(party), namespace: undefined, party }));
}

/** The bounds of ranges stand for them. Without ranges, something leads the outside in. */
function addressParties(names: readonly string[], ranges: readonly Range[] | undefined): readonly Party[] {
  const none = { pods: [], target: undefined };
  if (ranges === undefined) return [{ ...none, end: { kind: 'ingress' }, addresses: [] }];
  const end = { kind: 'outside', name: names.join(', ') } as const;
  if (ranges.some(({ family, first, last }) => last - first >= half[family] - 1n || isWide(ranges, family)))
    return [{ ...none, end, addresses: [] }];
  const bounds = ranges.flatMap(({ family, first, last }): readonly Address[] =>
    [...new Set([first, last])].map((value) => ({ family, value })),
  );
  return bounds.map((address) => ({ ...none, end, addresses: [address] }));
}

function isWide(ranges: readonly Range[], family: Range['family']): boolean {
  const own = ranges.filter((range) => range.family === family);
  return own.reduce((sum, { first, last }) => sum + last - first + 1n, 0n) >= half[family];
}
