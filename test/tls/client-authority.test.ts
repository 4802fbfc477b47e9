import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuthority, issueCertificate } from '../../src/tls/authority.ts';
import type { KeyPair } from '../../src/tls/certificate.ts';
import { openClientAuthority } from '../../src/tls/client-authority.ts';

const hour = 3_600_000;
const [one, two, expired] = await Promise.all([
  createAuthority({ at: Date.now(), lifetimeMs: hour }),
  createAuthority({ at: Date.now(), lifetimeMs: hour }),
  createAuthority({ at: Date.now() - 3 * hour, lifetimeMs: hour }),
]);
const leaf = await issueCertificate(one, {
  at: Date.now(),
  lifetimeMs: hour,
  names: { dnsNames: ['x'], ipAddresses: [] },
});

/** The authorities as PEM in a normal form. */
const text = (...pairs: readonly KeyPair[]) => pairs.map(({ cert }) => new X509Certificate(cert).toString()).join('');

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-client-authority-'));
  file = join(folder, 'ca.crt');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Opens the file with a log and a clock that the test advances. */
function open() {
  const lines: string[] = [];
  let tick: () => void = () => undefined;
  const log = {
    info: (_: object, message: string) => void lines.push(message),
    warn: ({ reason }: { reason?: string }, message: string) => void lines.push(`${message}: ${reason}`),
  };
  const clock = {
    now: () => Date.now(),
    uptime: () => performance.now(),
    sleep: () =>
      new Promise<void>((resolve) => {
        tick = resolve;
      }),
  };
  const authority = openClientAuthority(file, { log, intervalMs: 1, clock });
  const stop = new AbortController();
  let changes = 0;
  void authority.follow(stop.signal, () => {
    changes += 1;
  });
  return {
    authority,
    lines,
    changes: () => changes,
    async look() {
      tick();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('the client authority', () => {
  it('is what the file holds, without what stands between', () => {
    writeFileSync(file, `a comment\n${one.cert}\nanother\n${two.cert}`);
    expect(open().authority.current()).toBe(text(one, two));
  });

  it.each<[string, string, RegExp]>([
    ['no certificate', 'hello', /holds no certificate of an authority/],
    ['nothing', '', /holds no certificate of an authority/],
    ['a certificate that is no authority’s', leaf.cert, /holds no certificate of an authority/],
    ['a private key', one.key, /holds no certificate of an authority/],
    ['an authority that has expired', expired.cert, /that is valid now/],
  ])('cannot be %s', (_, text, reason) => {
    writeFileSync(file, text);
    expect(() => open()).toThrow(reason);
  });

  it('cannot be a file that is not there', () => {
    expect(() => open()).toThrow(/ENOENT.*ca\.crt/);
  });

  it('is followed as it changes, and told once for each change', async () => {
    writeFileSync(file, one.cert);
    const { authority, changes, lines, look } = open();
    await look();
    expect(changes()).toBe(0);
    writeFileSync(file, `${one.cert}\n${two.cert}`);
    await look();
    await look();
    expect(changes()).toBe(1);
    writeFileSync(file, two.cert);
    await look();
    expect([changes(), authority.current(), lines]).toEqual([2, text(two), Array(2).fill('client authority changed')]);
  });

  it('stays as it was while the file cannot be used, which is said once for each reason', async () => {
    writeFileSync(file, one.cert);
    const { authority, changes, lines, look } = open();
    for (const text of ['', '', one.cert.slice(0, 100), expired.cert]) {
      writeFileSync(file, text);
      await look();
    }
    rmSync(file);
    await look();
    expect([changes(), authority.current()]).toEqual([0, text(one)]);
    expect(lines).toEqual([
      expect.stringMatching(/stays: .* holds no certificate of an authority/),
      expect.stringMatching(/stays: .* valid now/),
      expect.stringMatching(/stays: ENOENT/),
    ]);
    writeFileSync(file, two.cert);
    await look();
    expect(authority.current()).toBe(text(two));
  });

  it('is followed through the link by which a mounted Secret is replaced', async () => {
    for (const [name, { cert }] of [
      ['..1', one],
      ['..2', two],
    ] as const) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'ca.crt'), cert);
    }
    symlinkSync('..1', join(folder, '..data'));
    symlinkSync(join('..data', 'ca.crt'), file);
    const { authority, look } = open();
    symlinkSync('..2', join(folder, '..new'));
    renameSync(join(folder, '..new'), join(folder, '..data'));
    await look();
    expect(authority.current()).toBe(text(two));
  });
});
