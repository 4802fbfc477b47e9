import type { Labels } from '../kubernetes/labels.ts';
import type { OtherWorkload } from '../kubernetes/other-workloads.ts';
import { podTemplatesOf, typeOf } from '../kubernetes/pod-templates.ts';
import { controllerIn, own, recordOf, textAt, valueAt } from '../kubernetes/raw-object.ts';
import type { Inventory } from '../network/inventory.ts';
import { readObject } from '../network/objects.ts';
import { Reader } from '../network/reader.ts';
import { type Selector, selects } from '../network/selector.ts';
import { type Owner, ownerKind } from '../network/workload.ts';
import type { Pod } from '../network/world.ts';
import { workloadNamedBy } from './pod-names.ts';

/** A workload of the manifests, and what a policy can say about its Pods. */
export interface Workload {
  readonly namespace: string;
  /** In lower case, as kubectl writes it. */
  readonly kind: string;
  readonly name: string;
  /** The labels of its pod template or, without one, those that all its Pods have. */
  readonly labels: Labels;
  /** `spec.selector.matchLabels`; undefined for a workload without a selector, such as a Job. */
  readonly matchLabels: Labels | undefined;
  /** Its Pods in the world. If there are none, the Pod that its template makes. */
  readonly pods: readonly Pod[];
  readonly ports: Pod['ports'];
}

/** What a log says about a Pod. */
export interface SeenPod {
  readonly namespace: string;
  readonly name: string | undefined;
  readonly labels: Labels | undefined;
  readonly workload: Owner | undefined;
}

/** The workloads of a world. */
export interface Workloads {
  readonly all: readonly Workload[];
  in(namespace: string): readonly Workload[];
  /** The workload of a Pod of the world. */
  of(pod: Pod): Workload | undefined;
  /** The workload that a Pod of a log belongs to. */
  find(seen: SeenPod): Workload | undefined;
}

/** A pod template in the manifests. */
interface Template {
  readonly namespace: string;
  readonly self: Owner;
  readonly owner: Owner | undefined;
  readonly pod: Pod;
  readonly matchLabels: Labels | undefined;
  readonly selector: Selector | undefined;
}

/** Takes the objects of a world, and keeps the workloads. */
export interface WorkloadTaker {
  add(object: unknown, namespace: string): void;
  take(inventory: Inventory): Workloads;
}

export function createWorkloads(others: readonly OtherWorkload[] = []): WorkloadTaker {
  const templates = new Map<string, Template>();
  return {
    add(object, namespace) {
      const read = podTemplatesOf(object, others).length === 0 ? undefined : readObject(object, others);
      if (read === undefined || 'problems' in read || read.kind !== 'Workload') return;
      const [pod] = read.pods;
      if (pod === undefined) return;
      const { matchLabels, selector } = readSelector(object);
      templates.set(keyOf(namespace, read.self), {
        namespace,
        self: read.self,
        owner: controllerOf(object),
        pod,
        matchLabels,
        selector,
      });
    },
    take: (inventory) => index(templates, inventory),
  };
}

function index(templates: ReadonlyMap<string, Template>, inventory: Inventory): Workloads {
  const named = Map.groupBy(
    [...templates.values()].map(({ namespace, self }) => ({ namespace, ...self })),
    ({ namespace }) => namespace,
  );

  /** The owner of a Pod. A ReplicaSet that is not here may be of a Deployment that is. */
  function ownerOf(pod: Pod): Owner | undefined {
    const owner = inventory.ownerOf(pod);
    if (owner === undefined || templates.has(keyOf(pod.namespace, owner))) return owner;
    return workloadNamedBy(owner.name, named.get(pod.namespace) ?? [], owner.kind) ?? owner;
  }

  const podsByOwner = Map.groupBy(inventory.world.pods, (pod) => {
    const owner = ownerOf(pod);
    return owner === undefined ? '' : keyOf(pod.namespace, owner);
  });
  const workloads = new Map<string, Workload>();
  const byNamespace = new Map<string, Workload[]>();
  const selectors = new Map<Workload, Selector>();
  const keep = (key: string, workload: Workload): void => {
    workloads.set(key, workload);
    const there = byNamespace.get(workload.namespace);
    if (there === undefined) byNamespace.set(workload.namespace, [workload]);
    else there.push(workload);
  };
  for (const [key, { namespace, self, owner, pod, matchLabels, selector }] of templates) {
    // A ReplicaSet whose Deployment is here, and a Job of a CronJob, are that one's.
    if (owner !== undefined && templates.has(keyOf(namespace, owner))) continue;
    const pods = podsByOwner.get(key) ?? [pod];
    const workload = { namespace, ...self, labels: pod.labels, matchLabels, pods, ports: portsOf([pod, ...pods]) };
    keep(key, workload);
    if (selector !== undefined) selectors.set(workload, selector);
  }
  // Pods say who owns them, also where the owner is not among the objects.
  for (const [key, pods] of podsByOwner) {
    const [first] = pods;
    const owner = first && ownerOf(first);
    if (owner === undefined || workloads.has(key)) continue;
    const { namespace } = first as Pod;
    const labels = commonLabels(pods);
    keep(key, {
      namespace,
      kind: owner.kind,
      name: owner.name,
      labels,
      matchLabels: undefined,
      pods,
      ports: portsOf(pods),
    });
  }

  function inNamespace(namespace: string): readonly Workload[] {
    return byNamespace.get(namespace) ?? [];
  }

  function of(pod: Pod): Workload | undefined {
    const owner = ownerOf(pod);
    return owner === undefined ? undefined : workloads.get(keyOf(pod.namespace, owner));
  }

  /** The workloads whose selector selects the labels. Those with more labels are told apart. */
  function byLabels(namespace: string, labels: Labels): readonly Workload[] {
    return inNamespace(namespace).filter((workload) => {
      const selector = selectors.get(workload);
      if (selector !== undefined && selector.requirements.length > 0) return selects(selector, labels);
      return workload.matchLabels === undefined && workload.labels.size > 0 && isPartOf(workload.labels, labels);
    });
  }

  return {
    all: [...workloads.values()],
    in: inNamespace,
    of,
    find({ namespace, name, labels, workload: said }) {
      const pod = name === undefined ? undefined : inventory.podsByName.get(`${namespace}/${name}`);
      const ofPod = pod && of(pod);
      if (ofPod !== undefined) return ofPod;
      const candidates = inNamespace(namespace);
      const named =
        said === undefined
          ? undefined
          : (workloads.get(keyOf(namespace, { ...said, kind: said.kind.toLowerCase() })) ??
            workloadNamedBy(said.name, candidates, said.kind));
      if (named !== undefined) return named;
      // A bare Pod of the manifests is of no workload, whatever its labels are.
      if (pod !== undefined) return undefined;
      const selecting = labels === undefined ? [] : byLabels(namespace, labels);
      if (selecting.length === 1) return selecting[0];
      const among = selecting.length > 1 ? selecting : candidates;
      const byName = name === undefined ? undefined : workloadNamedBy(name, among);
      if (byName !== undefined && (selecting.length > 1 || !contradicts(byName, labels, selectors))) return byName;
      return mostSpecific(selecting);
    },
  };
}

/**
 * Whether labels of a log show that a Pod is not of a workload. A log may leave labels out, so only
 * another value counts.
 */
function contradicts(
  workload: Workload,
  labels: Labels | undefined,
  selectors: ReadonlyMap<Workload, Selector>,
): boolean {
  const requirements = selectors.get(workload)?.requirements ?? [];
  return requirements.some(({ key, operator, values }) => {
    const value = labels?.get(key);
    return value !== undefined && operator === 'In' && !values.has(value);
  });
}

/** Of workloads that all select a Pod, the one that asks for the most labels. */
function mostSpecific(workloads: readonly Workload[]): Workload | undefined {
  const asked = ({ matchLabels, labels }: Workload): number => (matchLabels ?? labels).size;
  const most = Math.max(0, ...workloads.map(asked));
  const best = workloads.filter((workload) => asked(workload) === most);
  return best.length === 1 ? best[0] : undefined;
}

function isPartOf(part: Labels, whole: Labels): boolean {
  return [...part].every(([key, value]) => whole.get(key) === value);
}

/** `spec.selector`: a LabelSelector, or the plain labels of a ReplicationController. */
function readSelector(object: unknown): {
  readonly matchLabels: Labels | undefined;
  readonly selector: Selector | undefined;
} {
  const raw = valueAt(object, 'spec', 'selector');
  const isPlain = typeOf(object).kind === 'ReplicationController';
  const reader = new Reader();
  const selector = reader.selector(isPlain ? { matchLabels: raw } : raw, 'spec.selector');
  if (selector === undefined || reader.problems.length > 0) return { matchLabels: undefined, selector: undefined };
  const written = Object.entries(recordOf(isPlain ? raw : own(raw, 'matchLabels')));
  return { matchLabels: new Map(written.map(([key, value]) => [key, String(value)])), selector };
}

function controllerOf(object: unknown): Owner | undefined {
  const reference = controllerIn(valueAt(object, 'metadata', 'ownerReferences'));
  const [kind, name] = [textAt(reference, 'kind'), textAt(reference, 'name')];
  if (kind === undefined || name === undefined) return undefined;
  const { group } = typeOf({ apiVersion: textAt(reference, 'apiVersion') ?? '', kind });
  return { kind: ownerKind({ group, kind }), name };
}

function portsOf(pods: readonly Pod[]): Pod['ports'] {
  const ports = new Map(pods.flatMap((pod) => pod.ports.map((port) => [JSON.stringify(port), port] as const)));
  return [...ports.values()];
}

function commonLabels(pods: readonly Pod[]): Labels {
  const [first, ...others] = pods;
  return new Map(
    [...(first?.labels ?? [])].filter(([key, value]) => others.every((pod) => pod.labels.get(key) === value)),
  );
}

function keyOf(namespace: string, { kind, name }: Owner): string {
  return `${namespace}/${kind}/${name}`;
}
