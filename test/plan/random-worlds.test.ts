// The promises of plans, on worlds made at random: what was lawful and seen is open behind the
// baseline, for each namespace alone and for all together, and nothing else is.
import { describe, expect, it } from 'vitest';
import type { Flow, FlowEnd } from '../../src/flows/record.ts';
import type { NetworkPolicy } from '../../src/kubernetes/network-policy.ts';
import { createEvaluator, type Evaluator } from '../../src/network/evaluator.ts';
import type { Policy, Protocol } from '../../src/network/rules.ts';
import type { Pod } from '../../src/network/world.ts';
import { keyOfEnd } from '../../src/plan/end.ts';
import { isLasting } from '../../src/plan/lasting-labels.ts';
import { type Plan, type Planner, readWritten, withBaselines } from '../../src/plan/plan.ts';
import { planData } from '../../src/plan/plan-data.ts';
import { prove } from '../../src/plan/proof.ts';
import { byKey } from '../../src/plan/text-order.ts';
import { defaults, flow, plannerOf, pod } from './scene.ts';

/** A generator of numbers that gives the same ones for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const ports = [80, 443, 5432, 8080, 9090];

interface RandomWorld {
  readonly manifests: readonly object[];
  readonly flows: readonly Flow[];
}

function makeWorld(seed: number): RandomWorld {
  const random = randomOf(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const namespaces = Array.from({ length: 2 + Math.floor(random() * 3) }, (_, index) => `ns${index}`);
  const manifests: object[] = namespaces.map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: { env: pick(['prod', 'prod', 'dev']), tier: pick(['web', 'api', 'data']), team: 'shop' },
    },
  }));
  const ends: FlowEnd[] = [];
  for (const namespace of namespaces) {
    for (let index = 0; index < 1 + random() * 3; index += 1) {
      const name = `w${index}`;
      const selector: Record<string, string> = {
        app: pick(['shop', name]),
        ...(random() < 0.4 ? { version: 'v1' } : {}),
      };
      const labels: Record<string, string> = {
        ...selector,
        ...(random() < 0.8 ? { component: name } : {}),
        ...(random() < 0.3 ? { 'app.kubernetes.io/version': '1.2.3' } : {}),
        ...(random() < 0.5 ? { expose: pick(['true', 'false']) } : {}),
      };
      const kind = pick(['Deployment', 'StatefulSet', 'DaemonSet']);
      manifests.push({
        apiVersion: 'apps/v1',
        kind,
        metadata: { namespace, name },
        spec: {
          selector: { matchLabels: selector },
          template: {
            metadata: { labels },
            spec: { containers: [{ name: 'c', ports: [{ containerPort: pick(ports) }] }] },
          },
        },
      });
      const tail = kind === 'StatefulSet' ? '0' : kind === 'DaemonSet' ? 'x2x7k' : '5d4f8c7b9-x2x7k';
      ends.push(pod(`${namespace}/${name}-${tail}`, { ...labels, 'pod-template-hash': '5d4f8c7b9' }));
    }
    if (random() < 0.3) ends.push(pod(`${namespace}/bare`, { run: 'bare', 'controller-uid': 'x' }));
    if (random() < 0.3)
      manifests.push({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { namespace, name: pick(['allow-w0-ingress', 'standing']) },
        spec: {
          podSelector: pick([{}, { matchLabels: { app: 'shop' } }]),
          policyTypes: pick([['Ingress'], ['Egress'], ['Ingress', 'Egress']]),
          ingress: pick([[], [{ from: [{ namespaceSelector: {} }], ports: [{ port: pick(ports) }] }]]),
        },
      });
  }
  const others: readonly FlowEnd[] = [
    { kind: 'node', name: 'host' },
    { kind: 'node', name: 'remote-node' },
    { kind: 'apiserver' },
    { kind: 'address', address: '93.184.216.34', names: [] },
    { kind: 'address', address: '169.254.169.254', names: [] },
    { kind: 'unresolved', why: 'unknown' },
    pod('ingress-nginx/controller-5d4f8c7b9-x2x7k', { app: 'ingress' }),
    pod('monitoring/prometheus-0', { app: 'prometheus' }),
    pod('kube-system/coredns-5d4f8c7b9-x2x7k', { 'k8s-app': 'kube-dns' }),
  ];
  const flows = Array.from({ length: 5 + Math.floor(random() * 20) }, () => {
    const mine = pick(ends);
    const other = random() < 0.6 ? pick(ends) : pick(others);
    const [from, to] = random() < 0.5 ? [mine, other] : [other, mine];
    const verdicts = new Set([random() < 0.1 ? ('would-be-denied' as const) : ('happened' as const)]);
    return flow(from, to, random() < 0.1 ? 40_000 : pick(ports), { verdicts });
  });
  return { manifests, flows };
}

const seeds = Array.from({ length: 40 }, (_, index) => index + 1);

describe('plans of random worlds', () => {
  it.each(seeds)('keep their promises: seed %i', (seed) => {
    const { manifests, flows } = makeWorld(seed);
    const planner = plannerOf(manifests, flows);
    const plans = planner.namespaces.map((name) => planner.plan(name));
    for (const plan of plans) {
      const { beyond, missing } = prove(planner, plan);
      expect(missing).toEqual([]);
      const isAlike = hasTwins(planner);
      if (!isAlike) expect(beyond).toEqual([]);
      holdPromises(planner, [plan]);
    }
    holdPromises(planner, plans);
    // A second run writes the same.
    const again = plannerOf(manifests.toReversed(), flows.toReversed());
    for (const plan of plans)
      expect(again.plan(plan.namespace).policies.map((one) => one.policy)).toEqual(
        plan.policies.map((one) => one.policy),
      );
  });
});

/** Whether two workloads of a namespace have equal labels, so that no policy tells them apart. */
function hasTwins({ world, ownerOf }: Planner): boolean {
  const known = new Map<string, string>();
  return world.pods.some((one) => {
    const labels = JSON.stringify([
      one.namespace,
      [...one.labels].filter(([key]) => isLasting(key) || key === 'version').sort(byKey),
    ]);
    const owner = ownerOf(one)?.name ?? '';
    const first = known.get(labels) ?? owner;
    known.set(labels, first);
    return first !== owner;
  });
}

/** Evaluates the written policies behind the baselines of their namespaces. */
function holdPromises(planner: Planner, plans: readonly Plan[]): void {
  const { world } = planner;
  const fenced = plans.map(({ namespace }) => namespace);
  const baselines = withBaselines(
    world.policies,
    fenced.flatMap((name) => planner.baselineOf(name)),
  );
  const written = plans.flatMap(({ policies }) => policies.map(({ policy }) => policy));
  const open = (policies: readonly Policy[]): Evaluator => createEvaluator({ ...world, policies });
  const behind = open(baselines);
  const after = open([...baselines, ...written.map(readWritten)]);
  const wanted = new Set<string>();
  for (const plan of plans)
    for (const one of plan.flows) {
      const { candidate, fate } = one;
      const { from, to, protocol, port, pairs } = candidate;
      if (fate.fate === 'kept' || fate.fate === 'cut')
        wanted.add(`${keyOfEnd(from)} ${keyOfEnd(to)} ${protocol}/${port}`);
      if (fate.fate === 'forbidden' || fate.fate === 'denied-already' || fate.fate === 'undecided')
        expect(plan.policies.some(({ flows }) => flows.includes(one))).toBe(false);
      if (fate.fate !== 'kept' && (fate.fate !== 'cut' || plan.unwritten.has(one))) continue;
      for (const pair of pairs) {
        const [source, destination] = [pair.from.pods[0], pair.to.pods[0]];
        if (source === undefined || destination === undefined || source === destination) continue;
        const answer = after.answer({ from: { pod: source }, to: { pod: destination }, protocol, port });
        // The other end may be in a namespace whose own plan is not applied here.
        expect(answer.verdict, `${keyOfEnd(from)} ${keyOfEnd(to)} ${port}`).toBe('allowed');
      }
    }
  if (!hasTwins(planner)) expectNothingElse(planner, behind, after, wanted, fenced);
  expectSelectors(written);
}

function expectNothingElse(
  { world, endOf }: Planner,
  behind: Evaluator,
  after: Evaluator,
  wanted: ReadonlySet<string>,
  fenced: readonly string[],
): void {
  const protocol: Protocol = 'TCP';
  const ask = (evaluator: Evaluator, from: Pod, to: Pod, port: number): boolean =>
    evaluator.answer({ from: { pod: from }, to: { pod: to }, protocol, port }).verdict === 'allowed';
  for (const from of world.pods)
    for (const to of world.pods) {
      if (from === to || !(fenced.includes(from.namespace) || fenced.includes(to.namespace))) continue;
      for (const port of [...ports, 40_000, 81]) {
        if (!ask(after, from, to, port) || ask(behind, from, to, port)) continue;
        const key = `${keyOfEnd(endOf(from))} ${keyOfEnd(endOf(to))} ${protocol}/${port}`;
        expect(wanted, `opened: ${key}`).toContain(key);
      }
    }
}

function expectSelectors(written: readonly NetworkPolicy[]): void {
  for (const { metadata, spec } of written) {
    expect(metadata.name).toMatch(/^allow-.*-(ingress|egress)$/);
    expect(Object.keys(metadata.labels ?? {})).toEqual(expect.arrayContaining(['env', 'tier', 'team']));
    const text = JSON.stringify(spec);
    expect(text).not.toMatch(/pod-template-hash|controller-uid|app\.kubernetes\.io\/version|169\.254|93\.184|40000/);
  }
}

it('are data that says each flow once', () => {
  const { manifests, flows } = makeWorld(7);
  const planner = plannerOf(manifests, flows);
  for (const name of planner.namespaces) {
    const data = planData(planner.plan(name), undefined, planner.leftOut, []);
    const keys = data.flows.map(({ from, to, protocol, port }) => JSON.stringify([from, to, protocol, port]));
    expect(new Set(keys).size).toBe(keys.length);
  }
  expect(defaults.mode).toBe('enforce');
});
