import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createTrust } from '../../src/tls/trust.ts';
import { handClock } from '../hand-clock.ts';
import { makeAuthority, pem } from './certificate-folder.ts';

const minute = 60_000;
const hour = 60 * minute;
const pairs = await Promise.all([
  makeAuthority(),
  makeAuthority(),
  makeAuthority(Date.now() - 30 * hour, 29 * hour - minute),
  makeAuthority(Date.now() - 30 * hour, 29 * hour + minute),
]);
const [one, two, longExpired, justExpired] = pairs.map((pair) => new X509Certificate(pair.cert)) as [
  X509Certificate,
  X509Certificate,
  X509Certificate,
  X509Certificate,
];
const text = (...certificates: readonly X509Certificate[]): string => certificates.map(String).join('');

function open() {
  const clock = handClock();
  const trust = createTrust({ keepMs: 10 * minute, clock });
  let live = '';
  return {
    clock,
    put(...certificates: readonly X509Certificate[]): void {
      live = text(...certificates);
    },
    /** One check by a keeper that writes the wanted bundle. */
    keep(...own: readonly X509Certificate[]): string {
      live = trust.bundleFor(own, 'Validating', [live, live]);
      return live;
    },
  };
}

describe('the bundle', () => {
  it('is ours where there is nothing', () => {
    expect(open().keep(one, two)).toBe(text(one, two));
  });

  it('has the order of what is there, so that replicas agree whatever each holds for its own', () => {
    const { put, keep } = open();
    put(one, two);
    expect([keep(one), keep(two), keep(two, one)]).toEqual(Array(3).fill(text(one, two)));
  });

  it('has nothing twice, and nothing that cannot be read', () => {
    const trust = createTrust({ keepMs: minute, clock: handClock() });
    const live = [
      '',
      `rubbish\n${pem({ cert: text(one) })}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`,
      text(two),
    ];
    expect(trust.bundleFor([one], 'Validating', live)).toBe(text(one, two));
  });

  it('loses at once what has expired by a clock that is an hour off, and no sooner', () => {
    const { put, keep } = open();
    put(longExpired, justExpired, one);
    expect(keep(one)).toBe(text(justExpired, one));
  });
});

describe('an authority that is not ours', () => {
  it('stays for as long as another replica may serve under it, and then goes', () => {
    const { clock, put, keep } = open();
    put(two, one);
    expect(keep(one)).toBe(text(two, one));
    clock.move(10 * minute - 1);
    expect(keep(one)).toBe(text(two, one));
    clock.move(1);
    expect([keep(one), keep(one)]).toEqual([text(one), text(one)]);
  });

  it('is never put back by us', () => {
    const { put, keep } = open();
    put(two, one);
    keep(one);
    put();
    expect(keep(one)).toBe(text(one));
  });

  it('that comes back is somebody’s, and stays twice as long each time', () => {
    const { clock, put, keep } = open();
    put(two, one);
    keep(one);
    for (const minutes of [10, 20, 40]) {
      clock.move(minutes * minute - 1);
      expect(keep(one)).toContain(text(two));
      clock.move(1);
      expect(keep(one)).toBe(text(one));
      keep(one);
      put(one, two);
      expect(keep(one)).toBe(text(one, two));
    }
  });

  it('is counted in each configuration by itself', () => {
    const clock = handClock();
    const trust = createTrust({ keepMs: 10 * minute, clock });
    trust.bundleFor([one], 'Mutating', [text(one, two)]);
    clock.move(9 * minute);
    trust.bundleFor([one], 'Validating', [text(one, two)]);
    clock.move(minute);
    expect(trust.bundleFor([one], 'Mutating', [text(one, two)])).toBe(text(one));
    expect(trust.bundleFor([one], 'Validating', [text(one, two)])).toBe(text(one, two));
  });
});

it('replicas with two authorities, each looking every second, write a handful of times in a day', () => {
  const clock = handClock();
  const [a, b] = [createTrust({ keepMs: 10 * minute, clock }), createTrust({ keepMs: 10 * minute, clock })];
  let live = '';
  let writes = 0;
  for (let second = 0; second < 24 * 3600; second += 10) {
    for (const [trust, own] of [
      [a, one],
      [b, two],
    ] as const) {
      const wanted = trust.bundleFor([own], 'Validating', [live]);
      if (wanted !== live) writes += 1;
      live = wanted;
    }
    clock.move(10_000);
  }
  expect(writes).toBeLessThan(40);
  expect(live).toBe(text(one, two));
});
