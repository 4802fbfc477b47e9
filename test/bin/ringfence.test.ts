import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const command = fileURLToPath(new URL('../../bin/ringfence.mjs', import.meta.url));

describe('the command', () => {
  it.each(['12.22.12', '20.20.2', '23.11.0'])('says in one sentence that Node %s is too old', (version) => {
    const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
    const run = spawnSync(process.execPath, ['--import', `data:text/javascript,${pretend}`, command, '--help'], {
      encoding: 'utf8',
    });
    expect(run.stderr).toMatch(/^ringfence needs Node\.js 24 or later; this is v\S+ \(.*\)\.\n$/);
    expect(run.stdout).toBe('');
    expect(run.status).toBe(2);
  });
});
