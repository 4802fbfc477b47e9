import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProblem, removeKubeconfigFile, writeKubeconfigFile } from './kubeconfig-file.ts';

describe('the kubeconfig file', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ringfence-demo-'));
    path = join(folder, 'kubeconfig');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is written for its owner alone, and removed again', () => {
    writeKubeconfigFile(path, 'kind: Config\n');
    expect(readFileSync(path, 'utf8')).toMatch(/^# .*\nkind: Config\n$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    removeKubeconfigFile(path);
    expect(existsSync(path)).toBe(false);
  });

  it('may be new, empty, or what an earlier demo left', () => {
    expect(findProblem(path)).toBeUndefined();
    writeFileSync(path, '');
    expect(findProblem(path)).toBeUndefined();
    writeKubeconfigFile(path, 'kind: Config\n');
    expect(findProblem(path)).toBeUndefined();
  });

  it("is never someone else's", () => {
    writeFileSync(path, 'kind: Config\n');
    expect(findProblem(path)).toContain('name another file');
    removeKubeconfigFile(path);
    expect(existsSync(path)).toBe(true);
  });

  it('needs a folder, and is none', () => {
    expect(findProblem(join(folder, 'absent', 'kubeconfig'))).toContain('no folder');
    expect(findProblem(folder)).toContain('not a file');
  });
});
