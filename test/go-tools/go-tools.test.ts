import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { findTool, runTool, versionOf } from './tool.ts';
import { type GoTool, type ToolName, tools } from './tools.ts';
import { describeWithTool } from './vitest.ts';

/** An environment with an empty cache, and without Go. */
function nowhere(): { readonly PATH: string; readonly XDG_CACHE_HOME: string } {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-tool-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { PATH: '/nonexistent', XDG_CACHE_HOME: folder };
}

it('a tool is what its variable names, and nothing else then', async () => {
  expect(await findTool('promtool', { ...nowhere(), PROMTOOL: process.execPath })).toEqual({
    ok: true,
    file: process.execPath,
  });
  expect(await findTool('promtool', { ...nowhere(), PROMTOOL: '/nonexistent/promtool' })).toEqual({
    ok: false,
    reason: 'PROMTOOL names /nonexistent/promtool, which does not run',
    remedy: 'name another, or none',
  });
});

it('a tool is missed in one sentence, with a remedy, where there is neither a cache nor Go', async () => {
  expect(await findTool('helm', nowhere(), () => undefined)).toEqual({
    ok: false,
    reason: 'Go 1.26 or later is not installed',
    remedy: 'install Go 1.26 or later (https://go.dev/dl), or set HELM to the path of helm',
  });
});

/** The versions of modules in a go.mod, by the form of a line. */
function versionsIn(folder: string, line: RegExp): ReadonlyMap<string, string> {
  const goMod = readFileSync(join('test', folder, 'go.mod'), 'utf8');
  return new Map([...goMod.matchAll(line)].map(([, module = '', version = '']) => [module, version]));
}

it.each([
  ['Helm 3', 'Helm 4', 'go-tools/modules/helm3', 'go-tools/modules/helm', /^\t(\S+) (v\S+)/gm],
  ['gitops', 'the control plane', 'go-tools/modules/gitops', 'control-plane/module', /^\t(\S+) => \1 (v\S+)/gm],
])('%s has the versions of %s, so that little is compiled twice', (_, _other, folder, other, line) => {
  const [own, wanted] = [versionsIn(folder, line), versionsIn(other, line)];
  const shared = [...own].filter(([module]) => wanted.has(module));
  expect(shared.length).toBeGreaterThan(20);
  expect(shared.filter(([module, version]) => wanted.get(module) !== version)).toEqual([]);
});

for (const name of Object.keys(tools) as ToolName[])
  await describeWithTool(name, name, (file) => {
    it('runs, and says the version that its go.mod requires, if it says one', () => {
      const tool: GoTool = tools[name];
      const { exitCode, output } = runTool(file, tool.version);
      expect(exitCode).toBe(0);
      if (tool.variables !== undefined && process.env[name.toUpperCase()] === undefined)
        expect(output).toContain(versionOf(name).slice(1));
    });
  });
