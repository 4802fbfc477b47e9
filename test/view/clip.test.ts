import { expect, it } from 'vitest';
import { clip } from '../../src/view/clip.ts';

it.each([
  ['orders', 6, 'orders'],
  ['orders-eu', 6, 'order…'],
  ['来自集群', 8, '来自集群'],
  ['来自集群外部', 8, '来自集…'],
  ['来自 12、通往', 13, '来自 12、通往'],
  ['（无） · 无层', 12, '（无） · 无…'],
  ['', 3, ''],
])('%j in %i is %j', (text, most, clipped) => {
  expect(clip(text, most)).toBe(clipped);
});
