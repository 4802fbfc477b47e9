import { desiredBaseline } from '../baseline/desired.ts';
import type { Config } from '../config/config.ts';
import { isExempt } from '../config/exemption.ts';
import type { Exposures } from '../exposure/exposure.ts';
import type { Observation } from '../flows/record.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import type { Range } from '../network/address.ts';
import { privateNetworks } from '../network/blocks.ts';
import { createEvaluator } from '../network/evaluator.ts';
import type { Inventory } from '../network/inventory.ts';
import { readPolicy } from '../network/read.ts';
import type { Policy } from '../network/rules.ts';
import type { Owner } from '../network/workload.ts';
import type { Pod, World } from '../network/world.ts';
import { type Candidate, collectCandidates, type PlacedFlow } from './candidates.ts';
import { declaredFlows } from './declarations.ts';
import { type End, formatEnd, keyOfEnd, namespaceOf } from './end.ts';
import { createFateJudge, type FateJudge } from './fate.ts';
import { createLaw } from './law.ts';
import type { Offers } from './offers.ts';
import { createPlacer } from './placer.ts';
import { residentsOf } from './residents.ts';
import { createSelection, type PeerNaming } from './selection.ts';
import { straysOf, unresolvedOf } from './strays.ts';
import { byText } from './text-order.ts';
import type { Workloads } from './workloads.ts';
import { type JudgedFlow, type Writing, type WritingOptions, writePolicies } from './writer.ts';

/** Everything that a plan is made from. */
export interface PlanSource {
  readonly inventory: Inventory;
  /** The namespaces that are fenced already. */
  readonly fenced: ReadonlySet<string>;
  readonly workloads: Workloads;
  readonly offers: Offers;
  readonly exposures: Exposures;
  /** What was seen; undefined without a log. */
  readonly observation: Observation | undefined;
  readonly config: Config;
  readonly podNetworks: readonly Range[] | undefined;
  readonly naming: PeerNaming;
  readonly options: WritingOptions;
}

/** What a fence on one namespace would do, and the policies that keep what is lawful. */
export interface Plan extends Writing {
  readonly namespace: string;
  /** Every flow with an end in the namespace, in a stable order. */
  readonly flows: readonly JudgedFlow[];
  /**
   * Declared flows that no log shows and that no object names both ends of. They have no fate in
   * the plan where there is a log.
   */
  readonly unseen: readonly Candidate[];
}

/** Plans for the namespaces of one world. */
export interface Planner {
  /** The namespaces that can be fenced, by name. */
  readonly namespaces: readonly string[];
  plan(namespace: string): Plan;
  /** The fate of a flow if a namespace is fenced, also of one that no log shows. */
  readonly judge: FateJudge['judge'];
  /** Flows of the log that may be of a namespace, and that are not in its plan. */
  strays(namespace: string): readonly PlacedFlow[];
  /** Flows of the log between an end in a namespace and one that is not resolved. */
  unresolved(namespace: string): readonly PlacedFlow[];
  /** The flows of the log, with what the policies of today do. No namespace is fenced for it. */
  seen(): readonly JudgedFlow[];
  /** The namespaces that are fenced already. */
  readonly fenced: ReadonlySet<string>;
  /** The world of the plan: with Pods that only the log shows, and another Pod of each workload. */
  readonly world: World;
  /** The baseline of a namespace, as the engine reads it. */
  baselineOf(namespace: string): readonly Policy[];
  /** The end that a Pod of the world is, and the workload that it belongs to. */
  endOf(pod: Pod): End;
  ownerOf(pod: Pod): Owner | undefined;
  /** Lines and flows of the log that are in no plan, by reason. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** The policies of the world as they are written. */
  readonly standing: readonly unknown[];
  readonly config: Config;
}

/** Joins the log with the manifests, once for all namespaces. */
export function createPlanner(source: PlanSource): Planner {
  const { inventory, workloads, offers, exposures, observation, config, podNetworks, naming, options } = source;
  const { peers } = config.network;
  const placer = createPlacer(inventory, workloads, offers, peers, podNetworks);
  const dnsPorts = [...new Set(config.baseline.dns.flatMap(({ ports }) => ports))];
  const declared = declaredFlows(
    { inventory, workloads, offers, exposures, peers, dnsPorts, isObserved: observation !== undefined },
    placer,
  );
  const candidates = collectCandidates(observation, declared, placer);
  const listed = candidates.all.filter(({ seen, isFirm }) => seen || isFirm || observation === undefined);
  const unlisted = candidates.all.filter((one) => !listed.includes(one));
  const { world, twins, owners } = completeWorld(inventory, workloads, placer.assumed, placer.namespaces, podNetworks);
  const plannable = [...inventory.world.namespaces.keys()].filter((name) => !isExempt(name, config)).sort(byText);

  const baselines = new Map<string, readonly Policy[]>();
  const desiredIn = (name: string): readonly NetworkPolicy[] =>
    desiredBaseline({ name, labels: world.namespaces.get(name) ?? new Map() }, config);
  function baselineOf(namespace: string): readonly Policy[] {
    const read = baselines.get(namespace) ?? desiredIn(namespace).map(readWritten);
    baselines.set(namespace, read);
    return read;
  }

  function egressAhead(namespace: string): readonly object[] {
    if (source.fenced.has(namespace)) return [];
    const ofAllPods = desiredIn(namespace).filter(({ spec }) => Object.keys(spec?.podSelector ?? {}).length === 0);
    return ofAllPods.flatMap(({ spec }) => spec?.egress ?? []);
  }

  const today = createEvaluator(world);
  const fenced = createEvaluator({ ...world, policies: withBaselines(world.policies, plannable.flatMap(baselineOf)) });
  const selection = createSelection(world.namespaces, residentsOf(listed, workloads, inventory), naming, config);
  const law = createLaw(world.namespaces, selection, config);
  const fates = createFateJudge(today, fenced, law, twins);
  const taken = (namespace: string): ReadonlySet<string> =>
    new Set(
      [...world.policies, ...baselineOf(namespace)]
        .filter((policy) => policy.namespace === namespace)
        .map(({ name }) => name),
    );

  return {
    namespaces: plannable,
    fenced: source.fenced,
    world,
    baselineOf,
    endOf(pod) {
      const { namespace } = pod;
      const owner = owners.get(pod);
      if (owner === undefined) return { kind: 'namespace', namespace };
      return { kind: 'workload', namespace, workload: `${owner.kind}/${owner.name}` };
    },
    ownerOf: (pod) => owners.get(pod),
    leftOut: candidates.leftOut,
    judge: fates.judge,
    strays: (namespace) => straysOf(namespace, candidates.placed, placer),
    unresolved: (namespace) => unresolvedOf(namespace, candidates.placed),
    standing: offers.policies,
    config,
    seen: () => listed.flatMap((one) => (one.seen ? [{ candidate: one, fate: fates.judge(one, '') }] : [])),
    plan(namespace) {
      const flows = listed
        .filter((candidate) => hasEndIn(candidate, namespace))
        .map((candidate): JudgedFlow => ({ candidate, fate: fates.judge(candidate, namespace) }))
        .sort((a, b) => (keyOfFlow(a.candidate) < keyOfFlow(b.candidate) ? -1 : 1));
      const written = writePolicies(flows, namespace, {
        namespaces: world.namespaces,
        taken,
        egressAhead,
        selection,
        law,
        config,
        options,
      });
      return { namespace, flows, ...written, unseen: unlisted.filter((one) => hasEndIn(one, namespace)) };
    },
  };
}

/** The policies of the world, with the baselines in place of policies of their names. */
export function withBaselines(policies: readonly Policy[], baselines: readonly Policy[]): readonly Policy[] {
  const names = new Set(baselines.map(({ namespace, name }) => `${namespace}/${name}`));
  return [...policies.filter(({ namespace, name }) => !names.has(`${namespace}/${name}`)), ...baselines];
}

/** Reads a policy that Ringfence itself has made. */
export function readWritten({ metadata, spec }: NetworkPolicy): Policy {
  const { namespace = '', name = '' } = metadata;
  const read = readPolicy(spec, { namespace, name });
  if ('problems' in read) throw new Error(`NetworkPolicy ${namespace}/${name}: ${JSON.stringify(read.problems[0])}`);
  return read.policy;
}

function hasEndIn({ from, to }: Candidate, namespace: string): boolean {
  return namespaceOf(from) === namespace || namespaceOf(to) === namespace;
}

/** The order of flows: by their ends as people read them, then by port. */
function keyOfFlow({ from, to, protocol, port }: Candidate): string {
  return [formatEnd(from), formatEnd(to), protocol, String(port).padStart(5, '0'), keyOfEnd(from), keyOfEnd(to)].join(
    ' ',
  );
}

/**
 * Adds Pods of workloads that have none now, Pods that only a log shows, and another Pod of each
 * workload, since a Pod always reaches itself.
 */
function completeWorld(
  inventory: Inventory,
  workloads: Workloads,
  assumed: readonly Pod[],
  described: ReadonlyMap<string, Labels>,
  podNetworks: readonly Range[] | undefined,
): { readonly world: World; readonly twins: ReadonlyMap<Pod, Pod>; readonly owners: ReadonlyMap<Pod, Owner> } {
  const { world } = inventory;
  const present = new Set(world.pods);
  const ofWorkloads = workloads.all.flatMap(({ pods }) => pods).filter((pod) => !present.has(pod));
  const pods = [...world.pods, ...ofWorkloads, ...assumed];
  const owners = new Map<Pod, Owner>();
  for (const { kind, name, pods: members } of workloads.all) for (const pod of members) owners.set(pod, { kind, name });
  const twins = new Map<Pod, Pod>();
  const added: Pod[] = [];
  for (const group of [...workloads.all.map((workload) => workload.pods), ...assumed.map((pod) => [pod])])
    for (const [index, pod] of group.entries()) {
      const next = group[(index + 1) % group.length] as Pod;
      const twin = next === pod ? { ...pod, addresses: [] } : next;
      twins.set(pod, twin);
      if (next !== pod) continue;
      added.push(twin);
      const owner = owners.get(pod);
      if (owner !== undefined) owners.set(twin, owner);
    }
  const namespaces = new Map(world.namespaces);
  for (const [name, labels] of described) namespaces.set(name, labels);
  for (const { namespace } of pods)
    if (!namespaces.has(namespace)) namespaces.set(namespace, new Map([[metadataNameLabel, namespace]]));
  return {
    world: { ...world, namespaces, pods: [...pods, ...added], podNetworks: podNetworks ?? privateNetworks },
    twins,
    owners,
  };
}
