import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createMountedSource } from '../../src/tls/mounted-source.ts';
import { handClock } from '../hand-clock.ts';
import {
  type MountedFolder,
  makeAuthority,
  makeFiles,
  mountFolder,
  pem,
  type SecretFiles,
} from './certificate-folder.ts';

const minute = 60_000;
const names = { dnsNames: ['ringfence.ringfence-system.svc'], ipAddresses: [] };
const [authority, successor] = await Promise.all([makeAuthority(), makeAuthority()]);
const [first, renewed, next, expired] = await Promise.all([
  makeFiles(authority, { names }),
  makeFiles(authority, { names }),
  makeFiles(successor, { names }),
  makeFiles(authority, { names, at: Date.now() - 10 * minute, lifetimeMs: minute }),
]);

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/**
 * A source of a folder, with its log and the calls of its listeners. `published` is the bundle in
 * the webhook configurations.
 */
function open(folder: MountedFolder | { readonly path: string; end(): void }) {
  ends.push(() => folder.end());
  const clock = handClock();
  const said: string[] = [];
  const heard: string[] = [];
  const told = { published: pem(authority), clock, said, heard };
  const source = createMountedSource({
    folder: folder.path,
    names,
    keepMs: 10 * minute,
    isPublished: (bundle) =>
      bundle.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g)?.every((one) => told.published.includes(one)) ??
      false,
    log: {
      info: (_, message) => void said.push(message),
      warn: (fields, message) => void said.push(`${message}: ${(fields as { reason: string }).reason}`),
    },
    clock,
  });
  source.onChange(({ cert }) => void heard.push(cert));
  const look = () => source.refresh().catch(() => undefined);
  return { source, told, clock, said, heard, look };
}

describe('files that change', () => {
  it('are served with as soon as they are there, where the authority is the same', async () => {
    const folder = mountFolder(first);
    const { source, heard, look } = open(folder);
    await look();
    expect(source.current()).toEqual({ cert: first['tls.crt'], key: first['tls.key'], caBundle: pem(authority) });
    folder.swap(renewed);
    await look();
    await look();
    expect([source.current().cert, heard]).toEqual([renewed['tls.crt'], [first['tls.crt'], renewed['tls.crt']]]);
  });

  it('are read through the one link by which all three change, never a half of each', async () => {
    const folder = mountFolder(first);
    const { source, said, heard } = open(folder);
    await source.refresh();
    let isRunning = true;
    const swapping = (async () => {
      for (let round = 0; round < 100; round += 1) {
        const next = round % 2 === 0 ? renewed : first;
        folder.swap(next);
        await delay(round % 3);
        // On a slow machine nearly every read comes too late for its version. An odd number of
        // rounds later, the files are others.
        while (round % 9 === 0 && heard.at(-1) !== next['tls.crt']) await delay(1);
      }
      isRunning = false;
    })();
    const failures: unknown[] = [];
    while (isRunning) await source.refresh().catch((error: Error) => failures.push(error.message));
    await swapping;
    // The version may be removed twice during a read. A successful read is never mixed.
    expect(failures.filter((reason) => !String(reason).includes('ENOENT'))).toEqual([]);
    expect(said.filter((line) => line.includes('key of another certificate'))).toEqual([]);
    expect(heard.length).toBeGreaterThan(11);
  });

  it('of another authority wait until it is published, and some seconds more', async () => {
    const folder = mountFolder(first);
    const { source, told, clock, look, said } = open(folder);
    await look();
    folder.swap(next);
    await look();
    expect(source.current().cert).toBe(first['tls.crt']);
    const wanted = source.bundleFor('Validating', [pem(authority)]);
    expect(wanted).toBe(pem(authority) + pem(successor));
    clock.move(minute);
    await look();
    expect(source.current().cert).toBe(first['tls.crt']);
    told.published = wanted;
    await look();
    clock.move(1_999);
    await look();
    expect(source.current().cert).toBe(first['tls.crt']);
    clock.move(1);
    await look();
    expect(source.current()).toEqual({ cert: next['tls.crt'], key: next['tls.key'], caBundle: pem(successor) });
    const waits = 'new certificate files wait for their authorities to be published';
    expect(said).toEqual(['certificate files taken', waits, 'certificate files taken']);
    // The previous authority stays published, for replicas that have not changed yet.
    expect(source.bundleFor('Validating', [wanted])).toBe(wanted);
    clock.move(10 * minute);
    expect(source.bundleFor('Validating', [wanted])).toBe(pem(successor));
  });

  it('do not wait for proof when the certificate before is about to expire', async () => {
    const short = await makeFiles(authority, { names, lifetimeMs: 30 * minute });
    const folder = mountFolder(short);
    const { source, clock, look } = open(folder);
    await look();
    folder.swap(next);
    await look();
    clock.move(29 * minute - 5_000);
    await look();
    expect(source.current().cert).toBe(short['tls.crt']);
    clock.move(10_000);
    await look();
    expect(source.current().cert).toBe(next['tls.crt']);
  });
});

describe('files that cannot be used', () => {
  it.each<[string, Partial<SecretFiles>, string]>([
    ['that are rubbish', { ...first, 'tls.crt': 'rubbish' }, 'tls.crt holds no certificate'],
    ['that expired', expired, 'tls.crt expired at'],
    ['that do not match', { ...first, 'tls.key': renewed['tls.key'] }, 'tls.key is the key of another certificate'],
    [
      'that their authority does not vouch for',
      { ...first, 'ca.crt': pem(successor) },
      'ca.crt does not vouch for tls.crt',
    ],
    ['that are gone', {}, 'ca.crt cannot be read (ENOENT); tls.crt, tls.key and ca.crt are needed'],
  ])('%s leave what is served as it is, which is said once', async (_, files, reason) => {
    const folder = mountFolder(first);
    const { source, said, heard, look } = open(folder);
    await look();
    expect(source.problem()).toBeUndefined();
    folder.swap(files);
    for (let round = 0; round < 5; round += 1) await look();
    expect(source.current().cert).toBe(first['tls.crt']);
    expect(heard).toEqual([first['tls.crt']]);
    const warnings = said.filter((line) => line.startsWith('certificate files not usable, the previous ones stay: '));
    expect([warnings.length, warnings[0]]).toEqual([1, expect.stringContaining(reason)]);
    expect(source.problem()).toMatch(/^certificate files in .+ not usable since \d{4}-.+: /);
    folder.swap(renewed);
    await look();
    expect(source.current().cert).toBe(renewed['tls.crt']);
    expect([source.problem(), said.at(-2)]).toEqual([undefined, 'certificate files are usable again']);
  });

  it('for a moment, while they are written one after the other, are not worth a word', async () => {
    const path = mkdtempSync(join(tmpdir(), 'ringfence-tls-'));
    const { source, said, look } = open({ path, end: () => rmSync(path, { recursive: true }) });
    const write = (files: Partial<SecretFiles>) => {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
    };
    write(first);
    await look();
    write({ 'tls.crt': renewed['tls.crt'] });
    await look();
    expect(source.current().key).toBe(first['tls.key']);
    write({ 'tls.key': renewed['tls.key'] });
    await look();
    expect(source.current().key).toBe(renewed['tls.key']);
    expect(said).toEqual(['certificate files taken', 'certificate files taken']);
  });

  it('are waited for at the start, and said', async () => {
    const folder = mountFolder({});
    const { source, clock, said } = open(folder);
    const stop = new AbortController();
    const started = source.start(stop.signal);
    const pass = async () => {
      for (let turn = 0; turn < 20 && clock.sleepers() === 0; turn += 1)
        await new Promise((resolve) => setTimeout(resolve, 5));
      clock.move(250);
    };
    for (let round = 0; round < 4; round += 1) await pass();
    expect(() => source.current()).toThrow('no serving certificate');
    expect([source.expiresAt(), said.length, said[0]]).toEqual([
      undefined,
      1,
      expect.stringMatching(/^certificate files not usable: tls\.crt cannot be read/),
    ]);
    folder.swap(first);
    await pass();
    await started;
    expect(source.current().cert).toBe(first['tls.crt']);
    stop.abort();
  });
});

it('the expiry is that of the certificate, and of the first to end of what vouches for it', async () => {
  const at = Math.floor(Date.now() / 1000) * 1000;
  const short = await makeAuthority(at, 20 * minute);
  const { source, look } = open(mountFolder(await makeFiles(short, { names, at, lifetimeMs: 10 * minute })));
  await look();
  expect(source.expiresAt()).toEqual({
    certificate: at + 10 * minute,
    authority: at + 20 * minute,
    lastCall: at + 10 * minute - 20_000,
  });
});
