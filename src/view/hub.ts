import type { Drawn, DrawnArrow } from './arrow.ts';
import type { Box } from './figure.ts';

/** Arrows that are counted at a box and not drawn, because they would come from nearly all. */
export interface Hub {
  readonly kind: Drawn;
  /** How many boxes they come from and lead to. */
  readonly from: number;
  readonly to: number;
}

/** Arrows to draw, and what stands at boxes, by their id. */
export interface Gathered {
  readonly arrows: readonly DrawnArrow[];
  readonly hubs: ReadonlyMap<string, readonly Hub[]>;
}

/** Fewer arrows than this are drawn one by one. */
export const drawnAlways = 30;

/**
 * Gathers the arrows of one kind at a box that has them from, or to, at least half of all boxes.
 * One such box is a fact; its arrows would hide all others.
 */
export function gather(boxes: readonly Box[], arrows: readonly DrawnArrow[]): Gathered {
  if (arrows.length < drawnAlways) return { arrows, hubs: new Map() };
  const enough = Math.max(4, (boxes.length - 1) / 2);
  const counts = new Map<string, number>();
  const keyOf = (box: Box, kind: Drawn, way: 'from' | 'to'): string => `${kind} ${way} ${box.id}`;
  for (const { from, to, kind } of arrows)
    for (const key of [keyOf(to, kind, 'from'), keyOf(from, kind, 'to')]) counts.set(key, (counts.get(key) ?? 0) + 1);
  const isHub = (box: Box, kind: Drawn, way: 'from' | 'to'): boolean =>
    (counts.get(keyOf(box, kind, way)) ?? 0) >= enough;
  const hubs = new Map<string, readonly Hub[]>();
  for (const box of boxes) {
    const own = [...new Set(arrows.map(({ kind }) => kind))].flatMap((kind): readonly Hub[] => {
      const count = (way: 'from' | 'to'): number =>
        isHub(box, kind, way) ? (counts.get(keyOf(box, kind, way)) ?? 0) : 0;
      const hub = { kind, from: count('from'), to: count('to') };
      return hub.from + hub.to === 0 ? [] : [hub];
    });
    if (own.length > 0) hubs.set(box.id, own);
  }
  return {
    arrows: arrows.filter(({ from, to, kind }) => !isHub(to, kind, 'from') && !isHub(from, kind, 'to')),
    hubs,
  };
}
