// Plans of the applications in examples/, without their authors' policies: from what the manifests
// declare alone, and from what a log shows alone. The authors' policies and expectations decide.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Config } from '../../src/config/config.ts';
import type { Flow } from '../../src/flows/record.ts';
import { createEvaluator, type Evaluator } from '../../src/network/evaluator.ts';
import type { Policy } from '../../src/network/rules.ts';
import { type Planner, readWritten, withBaselines } from '../../src/plan/plan.ts';
import { fileConfig } from '../../src/process/configuration.ts';
import { defaults, flow, plannerOf, pod, readManifests } from './scene.ts';

const root = join(import.meta.dirname, '..', '..', 'examples');

interface Call {
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

interface Example {
  readonly name: string;
  readonly configured?: true;
  /** Workloads that the outside enters by, with the port of their Pods. */
  readonly entrance: string;
  /** Calls that the manifests do not name: the applications have them in their code. */
  readonly undeclared: 'none' | 'all';
}

const examples: readonly Example[] = [
  { name: 'three-tiers', entrance: 'frontend/deployment/web 8080', undeclared: 'none' },
  { name: 'online-boutique', entrance: 'boutique-web/deployment/frontend 8080', undeclared: 'none' },
  { name: 'bank-of-anthos', configured: true, entrance: 'bank/deployment/frontend 8080', undeclared: 'none' },
  { name: 'sock-shop', configured: true, entrance: 'sock-shop/deployment/front-end 8079', undeclared: 'all' },
];

function read(example: string, file: string): string {
  return readFileSync(join(root, example, file), 'utf8');
}

/** What the authors expect between workloads. */
function callsOf(example: string): readonly Call[] {
  const { allow } = parse(read(example, 'expectations.yaml')) as { readonly allow: readonly Call[] };
  return allow.filter(({ to }) => to.includes('/'));
}

function configOf({ name, configured }: Example): Config {
  return configured === true ? fileConfig(join(root, name, 'ringfence.yaml'), 'ringfence-system') : defaults;
}

/** The Pod of a workload as a log would name it. */
function podOf(workload: string) {
  const [namespace, kind, name] = workload.split('/');
  return pod(`${namespace}/${name}-${kind === 'statefulset' ? '0' : '5d4f8c7b9-x2x7k'}`);
}

/** The open calls between workloads, and from the ingress controller, on declared ports. */
function openCalls(planner: Planner, evaluator: Evaluator): readonly string[] {
  const { world, endOf } = planner;
  const nameOf = (one: (typeof world.pods)[number]): string => Object.values(endOf(one)).slice(1).join('/');
  const found = world.pods.flatMap((from) =>
    world.pods.flatMap((to) =>
      from === to
        ? []
        : to.ports
            .filter(({ protocol, port }) => {
              const answer = evaluator.answer({ from: { pod: from }, to: { pod: to }, protocol, port });
              return answer.verdict === 'allowed';
            })
            .map(({ port }) => `${nameOf(from)} -> ${nameOf(to)} ${port}`),
    ),
  );
  return [...new Set(found)].sort((a, b) => (a < b ? -1 : 1));
}

/** The world behind every baseline, with these policies. */
function behind({ world, namespaces, baselineOf }: Planner, policies: readonly Policy[]): Evaluator {
  return createEvaluator({
    ...world,
    policies: [...withBaselines(world.policies, namespaces.flatMap(baselineOf)), ...policies],
  });
}

function planned(planner: Planner): readonly Policy[] {
  return planner.namespaces.flatMap((name) => planner.plan(name).policies.map(({ policy }) => readWritten(policy)));
}

describe.each(examples)('the plan of $name', (example) => {
  const { name, entrance, undeclared } = example;
  const config = configOf(example);
  const manifests = `${read(name, 'namespaces.yaml')}\n---\n${read(name, 'workloads.yaml')}`;
  const [enters = '', port = ''] = entrance.split(' ');
  const calls = callsOf(name).map((call) => `${call.from} -> ${call.to} ${call.port}`);
  const entering = `ingress-nginx -> ${enters} ${port}`;
  const sorted = (lines: readonly string[]): readonly string[] => [...lines].sort((a, b) => (a < b ? -1 : 1));

  it('from declarations alone keeps the calls that the manifests name', () => {
    const planner = plannerOf(manifests, undefined, { config });
    const open = openCalls(planner, behind(planner, planned(planner)));
    expect(open).toEqual(sorted(undeclared === 'none' ? [...calls, entering] : [entering]));
  });

  it('from a log alone keeps exactly what was seen', () => {
    const seen: readonly Flow[] = callsOf(name).map((call) => flow(podOf(call.from), podOf(call.to), call.port));
    const workloads = readManifests(manifests).filter((object) => (object as { kind: string }).kind !== 'Ingress');
    const planner = plannerOf(workloads as object[], seen, { config });
    expect(openCalls(planner, behind(planner, planned(planner)))).toEqual(sorted(calls));
  });

  it('opens nothing that the policies of the authors keep closed', () => {
    const planner = plannerOf(manifests, undefined, { config });
    const authors = plannerOf(`${manifests}\n---\n${read(name, 'network-policies.yaml')}`, undefined, { config });
    const theirs = openCalls(authors, behind(authors, []));
    const ours = openCalls(planner, behind(planner, planned(planner)));
    expect(ours.filter((line) => !theirs.includes(line))).toEqual([]);
  });

  it('says nothing of what the authors wrote already', () => {
    const authors = plannerOf(`${manifests}\n---\n${read(name, 'network-policies.yaml')}`, undefined, { config });
    const fates = authors.namespaces.flatMap((namespace) =>
      authors.plan(namespace).flows.filter(({ fate }) => fate.fate === 'cut' || fate.fate === 'forbidden'),
    );
    expect(fates).toEqual([]);
  });
});
