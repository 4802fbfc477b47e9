import { allPorts, intersect, noPorts, type PortSet, unite, without } from './port-set.ts';

/** The ports that one pod may call on another. Ports in neither set are denied. */
export interface Reach {
  readonly allowed: PortSet;
  /**
   * The ports whose verdict is `undefined`, because of the host's network, an unknown address or an
   * order of policies that is not defined.
   */
  readonly undecided: PortSet;
}

/** Each reach as a number. */
export interface ReachTable {
  readonly closed: number;
  readonly open: number;
  /** The id for "every port is undecided". */
  readonly doubtful: number;
  reachOf(id: number): Reach;
  idOf(reach: Reach): number;
  widen(id: number, allowed: PortSet, undecided: PortSet): number;
  /** What both ends allow. If one end denies, that decides, even if the other end is unknown. */
  both(egress: number, ingress: number): number;
  /** The same, where what is denied is undecided. */
  doubt(id: number): number;
}

/** Stores each reach once, because a cluster has many pairs and few different answers. */
export function createReachTable(): ReachTable {
  const rows: Reach[] = [];
  const ids = new Map<string, number>();
  const met = new Map<number, number>();
  const idOf = (allowed: PortSet, undecided: PortSet): number => {
    const key = `${allowed.join()}|${undecided.join()}`;
    const known = ids.get(key);
    if (known !== undefined) return known;
    ids.set(key, rows.length);
    return rows.push({ allowed, undecided }) - 1;
  };
  const reachOf = (id: number): Reach => rows[id] ?? { allowed: noPorts, undecided: noPorts };
  return {
    closed: idOf(noPorts, noPorts),
    open: idOf(allPorts, noPorts),
    doubtful: idOf(noPorts, allPorts),
    reachOf,
    idOf: ({ allowed, undecided }) => idOf(allowed, undecided),
    doubt(id) {
      const { allowed } = reachOf(id);
      return idOf(allowed, without(allPorts, allowed));
    },
    widen(id, allowed, undecided) {
      const reach = reachOf(id);
      const wider = unite(reach.allowed, allowed);
      return idOf(wider, without(unite(reach.undecided, undecided), wider));
    },
    both(egress, ingress) {
      // Ids stay below 2^26, because memory cannot hold that many different answers of one end.
      const key = egress * 67_108_864 + ingress;
      const known = met.get(key);
      if (known !== undefined) return known;
      const [a, b] = [reachOf(egress), reachOf(ingress)];
      const allowed = intersect(a.allowed, b.allowed);
      const possible = intersect(unite(a.allowed, a.undecided), unite(b.allowed, b.undecided));
      const id = idOf(allowed, without(possible, allowed));
      met.set(key, id);
      return id;
    },
  };
}
