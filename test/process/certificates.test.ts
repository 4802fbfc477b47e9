import { describe, expect, it } from 'vitest';
import { lifetimesOf } from '../../src/process/certificates.ts';
import { defaultLifetimes } from '../../src/tls/source.ts';

describe('the lifetimes of certificates', () => {
  it('are, by default, those of the source', () => {
    expect(lifetimesOf({ authorityHours: 8760, certificateHours: 2160, overlapSeconds: 120 })).toEqual(
      defaultLifetimes,
    );
  });

  it.each([
    [
      'a certificate that outlives its authority',
      { authorityHours: 24, certificateHours: 25, overlapSeconds: 120 },
      '--certificate-hours 25 is more than --authority-hours 24: no certificate outlives its authority',
    ],
    [
      'an authority that ends before its change can be over',
      { authorityHours: 0.25, certificateHours: 0.1, overlapSeconds: 120 },
      '--authority-hours 0.25 is too short for --overlap-seconds 120: the minimum is 0.3',
    ],
  ])('refuse %s', (_, options, said) => {
    expect(() => lifetimesOf(options)).toThrow(said);
  });
});
