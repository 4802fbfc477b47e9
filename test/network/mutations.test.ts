import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mutations } from './mutations.ts';

const root = join(import.meta.dirname, '..', '..');

describe('the engine, broken on purpose', () => {
  it('is broken in many ways, each with a name of its own', () => {
    expect(new Set(mutations.map(({ name }) => name)).size).toBe(mutations.length);
    expect(mutations.length).toBeGreaterThanOrEqual(25);
  });

  it('is caught each time, as docs/testing.md says', { timeout: 120_000 }, () => {
    const run = spawnSync(process.execPath, [join(root, 'scripts', 'mutations.ts'), '--check'], { encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(run.stdout).toBe(`${mutations.length} of ${mutations.length} mutations caught\n`);
    expect(run.status).toBe(0);
  });
});
