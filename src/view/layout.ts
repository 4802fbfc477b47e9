import dagre from '@dagrejs/dagre';

/** A box to place: its size in pixels, and its column, counted from the left. */
export interface Sized {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly column: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where everything is. Boxes are given by their centre. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Point>;
  /** By `from to`: the points of a way from box to box, from column to column. */
  readonly ways: ReadonlyMap<string, readonly Point[]>;
}

/**
 * A layered layout (dagre) with given columns. A chain of empty boxes fixes the layers: each box
 * stands between two links of it. Ways in one column have no points.
 */
export function layOut(boxes: readonly Sized[], pairs: readonly (readonly [from: string, to: string])[]): Layout {
  const used = [...new Set(boxes.map(({ column }) => column))].sort((a, b) => a - b);
  const layers = new Map(boxes.map(({ id, column }) => [id, used.indexOf(column) + 1]));
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 26, edgesep: 9, ranksep: 50, marginx: margin, marginy: margin });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of boxes) graph.setNode(`box ${id}`, { width, height });
  for (let layer = 0; layer <= used.length + 1; layer += 1) {
    graph.setNode(`layer ${layer}`, { width: 0, height: 0 });
    if (layer > 0) graph.setEdge(`layer ${layer - 1}`, `layer ${layer}`, { weight: 0 }, 'chain');
  }
  for (const [id, layer] of layers) {
    graph.setEdge(`layer ${layer - 1}`, `box ${id}`, { weight: 0 }, 'before');
    graph.setEdge(`box ${id}`, `layer ${layer + 1}`, { weight: 0 }, 'after');
  }
  const drawn = pairs.filter(([from, to]) => layers.get(from) !== layers.get(to));
  for (const [from, to] of drawn) {
    const isForward = (layers.get(from) ?? 0) < (layers.get(to) ?? 0);
    const [first, last] = isForward ? [from, to] : [to, from];
    graph.setEdge(`box ${first}`, `box ${last}`, {}, `${from} ${to}`);
  }
  dagre.layout(graph);
  const ways = drawn.map(([from, to]) => {
    const isForward = (layers.get(from) ?? 0) < (layers.get(to) ?? 0);
    const [first, last] = isForward ? [from, to] : [to, from];
    const { points = [] } = graph.edge(`box ${first}`, `box ${last}`, `${from} ${to}`) as { points?: readonly Point[] };
    // dagre leads neighbours over a point of its own, far from both where there are many.
    const needed = points.length > 3 ? points : points.filter((_, index) => index !== 1);
    return [`${from} ${to}`, isForward ? needed : needed.toReversed()] as const;
  });
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const ends = boxes.flatMap(({ id, height: own }) => {
    const { y } = graph.node(`box ${id}`) as Point;
    return [y - own / 2, y + own / 2];
  });
  const [top, bottom] = [Math.min(height, ...ends), Math.max(0, ...ends)];
  const lanes = lanesOutside(
    ways.flatMap(([, points]) => points.map(({ y }) => y)),
    { top, bottom },
  );
  const above = Math.max(0, margin - Math.min(top, ...lanes.values()));
  const moved = ({ x, y }: Point): Point => ({ x, y: (lanes.get(y) ?? y) + above });
  return {
    width,
    height: Math.max(bottom, ...lanes.values()) + above + margin,
    boxes: new Map(boxes.map(({ id }) => [id, moved(graph.node(`box ${id}`) as Point)])),
    ways: new Map(ways.map(([key, points]) => [key, points.map(moved)])),
  };
}

const margin = 8;
const lane = 18;

/**
 * By their heights: the lanes of the points above and below all boxes. dagre leaves them outside
 * the picture, and far from the boxes where there are many ways.
 */
function lanesOutside(
  heights: readonly number[],
  { top, bottom }: { readonly top: number; readonly bottom: number },
): ReadonlyMap<number, number> {
  const all = [...new Set(heights)].sort((a, b) => a - b);
  const above = all.filter((y) => y < top).reverse();
  const below = all.filter((y) => y > bottom);
  return new Map([
    ...above.map((y, index) => [y, Math.max(y, top - lane * (index + 1))] as const),
    ...below.map((y, index) => [y, Math.min(y, bottom + lane * (index + 1))] as const),
  ]);
}
