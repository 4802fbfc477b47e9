import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { findPromtool } from './promtool.ts';

/** An environment with an empty cache, and without Go. */
function nowhere(): { readonly PATH: string; readonly XDG_CACHE_HOME: string } {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-promtool-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { PATH: '/nonexistent', XDG_CACHE_HOME: folder };
}

it('promtool is what PROMTOOL names, and nothing else then', async () => {
  expect(await findPromtool({ ...nowhere(), PROMTOOL: process.execPath })).toEqual({
    ok: true,
    file: process.execPath,
  });
  expect(await findPromtool({ ...nowhere(), PROMTOOL: '/nonexistent/promtool' })).toEqual({
    ok: false,
    reason: 'PROMTOOL names /nonexistent/promtool, which does not run',
    remedy: 'name another, or none',
  });
});

it('promtool is missed in one sentence, with a remedy, where there is neither a cache nor Go', async () => {
  expect(await findPromtool(nowhere(), () => undefined)).toEqual({
    ok: false,
    reason: 'Go 1.26 or later is not installed',
    remedy: 'install Go 1.26 or later (https://go.dev/dl), or set PROMTOOL to a promtool',
  });
});
