import { describe, expect, it } from 'vitest';
import { findUnfit, type Vitals } from '../../src/telemetry/readiness.ts';

const at = Date.parse('2026-11-25T10:00:00Z');
const well: Vitals = {
  informerAgeSeconds: { namespaces: 20, networkpolicies: 119.9 },
  certificate: { lastCall: at + 1, expiresAt: at + 60_001 },
};

describe('a process that has started', () => {
  it.each<[string, Partial<Vitals>, readonly string[]]>([
    ['hears of everything and has a certificate', {}, []],
    [
      'is right up to the limit of the silence, and not beyond',
      { informerAgeSeconds: { namespaces: 120, networkpolicies: 120.1 } },
      ['nothing received about networkpolicies for 120 seconds (at most 120 are allowed)'],
    ],
    [
      'hears nothing at all',
      { informerAgeSeconds: { namespaces: 400, networkpolicies: 500.9 } },
      [
        'nothing received about namespaces for 400 seconds (at most 120 are allowed)',
        'nothing received about networkpolicies for 500 seconds (at most 120 are allowed)',
      ],
    ],
    [
      'has never heard anything: the start waits for that',
      { informerAgeSeconds: { namespaces: Number.POSITIVE_INFINITY } },
      [],
    ],
    [
      'has a certificate in its last minute',
      { certificate: { lastCall: at, expiresAt: at + 60_000 } },
      ['the certificate, or the authority that signed it, expires at 2026-11-25T10:01:00.000Z'],
    ],
    [
      'has one that is over',
      { certificate: { lastCall: at - 60_000, expiresAt: at } },
      ['the certificate, or the authority that signed it, expired at 2026-11-25T10:00:00.000Z'],
    ],
    ['has no certificate yet: the start waits for that', { certificate: undefined }, []],
  ])('%s', (_, vitals, reasons) => {
    expect(findUnfit({ ...well, ...vitals }, 120, at)).toEqual(reasons);
  });
});
