import { describe, expect, it } from 'vitest';
import { handClock } from '../hand-clock.ts';
import { memorySecrets } from './memory-secrets.ts';
import { authorityOf, bundleSize, day, minute, replica } from './replica.ts';

describe('a change of authority', () => {
  it('publishes both, then signs with the new one, then drops the old one, each step an overlap apart', async () => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    const [a, b] = [replica(secrets, clock), replica(secrets, clock)];
    const both = async (): Promise<void> => {
      await Promise.all([a.refresh(), b.refresh()]);
      expect(a.current()).toEqual(b.current());
    };
    await both();
    const old = authorityOf(a);
    for (let month = 0; month < 8; month += 1) {
      clock.move(30 * day);
      await both();
      expect([bundleSize(a), authorityOf(a)]).toEqual([1, old]);
    }
    clock.move(4 * day);
    await both();
    expect([bundleSize(a), authorityOf(a)]).toEqual([2, old]);
    expect(Object.keys(secrets.secret?.data ?? {})).toContain('ca-previous.key');

    clock.move(2 * minute - 1);
    await both();
    expect([bundleSize(a), authorityOf(a)]).toEqual([2, old]);
    clock.move(1);
    await both();
    const next = authorityOf(a);
    expect(next).not.toBe(old);
    expect(bundleSize(a)).toBe(2);
    expect(Object.keys(secrets.secret?.data ?? {})).not.toContain('ca-previous.key');

    clock.move(2 * minute - 1);
    await both();
    expect(bundleSize(a)).toBe(2);
    clock.move(1);
    await both();
    expect([bundleSize(a), authorityOf(a)]).toEqual([1, next]);
    const { writes } = secrets;
    clock.move(10 * minute);
    await both();
    expect(secrets.writes).toBe(writes);
  });

  it('waits until the webhook configurations carry both', async () => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    let published = '';
    const source = replica(secrets, clock, { isPublished: (bundle) => bundle === published });
    await source.refresh();
    const old = authorityOf(source);
    clock.move(244 * day);
    for (let round = 0; round < 10; round += 1) {
      await source.refresh();
      clock.move(minute);
    }
    expect([bundleSize(source), authorityOf(source)]).toEqual([2, old]);
    published = source.current().caBundle;
    await source.refresh();
    // An API server may not know yet what has only just been published.
    clock.move(1_999);
    await source.refresh();
    expect(authorityOf(source)).toBe(old);
    clock.move(1);
    await source.refresh();
    expect(authorityOf(source)).not.toBe(old);
  });

  it('counts the time for which they carry both again after they have lost one', async () => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    let isPublished = true;
    const source = replica(secrets, clock, { isPublished: () => isPublished });
    await source.refresh();
    const old = authorityOf(source);
    clock.move(244 * day);
    await source.refresh();
    for (const [seconds, now] of [
      [60, false],
      [61, true],
      [1, true],
    ] as const) {
      clock.move(seconds * 1_000);
      isPublished = now;
      await source.refresh();
      expect([bundleSize(source), authorityOf(source)]).toEqual([2, old]);
    }
    clock.move(1_000);
    await source.refresh();
    expect(authorityOf(source)).not.toBe(old);
  });

  it('no longer waits for them when the old authority is about to expire', async () => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    const source = replica(secrets, clock, { isPublished: () => false });
    await source.refresh();
    const old = authorityOf(source);
    clock.move(365 * day - 10 * minute);
    for (let round = 0; round < 9; round += 1) {
      await source.refresh();
      clock.move(minute);
    }
    expect(authorityOf(source)).not.toBe(old);
    expect(source.expiresAt()?.certificate).toBeGreaterThan(clock.now());
  });

  it('finds a certificate that is due signed by the authority that everybody trusts', async () => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    const source = replica(secrets, clock);
    await source.refresh();
    const [old, { cert }] = [authorityOf(source), source.current()];
    clock.move(244 * day);
    await source.refresh();
    expect([bundleSize(source), authorityOf(source)]).toEqual([2, old]);
    expect(source.current().cert).not.toBe(cert);
  });

  it('is measured by each replica for itself: one that has just started waits again', async () => {
    const [secrets, clock] = [memorySecrets(), handClock()];
    const a = replica(secrets, clock);
    await a.refresh();
    clock.move(244 * day);
    await a.refresh();
    clock.move(3 * minute);
    const late = replica(secrets, clock);
    const { writes } = secrets;
    await late.refresh();
    expect([bundleSize(late), secrets.writes]).toEqual([2, writes]);
    await a.refresh();
    expect(secrets.writes).toBe(writes + 1);
  });
});
