// Damaged bytes, as a broken or hostile sender sends them.
import fc from 'fast-check';

/** The damage of bytes on their way. */
export type Damage = { readonly does: keyof typeof damages; readonly at: number; readonly byte: number };

const damages = {
  none: (body: Buffer) => body,
  truncated: (body: Buffer, at: number) => body.subarray(0, at % (body.length + 1)),
  flipped(body: Buffer, at: number, byte: number) {
    const flipped = Buffer.from(body);
    flipped[at % body.length] = byte;
    return flipped;
  },
  inserted(body: Buffer, at: number, byte: number) {
    const index = at % (body.length + 1);
    return Buffer.concat([body.subarray(0, index), Buffer.from([byte]), body.subarray(index)]);
  },
  marked: (body: Buffer) => Buffer.concat([Buffer.from('\ufeff'), body]),
  doubled: (body: Buffer) => Buffer.concat([body, body]),
  wide: (body: Buffer) => Buffer.from(body.toString('utf8'), 'utf16le'),
  spaced: (body: Buffer) => Buffer.concat([Buffer.from(' \r\n\t'), body, Buffer.from('\n\n')]),
  followed: (body: Buffer, _at: number, byte: number) => Buffer.concat([body, Buffer.from([byte])]),
  listed: (body: Buffer) => Buffer.concat([Buffer.from('['), body, Buffer.from(']')]),
  repeated(body: Buffer, at: number) {
    const index = at % (body.length + 1);
    return Buffer.concat([body.subarray(0, index), body.subarray(index >> 1)]);
  },
} as const;

export const none: Damage = { does: 'none', at: 0, byte: 0 };
export const anyDamage: fc.Arbitrary<Damage> = fc.oneof(
  { weight: 12, arbitrary: fc.constant(none) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constantFrom(...(Object.keys(damages) as (keyof typeof damages)[])),
      at: fc.nat({ max: 2 ** 30 }),
      byte: fc.oneof(fc.constantFrom(0, 0x22, 0x5c, 0x7b, 0x7d, 0x80, 0xc0, 0xed, 0xff), fc.nat({ max: 255 })),
    }),
  },
);

export function damage(bytes: Buffer, { does, at, byte }: Damage): Buffer {
  return bytes.length === 0 ? bytes : damages[does](bytes, at, byte);
}
