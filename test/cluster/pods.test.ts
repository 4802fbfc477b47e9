import { describe, expect, it } from 'vitest';
import { pods } from '../../src/cluster/resources.ts';

describe('whether a namespace holds a Pod', () => {
  it.each([
    [{ items: [{}] }, true],
    [{ items: [] }, false],
    // A real API server answers this for an empty PartialObjectMetadataList.
    [{ items: null }, false],
  ])('is read from %j', async (list, expected) => {
    expect(await pods(answering(list)).any('shop')).toBe(expected);
  });

  it.each([[{}], [{ items: 'none' }]])('is not guessed from %j', async (list) => {
    await expect(pods(answering(list)).any('shop')).rejects.toMatchObject({ code: 0 });
  });

  it.each(['', '.', '..', 'a/b', 'a%2fb'])('is not asked of %j', async (namespace) => {
    await expect(pods(answering({ items: [] })).any(namespace)).rejects.toMatchObject({ code: 400 });
  });
});

function answering(answer: unknown): Parameters<typeof pods>[0] {
  return { request: async <T>() => answer as T };
}
