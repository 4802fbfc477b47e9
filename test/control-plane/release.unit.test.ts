import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheRoot, minorOf, missingPrograms, moduleVersion, neededPrograms } from './cache.ts';
import { chooseArchive, download } from './release.ts';

const version = `${minorOf(moduleVersion())}.2`;
const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
const archiveName = `envtest-${version}-${process.platform}-${architecture}.tar.gz`;
const silent = () => undefined;

describe('the archive', () => {
  const entry = (name: string) =>
    `    envtest-${name}-linux-amd64.tar.gz:\n      hash: h-${name}\n      selfLink: l-${name}\n`;
  const index = `releases:\n${['v1.36.2', 'v1.36.10', 'v1.36.11-beta.0', 'v1.37.0'].map((v) => `  ${v}:\n${entry(v)}`).join('')}`;

  it('is the newest patch release, by number', () => {
    const archive = chooseArchive(index, 'v1.36', 'linux', 'amd64');
    expect(archive).toEqual({ version: 'v1.36.10', url: 'l-v1.36.10', hash: 'h-v1.36.10' });
  });

  it('is of this platform, or none', () => {
    expect(() => chooseArchive(index, 'v1.36', 'darwin', 'arm64')).toThrow(
      'no envtest archive of v1.36 for darwin-arm64',
    );
  });
});

describe('the download', () => {
  const files = new Map<string, Buffer | string>();
  let folder = '';
  let server: Server;
  let origin = '';

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ringfence-release-'));
    server = createServer((request, response) => {
      const content = files.get(request.url ?? '');
      response.writeHead(content === undefined ? 404 : 200).end(content);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const archive = pack(folder);
    const controllers = '#!/bin/sh\n';
    const program = `/release/${version}/bin/linux/${architecture}/kube-controller-manager`;
    files.set('/archive', archive);
    files.set(program, controllers);
    files.set(`${program}.sha256`, `${createHash('sha256').update(controllers).digest('hex')}\n`);
    files.set('/index', describeIndex(createHash('sha512').update(archive).digest('hex')));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    rmSync(folder, { recursive: true, force: true });
  });

  const hosts = () => ({ index: `${origin}/index`, kubernetes: `${origin}/release` });
  const environment = () => ({ XDG_CACHE_HOME: folder });
  const describeIndex = (hash: string) =>
    `releases:\n  ${version}:\n    ${archiveName}:\n      hash: ${hash}\n      selfLink: ${origin}/archive\n`;

  it.runIf(process.platform === 'linux')('holds all four programs', async () => {
    const place = await download(environment(), true, silent, hosts());
    expect(missingPrograms(place, neededPrograms(true))).toEqual([]);
    expect(readFileSync(join(place, 'etcd'), 'utf8')).toBe('etcd');
  });

  it('holds three where no controllers are needed', async () => {
    const place = await download(environment(), false, silent, hosts());
    expect(missingPrograms(place, neededPrograms(true))).toEqual(['kube-controller-manager']);
  });

  it('is refused, and leaves nothing, when its sum is not the published one', async () => {
    files.set('/index', describeIndex('0'.repeat(128)));
    await expect(download(environment(), false, silent, hosts())).rejects.toThrow(
      /the download has sha512 [0-9a-f]+, published is 000/,
    );
    expect(readdirSync(cacheRoot(environment()))).toEqual([]);
  });

  it('says which host cannot be reached', async () => {
    const unreachable = { ...hosts(), index: 'http://127.0.0.1:1/index' };
    await expect(download(environment(), false, silent, unreachable)).rejects.toThrow(
      /^127\.0\.0\.1:1 cannot be reached/,
    );
  });
});

function pack(folder: string): Buffer {
  const programs = join(folder, 'controller-tools', 'envtest');
  mkdirSync(programs, { recursive: true });
  for (const program of neededPrograms(false)) writeFileSync(join(programs, program), program, { mode: 0o755 });
  const file = join(folder, 'archive.tar.gz');
  spawnSync('tar', ['-czf', file, '-C', folder, 'controller-tools']);
  return readFileSync(file);
}
