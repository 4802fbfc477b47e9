import type { DrawnArrow } from './arrow.ts';
import type { Box } from './figure.ts';
import type { Layout, Point } from './layout.ts';

/** An arrow as a path of SVG, and the place of its sign. */
export interface Way {
  readonly path: string;
  readonly middle: Point;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The ways of arrows between boxes of one size, in their order. */
export function waysOf(arrows: readonly DrawnArrow[], layout: Layout, size: Size): readonly Way[] {
  const ends = spreadEnds(arrows, layout.boxes, size);
  return arrows.map((arrow, index) => wayOf(arrow, index, layout, ends));
}

/** By the number of an arrow and its end: where on the side of the box it begins or ends. */
type Ends = ReadonlyMap<string, Point>;

/** Spreads the ends of arrows over the sides of their boxes, in the order of the other ends. */
function spreadEnds(arrows: readonly DrawnArrow[], boxes: ReadonlyMap<string, Point>, { width, height }: Size): Ends {
  const at = ({ id }: Box): Point => boxes.get(id) ?? { x: 0, y: 0 };
  const all = arrows.flatMap(({ from, to }, index) => {
    const [a, b] = [at(from), at(to)];
    const isBack = b.x < a.x;
    return [
      { key: `${index} from`, box: from, other: b, isRight: !isBack },
      { key: `${index} to`, box: to, other: a, isRight: isBack || a.x === b.x },
    ];
  });
  const sides = Map.groupBy(all, ({ box, isRight }) => `${box.id} ${isRight}`);
  return new Map(
    [...sides.values()].flatMap((own) => {
      const sorted = own.toSorted((a, b) => a.other.y - b.other.y || (a.key < b.key ? -1 : 1));
      return sorted.map(({ key, box, isRight }, index) => {
        const { x, y } = at(box);
        const offset = ((index + 1) / (sorted.length + 1) - 0.5) * (height - 10);
        return [key, { x: x + (isRight ? width / 2 : -width / 2), y: y + offset }] as const;
      });
    }),
  );
}

function wayOf({ from, to }: DrawnArrow, index: number, layout: Layout, ends: Ends): Way {
  const first = ends.get(`${index} from`) ?? { x: 0, y: 0 };
  const last = ends.get(`${index} to`) ?? { x: 0, y: 0 };
  const way = layout.ways.get(`${from.id} ${to.id}`);
  if (way === undefined) {
    // In one column: a bow on the right.
    const bow = first.x + 30 + Math.min(18, Math.abs(first.y - last.y) / 12);
    const path = `M${at(first)}C${at({ x: bow, y: first.y })} ${at({ x: bow, y: last.y })} ${at(last)}`;
    return { path, middle: { x: first.x + (bow - first.x) * 0.75, y: (first.y + last.y) / 2 } };
  }
  const inner = way.slice(1, -1);
  const points = [first, ...inner, last];
  const curves = points.slice(1).map((to_, step) => {
    const from_ = points[step] as Point;
    const half = (to_.x - from_.x) / 2;
    return `C${at({ x: from_.x + half, y: from_.y })} ${at({ x: to_.x - half, y: to_.y })} ${at(to_)}`;
  });
  // Signs of neighbours stand side by side.
  const middle =
    inner[Math.floor((inner.length * (2 + (index % 3))) / 6)] ?? onCurve(first, last, 0.4 + (index % 3) / 10);
  return { path: `M${at(first)}${curves.join('')}`, middle };
}

/** A point of the curve between two points, from 0 to 1. */
function onCurve(from: Point, to: Point, t: number): Point {
  const [along, aside] = [1.5 * t * (1 - t) + t ** 3, 3 * t ** 2 - 2 * t ** 3];
  return { x: from.x + (to.x - from.x) * along, y: from.y + (to.y - from.y) * aside };
}

function at({ x, y }: Point): string {
  return `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
}
