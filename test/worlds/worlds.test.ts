// Worlds in the manner of public repositories, which are generated: what `check` finds in each,
// with which exit code, and what it leaves out.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkCommand } from '../../src/commands/check.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { runCommand } from '../commands/run.ts';
import { clusterDump, type Files, jsonnetManifests, operatorBundle, renderedChart } from './rendered.ts';
import { gitopsTree, kustomizeOverlays, microservices, monorepo, platform, policyRecipes } from './repositories.ts';

const root = mkdtempSync(join(tmpdir(), 'ringfence-worlds-'));
afterAll(() => rmSync(root, { recursive: true }));

/** What `check -o json` says, as far as a world has an expectation of it. */
interface Answer {
  readonly findings: readonly { readonly check: string; readonly action: string; readonly undecided?: true }[];
  readonly summary: { readonly objects: number; readonly failing: number };
  readonly notes: readonly string[];
  readonly problems: readonly { readonly file: string; readonly message: string }[];
  readonly passedOver: Readonly<Record<string, number>>;
}

const byText = (a: string, b: string): number => (a < b ? -1 : 1);

async function check(name: string, files: Files, ...args: readonly string[]) {
  const folder = join(root, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const { code, stdout } = await runCommand(
    [checkCommand(readEnvironment({}), '0', 'https://docs.example')],
    ['check', folder, '-o', 'json', ...args],
  );
  const answer = JSON.parse(stdout) as Answer;
  const sorts = answer.findings.map(({ check: id, action, undecided }) => `${id} ${undecided ? 'undecided' : action}`);
  const findings = [...Map.groupBy(sorts, (sort) => sort)].map(([sort, all]) => `${sort} ${all.length}`).sort(byText);
  const left = Object.entries(answer.passedOver)
    .map(([what, count]) => `${count} ${what}`)
    .sort(byText);
  const problems = answer.problems.map(
    ({ file, message }) => `${file.replace(`${folder}/`, '')}: ${message.replaceAll(`${folder}/`, '')}`,
  );
  const { objects: judged, failing } = answer.summary;
  return { code, findings, judged, failing, problems, left, notes: answer.notes };
}

/** What is left out is counted, and what may make Pods is named. */
const worlds = {
  'a rendered chart': [
    renderedChart,
    {
      code: 1,
      findings: ['exposed-unexpected warn 1', 'required-labels deny 15'],
      judged: 5,
      failing: 4,
      left: ['1 rbac.authorization.k8s.io/v1 Role', '1 v1 ConfigMap', '1 v1 ServiceAccount'],
    },
  ],
  'the bundle of an operator, with definitions of a megabyte': [
    operatorBundle,
    {
      code: 1,
      findings: ['required-labels deny 7'],
      judged: 2,
      failing: 2,
      left: ['1 db.example.org/v1 Cluster', '2 apiextensions.k8s.io/v1 CustomResourceDefinition'],
      notes: ['kinds that are not read, and may have Pods: 1 db.example.org/v1 Cluster'],
    },
  ],
  'what jsonnet prints': [
    jsonnetManifests,
    {
      code: 1,
      findings: ['egress-to-anyone warn 1', 'required-labels deny 6'],
      judged: 3,
      failing: 2,
      left: [
        '1 monitoring.coreos.com/v1 Prometheus',
        '1 monitoring.coreos.com/v1 ServiceMonitor',
        '1 rbac.authorization.k8s.io/v1 Role',
        '3 v1 ConfigMap',
      ],
    },
  ],
  'what kubectl prints of a namespace': [
    clusterDump,
    {
      code: 1,
      findings: ['exposed-unexpected warn 1', 'label-agreement deny 1', 'no-effect warn 2'],
      judged: 8,
      failing: 1,
    },
  ],
  'a base with overlays': [
    kustomizeOverlays,
    {
      code: 1,
      findings: ['label-agreement undecided 1', 'required-labels deny 2'],
      judged: 1,
      failing: 1,
      left: [
        '1 autoscaling/v2 HorizontalPodAutoscaler',
        '1 data file of a kustomization',
        '1 v1 Service',
        '3 Kustomization',
        '3 patch of a kustomization',
      ],
    },
  ],
  'a GitOps tree with templates beside manifests': [
    gitopsTree,
    {
      code: 2,
      findings: ['label-values deny 1'],
      judged: 2,
      failing: 1,
      problems: [
        'charts/cart/templates: 2 files are templates of a Helm chart, not read; check what they render to: helm template charts/cart | ringfence check -',
      ],
      left: [
        '1 argoproj.io/v1alpha1 Application',
        '1 helm.toolkit.fluxcd.io/v2 HelmRelease',
        '1 hidden folder',
        '1 v1 Service',
        '2 no Kubernetes object',
      ],
    },
  ],
  'a monorepo': [
    monorepo,
    {
      code: 1,
      findings: ['label-agreement undecided 5', 'label-values deny 1'],
      judged: 2,
      failing: 1,
      left: [
        '1 JSON with comments',
        '1 hidden folder',
        '1 node_modules folder',
        '1 v1 Service',
        '3 no Kubernetes object',
      ],
    },
  ],
  'a demonstration in one file': [
    microservices,
    {
      code: 1,
      findings: ['exposed-unexpected warn 1', 'flow-matrix undecided 6', 'required-labels deny 66'],
      judged: 19,
      failing: 18,
      left: ['12 v1 Service'],
    },
  ],
  'policies that people copy': [
    policyRecipes,
    {
      code: 1,
      findings: [
        'cross-environment deny 3',
        'egress-to-anyone warn 1',
        'exposes-unexposed deny 4',
        'flow-matrix deny 3',
        'ingress-broad-cidr deny 1',
        'ingress-from-anyone deny 1',
        'internal-exposed deny 2',
        'namespace-selector-as-internet warn 1',
        'no-effect warn 5',
        'readable deny 1',
        'unknown-taxonomy-value deny 1',
      ],
      judged: 9,
      failing: 5,
    },
  ],
  'a platform that does all of it': [
    platform,
    { code: 0, findings: [], judged: 10, failing: 0, left: ['2 v1 Service'] },
  ],
} as const;

describe.each(Object.entries(worlds))('%s', (name, [make, expected]) => {
  const files = make();

  it('is judged, and what is left out is named', async () => {
    const { notes, ...answer } = await check(name, files);
    const { notes: said = [], ...rest } = { problems: [], left: [], notes: [] as readonly string[], ...expected };
    expect(answer).toEqual(rest);
    for (const note of said) expect(notes).toContain(note);
  });

  it('has an exit code of its findings, if what cannot be read is ignored', async () => {
    expect((await check(name, files, '--ignore-unreadable')).code).toBe(expected.failing > 0 ? 1 : 0);
  });
});
