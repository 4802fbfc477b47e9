// The action, the hook and the examples of pipelines, run as their runners run them.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describePrepared } from '../continuous-integration.ts';
import { describeWithTool } from '../go-tools/vitest.ts';
import { findPythonTools } from '../python-tools/venv.ts';
import { forbiddenPolicy, makeWorkspace, pipelines, readYaml, type Workspace } from './workspace.ts';

interface Step {
  readonly run?: string;
  readonly uses?: string;
}

/** Data that may call everyone. The rules let nobody be called by data. */
const store = `apiVersion: v1
kind: Namespace
metadata: {name: store, labels: {env: prod, tier: data, team: shop}}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: store, labels: {env: prod, tier: data, team: shop, expose: "false"}}
spec: {containers: [{name: db, image: db}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: out, namespace: store, labels: {env: prod, tier: data, team: shop}}
spec: {podSelector: {}, policyTypes: [Egress], egress: [{}]}
`;

/**
 * Makes the folder a clone whose last commit opens what the rules forbid. Returns the commit
 * before.
 */
async function commitChange({ folder, bash }: Workspace): Promise<string> {
  const git = 'git -c user.name=dev -c user.email=dev@example.com';
  writeFileSync(join(folder, 'k8s/store.yaml'), store);
  writeFileSync(join(folder, '.gitignore'), 'node_modules\n');
  await bash(`git init -q -b main . && git add . && ${git} commit -qm before && git clone -q --bare . origin.git`);
  await bash('git remote add origin "$PWD/origin.git" && git -C origin.git config uploadpack.allowAnySHA1InWant true');
  const { stdout } = await bash('git rev-parse HEAD');
  writeFileSync(join(folder, 'k8s/open.yaml'), forbiddenPolicy);
  await bash(`git add k8s && ${git} commit -qm after`);
  return stdout.trim();
}

describe('action.yml', () => {
  const { runs } = readYaml<{ readonly runs: { readonly steps: readonly Step[] } }>('action.yml');
  const script = runs.steps.find(({ run }) => run !== undefined)?.run ?? '';
  const act = async (workspace: Workspace, inputs: Readonly<Record<string, string>> = {}) => {
    const files = { GITHUB_OUTPUT: 'output', GITHUB_STEP_SUMMARY: 'summary', RUNNER_TEMP: '.' };
    const places = Object.entries(files).map(([name, file]) => [name, join(workspace.folder, file)]);
    const defaults = { PATHS: 'k8s', FORMAT: 'github', FAIL_ON: 'error', VERSION: '0.1.0' };
    const ran = await workspace.bash(script, { variables: { ...defaults, ...Object.fromEntries(places), ...inputs } });
    const read = (file: string): string => {
      try {
        return readFileSync(join(workspace.folder, file), 'utf8');
      } catch {
        return '';
      }
    };
    return { ...ran, output: read('output'), summary: read('summary'), report: read('ringfence-report') };
  };

  it('judges the paths, and writes annotations, the summary and its outputs', async () => {
    const workspace = makeWorkspace();
    writeFileSync(join(workspace.folder, 'k8s/open.yaml'), forbiddenPolicy);
    const { status, stdout, output, summary } = await act(workspace, { PATHS: 'k8s/api.yaml\n\nk8s\n' });
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^::error file=k8s\/open\.yaml,line=4/m)]);
    expect(output).toMatch(/^report=.*\/ringfence-report\nexit-code=1\n$/);
    expect(summary).toMatch(/^### ringfence check\n[\s\S]*`flow-matrix`/);
  });

  it('fails by fail-on, and always for what cannot be read', async () => {
    const workspace = makeWorkspace();
    writeFileSync(join(workspace.folder, 'k8s/open.yaml'), forbiddenPolicy);
    const sarif = await act(workspace, { FORMAT: 'sarif', FAIL_ON: 'never' });
    expect([sarif.status, sarif.stdout, sarif.output]).toEqual([0, '', expect.stringContaining('exit-code=1')]);
    expect((JSON.parse(sarif.report) as { runs: { results: unknown[] }[] }).runs[0]?.results.length).toBeGreaterThan(0);
    expect((await act(workspace, { PATHS: 'nowhere', FAIL_ON: 'never' })).status).toBe(2);
    expect(await act(workspace, { FAIL_ON: 'sometimes' })).toMatchObject({
      status: 2,
      stdout: '::error::fail-on must be error, warning or never\n',
    });
  });

  it('fails warnings too with fail-on: warning', async () => {
    const workspace = makeWorkspace();
    const text =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: lost, labels: {env: prod, tier: api, team: shop, expose: "false"}}\n';
    writeFileSync(join(workspace.folder, 'k8s/lost.yaml'), text);
    expect((await act(workspace)).status).toBe(0);
    expect((await act(workspace, { FAIL_ON: 'warning' })).status).toBe(1);
  });

  it('takes no input for a part of the script', async () => {
    const workspace = makeWorkspace();
    const evil = '$(touch pwned)`touch pwned`"; touch pwned; "';
    for (const inputs of [{ PATHS: evil }, { FORMAT: evil, VERSION: evil }, { FAIL_ON: evil }])
      expect((await act(workspace, inputs)).status).not.toBe(0);
    expect(readdirSync(workspace.folder)).not.toContain('pwned');
  });
});

describe('the workflow of GitHub', () => {
  it('adds to the summary which flows a change opens and closes', async () => {
    const { jobs } = readYaml<{ readonly jobs: { readonly diff: { readonly steps: readonly Step[] } } }>(
      'examples/pipelines/github/ringfence.yaml',
    );
    const workspace = makeWorkspace();
    const base = await commitChange(workspace);
    const summary = join(workspace.folder, 'summary');
    const variables = { BASE: base, GITHUB_STEP_SUMMARY: summary, RUNNER_TEMP: workspace.folder };
    for (const { run } of jobs.diff.steps) {
      if (run === undefined) continue;
      expect(await workspace.bash(run, { variables })).toMatchObject({ status: 0 });
    }
    expect(readFileSync(summary, 'utf8')).toMatch(/^### Opens \d+, closes 0\n\n\*\*The rules forbid/);
  });
});

describe('the pipeline of GitLab', () => {
  const jobs = readYaml<Readonly<Record<'ringfence' | 'ringfence-diff', { readonly script: readonly string[] }>>>(
    'examples/pipelines/gitlab/.gitlab-ci.yml',
  );
  const run = (workspace: Workspace) => workspace.bash(jobs.ringfence.script.join('\n'));

  it('leaves a report of code quality, and fails for what would be refused', async () => {
    const workspace = makeWorkspace();
    expect((await run(workspace)).status).toBe(0);
    writeFileSync(join(workspace.folder, 'k8s/open.yaml'), forbiddenPolicy);
    expect((await run(workspace)).status).toBe(1);
    const report = JSON.parse(readFileSync(join(workspace.folder, 'gl-code-quality-report.json'), 'utf8')) as object[];
    expect(report[0]).toMatchObject({ location: { path: 'k8s/open.yaml', lines: { begin: 4 } } });
  });

  it('shows which flows a merge request opens and closes', async () => {
    const workspace = makeWorkspace();
    const base = await commitChange(workspace);
    await workspace.bash('git clone -q . checkout && git -C checkout remote set-url origin "$PWD/origin.git"');
    const script = jobs['ringfence-diff'].script.join('\n');
    const ran = await workspace.bash(script, {
      variables: { CI_MERGE_REQUEST_DIFF_BASE_SHA: base },
      below: 'checkout',
    });
    expect(ran).toMatchObject({ status: 0, stdout: expect.stringMatching(/^### Opens \d+, closes 0\n/m) });
  });
});

describe('the task of Tekton', () => {
  it('judges the workspace, and has the summary as its result', async () => {
    interface Task {
      readonly spec: {
        readonly params: readonly { readonly name: string; readonly default: string }[];
        readonly steps: readonly [
          { readonly script: string; readonly env: readonly { name: string; value: string }[] },
        ];
      };
    }
    const { spec } = readYaml<Task>('examples/pipelines/tekton/task.yaml');
    const workspace = makeWorkspace();
    const summary = join(workspace.folder, 'summary');
    const values = new Map([
      ['$(results.summary.path)', summary],
      ...spec.params.map(({ name, default: value }) => [`$(params.${name})`, value] as const),
    ]);
    const [{ script, env }] = spec.steps;
    const variables = Object.fromEntries(env.map(({ name, value }) => [name, values.get(value) ?? `unknown ${value}`]));
    expect(await workspace.bash(script, { variables })).toMatchObject({ status: 0 });
    expect(readFileSync(summary, 'utf8')).toBe('3 objects judged, none would be refused.\n');
    writeFileSync(join(workspace.folder, 'k8s/open.yaml'), forbiddenPolicy);
    expect((await workspace.bash(script, { variables })).status).toBe(1);
  });
});

await describePrepared('the hook of pre-commit', findPythonTools, 'install Python 3 with venv and pip', (bin) => {
  it('judges all files together when one of them is committed', async () => {
    const workspace = makeWorkspace();
    const { bash, folder } = workspace;
    const hooks = 'git -c user.name=dev -c user.email=dev@example.com';
    // The repository of the hook: what pre-commit clones at the revision that the example pins.
    const published = join(folder, 'published');
    await bash(
      `mkdir published && cp "$ROOT/.pre-commit-hooks.yaml" published && cd published && git init -q && git add . && ${hooks} commit -qm one && git tag v0.1.0`,
      { variables: { ROOT: join(pipelines, '../..') } },
    );
    const config = readFileSync(join(pipelines, 'pre-commit/.pre-commit-config.yaml'), 'utf8');
    writeFileSync(
      join(folder, '.pre-commit-config.yaml'),
      config.replace('https://github.com/OWNER/ringfence', published),
    );
    writeFileSync(join(folder, '.gitignore'), 'node_modules\npublished\n');
    const variables = { PRE_COMMIT_HOME: join(folder, 'published/home') };
    const commit = (message: string) =>
      bash(`git add . && ${hooks} commit -qm '${message}'`, { variables, path: [bin] });
    await bash('git init -q . && pre-commit install', { variables, path: [bin] });
    expect(await commit('clean')).toMatchObject({ status: 0 });
    writeFileSync(join(folder, 'k8s/open.yaml'), forbiddenPolicy);
    const refused = await commit('open');
    expect(refused).toMatchObject({ status: 1 });
    expect(`${refused.stdout}${refused.stderr}`).toMatch(
      /ringfence check\.+Failed[\s\S]*k8s\/open\.yaml:4:\d+: NetworkPolicy/,
    );
  });
});

await describeWithTool('helm', 'the chart of the example', (helm) => {
  it('is judged before it is installed, and refused without its identity', async () => {
    const workspace = makeWorkspace('helm', '.');
    const judge = /^helm template .*$/m.exec(readFileSync(join(pipelines, 'helm/install.sh'), 'utf8'))?.[0] ?? 'exit 9';
    const path = [join(helm, '..')];
    expect(await workspace.bash(judge, { path })).toMatchObject({
      status: 0,
      stdout: '1 object judged, none would be refused.\n',
    });
    const wrong = await workspace.bash(judge.replace('helm template', 'helm template --set identity.env=production'), {
      path,
    });
    expect(wrong).toMatchObject({ status: 1, stdout: expect.stringContaining('env "production" is not one of') });
  });
});
