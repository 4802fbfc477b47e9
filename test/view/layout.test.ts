import { describe, expect, it } from 'vitest';
import { layOut } from '../../src/view/layout.ts';

const size = { width: 100, height: 40 };

describe('a layout', () => {
  it('keeps each box in its column, whichever way the arrows go', () => {
    const boxes = ['a', 'b', 'c', 'd'].map((id, index) => ({ id, ...size, column: [0, 1, 1, 5][index] ?? 0 }));
    const { boxes: at, ways } = layOut(boxes, [
      ['a', 'd'],
      ['d', 'b'],
      ['c', 'a'],
      ['b', 'c'],
    ]);
    const x = (id: string): number => at.get(id)?.x ?? Number.NaN;
    expect(x('a')).toBeLessThan(x('b'));
    expect(x('b')).toBe(x('c'));
    expect(x('c')).toBeLessThan(x('d'));
    expect(at.get('b')?.y).not.toBe(at.get('c')?.y);
    expect([...ways.keys()]).toEqual(['a d', 'd b', 'c a']);
    // A way begins at the end that the arrow begins at.
    expect(ways.get('d b')?.[0]?.x).toBeGreaterThan(ways.get('d b')?.at(-1)?.x ?? 0);
  });

  it.each([2, 3, 5])('has every way inside and near the boxes, however many go over %i columns', (columns) => {
    const boxes = Array.from({ length: 4 * columns }, (_, index) => ({ id: `${index}`, ...size, column: index >> 2 }));
    const pairs = boxes.flatMap(({ id: from }) =>
      boxes.flatMap(({ id: to }) => (Number(from) >> 2 === Number(to) >> 2 ? [] : [[from, to] as const])),
    );
    const { boxes: at, ways, height } = layOut(boxes, pairs);
    const points = [...ways.values()].flat();
    expect(Math.min(...points.map(({ y }) => y))).toBeGreaterThanOrEqual(8);
    expect(Math.max(...points.map(({ y }) => y))).toBeLessThanOrEqual(height - 8);
    const tops = [...at.values()].map(({ y }) => y - 20);
    expect(Math.min(...tops)).toBeGreaterThanOrEqual(8);
    expect(Math.max(...tops) - Math.min(...tops)).toBeGreaterThan(height / 4);
  });

  it('needs no arrow', () => {
    expect(layOut([{ id: 'a', ...size, column: 3 }], []).boxes.size).toBe(1);
  });
});
