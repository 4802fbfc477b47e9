// A world from the text of manifests, and flows as a log names them.

import type { Config } from '../../src/config/config.ts';
import { mergeConfig } from '../../src/config/merge.ts';
import { parseManifest } from '../../src/documents/parse.ts';
import { createExposures } from '../../src/exposure/exposure.ts';
import type { Flow, FlowEnd, Observation } from '../../src/flows/record.ts';
import { textAt } from '../../src/kubernetes/raw-object.ts';
import { createFencedInventory } from '../../src/library/fenced-inventory.ts';
import { createOffers } from '../../src/plan/offers.ts';
import { createPlanner, type Planner, type PlanSource } from '../../src/plan/plan.ts';
import { type PlanData, planData } from '../../src/plan/plan-data.ts';
import { createWorkloads } from '../../src/plan/workloads.ts';

export const defaults: Config = mergeConfig({}, { ownNamespace: 'ringfence-system', version: '0' });

/** Objects of manifests: text, or values. */
export function readManifests(manifests: string | readonly object[]): readonly unknown[] {
  if (typeof manifests !== 'string') return manifests;
  const { documents, problems } = parseManifest(manifests, 'manifests.yaml');
  if (problems.length > 0) throw new Error(problems[0]?.message);
  return documents.map(({ object }) => object);
}

/** When the plans of the tests are made. */
export const now = Date.parse('2026-11-29T12:00:00Z');

type Choices = Partial<Pick<PlanSource, 'config' | 'naming' | 'options' | 'podNetworks'>>;

/** A planner for manifests and for what a log says. */
export function plannerOf(
  manifests: string | readonly object[],
  flows?: readonly Flow[] | Observation,
  choices: Choices = {},
): Planner {
  const { config = defaults } = choices;
  const taker = createFencedInventory(config, () => now);
  const workloads = createWorkloads(config.workloads);
  const offers = createOffers(config.workloads);
  const exposures = createExposures();
  for (const object of readManifests(manifests)) {
    const namespace = textAt(object, 'metadata', 'namespace') ?? 'default';
    const [problem] = taker.add(object, 'manifests.yaml');
    if (problem !== undefined) throw new Error(`${problem.field} ${problem.message}`);
    workloads.add(object, namespace);
    offers.add(object, namespace);
    exposures.add(object, namespace);
  }
  const inventory = taker.take();
  return createPlanner({
    inventory,
    fenced: taker.fenced(),
    workloads: workloads.take(inventory),
    offers: offers.take(),
    exposures: exposures.take((name) => inventory.world.namespaces.get(name)),
    observation: flows === undefined || 'flows' in flows ? flows : observationOf(flows),
    config,
    podNetworks: undefined,
    naming: 'name',
    options: { ephemeral: false, external: false },
    ...choices,
  });
}

/** The plan for a namespace as data. */
export function planOf(
  manifests: string | readonly object[],
  namespace: string,
  flows?: readonly Flow[],
  choices: Choices = {},
): PlanData {
  const planner = plannerOf(manifests, flows, choices);
  return planData(planner.plan(namespace), flows && observationOf(flows), planner.leftOut, []);
}

export function observationOf(flows: readonly Flow[], more: Partial<Observation> = {}): Observation {
  const window = { first: '2026-11-01T00:00:00Z', last: '2026-11-09T00:00:00Z' };
  const nothing = { malformed: 0, lost: 0, nodes: [], namespaces: [], holes: [], neverSeen: [], leftOut: new Map() };
  return { flows, window, ...nothing, ...more };
}

/** A flow that happened, on TCP unless the port says otherwise: `UDP/53`. */
export function flow(from: FlowEnd, to: FlowEnd, port: number | string, more: Partial<Flow> = {}): Flow {
  const [protocol = 'TCP', number = port] = typeof port === 'number' ? [] : port.split('/');
  return {
    from,
    to,
    protocol: protocol as Flow['protocol'],
    port: Number(number),
    sourcePort: undefined,
    isDirected: true,
    verdicts: new Set(['happened']),
    sightings: 1,
    first: '2026-11-01T00:00:00Z',
    last: '2026-11-09T00:00:00Z',
    ...more,
  };
}

type PodEnd = Extract<FlowEnd, { kind: 'pod' }>;

/** A Pod as a log names it: `shop/web-5d4f8c7b9-x2x7k`, with its labels. */
export function pod(name: string, labels?: Readonly<Record<string, string>>, more: Partial<PodEnd> = {}): PodEnd {
  const [namespace = '', own] = name.split('/');
  return {
    kind: 'pod',
    namespace,
    name: own,
    labels: labels && new Map(Object.entries(labels)),
    namespaceLabels: undefined,
    workload: undefined,
    ...more,
  };
}

/** The flows of a plan in short: `cut egress: shop/deployment/web -> ... TCP/8080`. */
export function lines({ flows }: PlanData): readonly string[] {
  return flows.map(({ from, to, protocol, port, fate, side, by }) => {
    const where = side === undefined ? '' : ` ${side}`;
    const how = by.length === 0 ? '' : ` by ${by.join(', ')}`;
    return `${fate}${where}: ${Object.values(from).join(' ')} -> ${Object.values(to).join(' ')} ${protocol}/${port}${how}`;
  });
}
