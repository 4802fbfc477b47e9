import type { PodClass } from '../network/classes.ts';
import { outsideOf } from '../network/outside.ts';
import { noPorts, type PortSet, portRange, unite, without } from '../network/port-set.ts';
import type { Desk } from '../reach/desk.ts';
import type { OutsideFlow } from '../reach/outside.ts';
import type { Lawfulness } from './lawfulness.ts';
import { outside } from './place.ts';

/** What an arrow says, the worst first. */
export const kinds = ['forbidden', 'denied', 'undefined', 'lawful'] as const;
export type Kind = (typeof kinds)[number];

/** A flow that a log shows and that the policies of today deny. */
export interface SeenFlow {
  readonly from: string;
  readonly to: string;
  /** The two ends as a plan names them. */
  readonly text: string;
  readonly sightings: number;
  readonly last: string | undefined;
}

/** What may flow from one namespace to another, between any of their Pods. */
export interface Link {
  /** Names of namespaces; {@link outside} for the outside. */
  readonly from: string;
  readonly to: string;
  /** Open, and no rule is against it. */
  readonly lawful: PortSet;
  /** Open, although no policy may open it. */
  readonly forbidden: PortSet;
  /** Neither open nor denied for certain. */
  readonly undecided: PortSet;
  /** Denied, and a log shows it. */
  readonly denied: readonly SeenFlow[];
}

/** The worst thing that a link says. */
export function kindOf({ forbidden, denied, undecided }: Link): Kind {
  if (forbidden.length > 0) return 'forbidden';
  if (denied.length > 0) return 'denied';
  return undecided.length > 0 ? 'undefined' : 'lawful';
}

type Ports = Pick<Link, 'lawful' | 'forbidden' | 'undecided'>;
const nothing: Ports = { lawful: noPorts, forbidden: noPorts, undecided: noPorts };

/**
 * The links between all namespaces. It goes through every pair of classes, of which a large cluster
 * has millions, so it keeps what it finds as numbers.
 */
export function linksBetween(desk: Desk, law: Lawfulness, seen: readonly SeenFlow[]): readonly Link[] {
  const { all: classes } = desk.evaluator.classes;
  const names = [...new Set(classes.map(({ namespace }) => namespace))];
  const numbers = new Map(names.map((name, index) => [name, index]));
  const places = Uint32Array.from(classes, ({ namespace }) => numbers.get(namespace) ?? 0);
  const table = createTable();
  const matrix = desk.matrix();
  const row = new Uint32Array(classes.length);
  const found = new Map<number, number>();
  const kindsOfLaw = classes.map((one) => law.kindOf(one));
  const span = 2 * (1 + Math.max(0, ...kindsOfLaw));
  // By kind of source: the number of what a link says, by reach and kind of destination.
  const known = new Map<number, Map<number, number>>();
  for (const from of classes) {
    matrix.row(from, row);
    // What a class of this kind may do is the same for every class of it.
    const sums = new Uint32Array(names.length);
    const home = places[from.index] as number;
    const ofKind = known.get(kindsOfLaw[from.index] as number) ?? new Map<number, number>();
    known.set(kindsOfLaw[from.index] as number, ofKind);
    for (const to of classes) {
      if (to === from && from.pods.length === 1) continue;
      const at = places[to.index] as number;
      const kind = (kindsOfLaw[to.index] as number) * 2 + (at === home ? 1 : 0);
      let id = ofKind.get((row[to.index] as number) * span + kind);
      if (id === undefined) {
        const { allowed, undecided } = matrix.reachOf(row[to.index] as number);
        const forbidden = law.forbidden(from, to, allowed);
        id = table.idOf({ lawful: without(allowed, forbidden), forbidden, undecided });
        ofKind.set((row[to.index] as number) * span + kind, id);
      }
      if (id === 0) continue;
      sums[at] = table.unite(sums[at] as number, id);
    }
    for (const [at, id] of sums.entries()) {
      if (id === 0) continue;
      const key = home * names.length + at;
      found.set(key, table.unite(found.get(key) ?? 0, id));
    }
  }
  const deniedBy = Map.groupBy(seen, ({ from, to }) => `${from} ${to}`);
  const links = [...found].map(([key, id]): Link => {
    const from = names[Math.floor(key / names.length)] ?? '';
    const to = names[key % names.length] ?? '';
    const denied = deniedBy.get(`${from} ${to}`) ?? [];
    deniedBy.delete(`${from} ${to}`);
    return { from, to, ...table.portsOf(id), denied };
  });
  const onlySeen = [...deniedBy.values()].flatMap((denied) => {
    const [first] = denied;
    return first === undefined ? [] : [{ from: first.from, to: first.to, ...nothing, denied }];
  });
  return [...links, ...onlySeen];
}

/** The links from the outside by Services, Ingresses and routes, and those to addresses outside. */
export function linksOutside(desk: Desk, flows: readonly OutsideFlow[]): readonly Link[] {
  const into = new Map<string, Ports>();
  for (const { pods, port, verdict, unexpected } of flows) {
    if (verdict === 'denied') continue;
    const ports = port.port === 0 ? noPorts : portRange(port.protocol, port.port, port.port);
    const kind = verdict === 'undefined' ? 'undecided' : unexpected === undefined ? 'lawful' : 'forbidden';
    for (const name of new Set(pods.map(({ namespace }) => namespace)))
      into.set(name, join(into.get(name) ?? nothing, { ...nothing, [kind]: ports }));
  }
  const outOf = new Map<string, Ports>();
  for (const one of desk.evaluator.classes.all)
    for (const { ports, undecided } of openingsOf(one))
      outOf.set(one.namespace, join(outOf.get(one.namespace) ?? nothing, { ...nothing, lawful: ports, undecided }));
  return [
    ...[...into].map(([to, ports]): Link => ({ from: outside, to, ...ports, denied: [] })),
    ...[...outOf]
      .filter(([, { lawful, undecided }]) => lawful.length + undecided.length > 0)
      .map(([from, ports]): Link => ({ from, to: outside, ...ports, denied: [] })),
  ];
}

function openingsOf(one: PodClass): ReturnType<typeof outsideOf> {
  return one.pod.hostNetwork ? [] : outsideOf(one, 'egress');
}

function join(a: Ports, b: Ports): Ports {
  return {
    lawful: unite(a.lawful, b.lawful),
    forbidden: unite(a.forbidden, b.forbidden),
    undecided: unite(a.undecided, b.undecided),
  };
}

/** One link for all of several. */
export function joinLinks(from: string, to: string, links: readonly Link[]): Link {
  // There may be a hundred thousand links, and few different sets of ports, each stored once.
  const unitePorts = (of: (one: Link) => PortSet): PortSet => [...new Set(links.map(of))].reduce(unite, noPorts);
  return {
    from,
    to,
    lawful: unitePorts(({ lawful }) => lawful),
    forbidden: unitePorts(({ forbidden }) => forbidden),
    undecided: unitePorts(({ undecided }) => undecided),
    denied: links.flatMap(({ denied }) => denied),
  };
}

/** Stores each set of ports once. Number 0 is nothing. */
function createTable(): {
  idOf(ports: Ports): number;
  unite(a: number, b: number): number;
  portsOf(id: number): Ports;
} {
  const rows: Ports[] = [nothing];
  const ids = new Map<string, number>([['||', 0]]);
  const sums = new Map<number, number>();
  const idOf = (ports: Ports): number => {
    const key = `${ports.lawful.join()}|${ports.forbidden.join()}|${ports.undecided.join()}`;
    const id = ids.get(key) ?? rows.push(ports) - 1;
    ids.set(key, id);
    return id;
  };
  return {
    idOf,
    portsOf: (id) => rows[id] ?? nothing,
    unite(a, b) {
      if (a === 0 || a === b) return b;
      if (b === 0) return a;
      // Both stay far below 2^26: they are different answers of one cluster.
      const key = a * 67_108_864 + b;
      const id = sums.get(key) ?? idOf(join(rows[a] ?? nothing, rows[b] ?? nothing));
      sums.set(key, id);
      return id;
    },
  };
}
