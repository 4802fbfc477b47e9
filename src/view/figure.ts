import { joinLinks, type Kind, kindOf, kinds, type Link } from './link.ts';
import type { Model } from './model.ts';
import { outside, type Place } from './place.ts';

/** What the map and the matrix are restricted to. An empty text is no restriction. */
export interface Filter {
  readonly team: string;
  readonly env: string;
  readonly namespace: string;
  readonly tier: string;
  /** Whether namespaces that the configuration exempts are shown. */
  readonly exempt: boolean;
}

/** The end of arrows: one namespace, all namespaces of one environment and tier, or the outside. */
export interface Box {
  /** `shop`, `@prod/web` or `@outside`, as in addresses of pages. */
  readonly id: string;
  readonly places: readonly Place[];
  readonly env: string;
  /** Empty for the outside, and for namespaces without a tier of the taxonomy. */
  readonly tier: string;
}

/** All links from the namespaces of one box to those of another. */
export interface Arrow {
  readonly from: Box;
  readonly to: Box;
  readonly link: Link;
  readonly kind: Kind;
  /** How many links between two namespaces are of this kind. */
  readonly count: number;
}

/** Boxes and the arrows between them. */
export interface Figure {
  readonly boxes: readonly Box[];
  /** The worst first. */
  readonly arrows: readonly Arrow[];
  /** Whether a box is all namespaces of one environment and tier. */
  readonly isFolded: boolean;
  /** How many namespaces are shown, and how many exempt ones are not. */
  readonly shown: number;
  readonly hidden: number;
}

export const outsideId = '@outside';

export function groupIdOf({ env, tier }: Place): string {
  return `@${env}/${tier}`;
}

/**
 * The boxes of a filter. More namespaces than `most` are folded by environment and tier, since what
 * the rules say depends on these.
 */
export function figureOf(model: Model, filter: Filter, most: number): Figure {
  const all = [...model.places.values()].filter((place) => isMeant(place, filter));
  // Whoever asks for one namespace asks for what it reaches, too.
  const near =
    filter.namespace === ''
      ? new Set<string>()
      : new Set(
          model.links.flatMap(({ from, to }) =>
            from === filter.namespace ? [to] : to === filter.namespace ? [from] : [],
          ),
        );
  const named = filter.namespace === '' ? all : all.filter(({ name }) => name === filter.namespace || near.has(name));
  const places = named.filter(
    (place) => filter.exempt || place.name === filter.namespace || place.audited?.isExempt !== true,
  );
  const isFolded = places.length > most;
  const groups = Map.groupBy(places, (place) => (isFolded ? groupIdOf(place) : place.name));
  const boxes = [...groups].map(([id, own]): Box => {
    const [first] = own;
    return { id, places: own, env: first?.env ?? '', tier: first?.tier ?? '' };
  });
  const outsideBox: Box = { id: outsideId, places: [], env: '', tier: '' };
  const boxOf = new Map(boxes.flatMap((box) => box.places.map(({ name }) => [name, box] as const)));
  boxOf.set(outside, outsideBox);
  const pairs = new Map<Box, Map<Box, Link[]>>();
  for (const link of model.links) {
    const [from, to] = [boxOf.get(link.from), boxOf.get(link.to)];
    if (from === undefined || to === undefined) continue;
    if (filter.namespace !== '' && link.from !== filter.namespace && link.to !== filter.namespace) continue;
    const row = pairs.get(from) ?? new Map<Box, Link[]>();
    pairs.set(from, row);
    const pair = row.get(to);
    if (pair === undefined) row.set(to, [link]);
    else pair.push(link);
  }
  const arrows = [...pairs].flatMap(([from, row]) =>
    [...row].map(([to, links]): Arrow => {
      const link = joinLinks(from.id, to.id, links);
      const kind = kindOf(link);
      return { from, to, link, kind, count: links.filter((one) => kindOf(one) === kind).length };
    }),
  );
  const isOutside = arrows.some(({ from, to }) => from === outsideBox || to === outsideBox);
  return {
    boxes: [...(isOutside ? [outsideBox] : []), ...boxes].sort((a, b) => compare(a, b, model.tiers)),
    arrows: arrows.sort(
      (a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || b.count - a.count || compareIds(a, b),
    ),
    isFolded,
    shown: places.length,
    hidden: named.length - places.length,
  };
}

function isMeant(place: Place, { team, env, tier }: Filter): boolean {
  return isValue(place.team, team) && isValue(place.env, env) && isValue(place.tier, tier);
}

/** In a filter, `-` means namespaces without the label. No label has this value. */
export const without = '-';

function isValue(value: string, wanted: string): boolean {
  return wanted === '' || value === (wanted === without ? '' : wanted);
}

/** By tier, then by environment and name. */
function compare(a: Box, b: Box, tiers: readonly string[]): number {
  return (
    columnOf(a, tiers) - columnOf(b, tiers) ||
    (a.env === b.env ? 0 : a.env < b.env ? -1 : 1) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

/** The number of the column: the outside, then the tiers, then what has no tier. */
export function columnOf({ id, tier }: Box, tiers: readonly string[]): number {
  if (id === outsideId) return 0;
  const at = tiers.indexOf(tier);
  return at === -1 ? tiers.length + 1 : at + 1;
}

function compareIds(a: Arrow, b: Arrow): number {
  const [one, other] = [`${a.from.id} ${a.to.id}`, `${b.from.id} ${b.to.id}`];
  return one < other ? -1 : one > other ? 1 : 0;
}
