import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ConnectionSample, numberOf } from '../../src/flows/connections.ts';

const sampleOf = (size: number, texts: readonly string[]): ConnectionSample => {
  const sample = new ConnectionSample(size);
  for (const text of texts) sample.add(numberOf(text));
  return sample;
};

it('two samples meet where their connections do, as long as both remember all', () => {
  const texts = fc.array(fc.string({ maxLength: 3 }), { maxLength: 60 });
  fc.assert(
    fc.property(texts, texts, (some, others) => {
      const expected = !new Set(some).isDisjointFrom(new Set(others));
      expect(sampleOf(64, some).meets(sampleOf(64, others))).toBe(expected);
    }),
  );
});

it('a full sample depends on the connections, not on their order', () => {
  const texts = Array.from({ length: 500 }, (_, index) => `TCP 10.0.0.1 ${index}`);
  const [one, other] = [sampleOf(32, texts), sampleOf(32, texts.toReversed())];
  const kept = (sample: ConnectionSample) => texts.filter((text) => sample.meets(sampleOf(32, [text])));
  expect(kept(one)).toEqual(kept(other));
  expect(kept(one).length).toBeGreaterThan(8);
  expect(kept(one).length).toBeLessThanOrEqual(32);
});
