import type { Labels } from '../kubernetes/labels.ts';
import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import { type ObjectProblem, readObject } from './objects.ts';
import type { Policy } from './rules.ts';
import { createServices, type Service } from './service.ts';
import { type Node, resolveNodes, type TieredPolicy } from './tiered-policy.ts';
import { guessOwner, type Owner } from './workload.ts';
import type { Pod, World } from './world.ts';

/** A world, and the names that people use for its pods and workloads. */
export interface Inventory {
  readonly world: World;
  /** By `namespace/name`. A pod that is known only from a template is `namespace/kind/name`. */
  readonly podsByName: ReadonlyMap<string, Pod>;
  /** The workload of a pod: its outermost known owner. */
  ownerOf(pod: Pod): Owner | undefined;
  /**
   * Why a pod or workload that was read is not in the world. The key is `namespace/name` or
   * `namespace/kind/name`.
   */
  readonly absent: ReadonlyMap<string, string>;
  /** By `namespace/name`. */
  readonly services: ReadonlyMap<string, Service>;
  /** Namespaces that hold pods but were not among the objects, so only their names are known. */
  readonly undescribed: readonly string[];
  /** How many objects were skipped, by `apiVersion Kind`. */
  readonly others: ReadonlyMap<string, number>;
}

/** Takes objects one by one, in any order, and keeps only what affects their traffic. */
export interface InventoryTaker {
  /**
   * Returns the problems of an object that cannot be read; such an object is left out. `place` is
   * reported if a second object has the same name.
   */
  add(object: unknown, place: string): readonly ObjectProblem[];
  /** Adds each of these policies, unless its namespace already has one of that name. */
  addMissing(policies: readonly Policy[]): void;
  namespaces(): ReadonlyMap<string, Labels>;
  take(): Inventory;
}

export function createInventory(): InventoryTaker {
  const namespaces = new Map<string, Labels>();
  const policies = new Map<string, Policy>();
  const tiered = new Map<string, TieredPolicy>();
  const nodes = new Map<string, Node>();
  const pods = new Map<string, { readonly pod: Pod; readonly owner: Owner | undefined }>();
  const workloads = new Map<string, { self: Owner; pod: Pod; owner: Owner | undefined; idle: boolean }>();
  const absent = new Map<string, string>();
  const others = new Map<string, number>();
  const services = createServices();
  const seen = new Map<string, { readonly said: unknown; readonly place: string }>();

  /**
   * Two files may contain the same object. If the two differ, it is unknown which one is in effect.
   */
  function isSecond(name: string, said: unknown, place: string, problems: ObjectProblem[]): boolean {
    const first = seen.get(name);
    if (first === undefined) seen.set(name, { said, place });
    else if (JSON.stringify(first.said, replaceMaps) !== JSON.stringify(said, replaceMaps))
      problems.push({ field: 'metadata.name', message: `${name} is also in ${first.place}, and differs` });
    return first !== undefined;
  }

  return {
    add(object, place) {
      if (services.add(object)) return [];
      const read = readObject(object);
      if ('problems' in read) return read.problems;
      const problems: ObjectProblem[] = [];
      switch (read.kind) {
        case 'Namespace':
          if (!isSecond(`Namespace ${read.name}`, read.labels, place, problems)) namespaces.set(read.name, read.labels);
          break;
        case 'Policy': {
          const name = `${read.policy.namespace}/${read.policy.name}`;
          if (!isSecond(`NetworkPolicy ${name}`, read.policy, place, problems)) policies.set(name, read.policy);
          break;
        }
        case 'Tiered': {
          const name = `${read.policy.kind} ${read.policy.name}`;
          if (!isSecond(name, read.policy, place, problems)) tiered.set(name, read.policy);
          break;
        }
        case 'Node':
          if (!isSecond(`Node ${read.name}`, read.node, place, problems)) nodes.set(read.name, read.node);
          break;
        case 'Pod': {
          const name = `${read.pod.namespace}/${read.pod.name}`;
          if (isSecond(`Pod ${name}`, read.pod, place, problems)) break;
          if (read.finished) absent.set(name, 'has finished: it sends and receives nothing');
          else pods.set(name, read);
          break;
        }
        case 'Workload': {
          const name = `${read.pod.namespace}/${read.self.kind}/${read.self.name}`;
          if (!isSecond(name, [read.pod, read.idle], place, problems)) workloads.set(name, read);
          break;
        }
        case 'Other':
          others.set(read.name, (others.get(read.name) ?? 0) + 1);
      }
      return problems;
    },
    addMissing(more) {
      for (const policy of more) {
        const name = `${policy.namespace}/${policy.name}`;
        if (!policies.has(name)) policies.set(name, policy);
      }
    },
    namespaces: () => namespaces,
    take() {
      const podsByName = new Map<string, Pod>();
      const owners = new Map<Pod, Owner>();
      const staffed = new Set<string>();
      for (const [name, { pod, owner }] of pods) {
        podsByName.set(name, pod);
        const chain = ownersOf(pod, owner, workloads);
        for (const one of chain) staffed.add(`${pod.namespace}/${one.kind}/${one.name}`);
        const outermost = chain.at(-1);
        if (outermost !== undefined) owners.set(pod, outermost);
      }
      for (const [name, { self, pod, owner, idle }] of workloads) {
        // If a ReplicaSet's Deployment is here, the Deployment stands for both.
        const isOwned = owner !== undefined && workloads.has(`${pod.namespace}/${owner.kind}/${owner.name}`);
        if (staffed.has(name) || isOwned) continue;
        if (idle) absent.set(name, 'has 0 replicas: no pods');
        else {
          podsByName.set(name, pod);
          owners.set(pod, self);
        }
      }
      const all = [...podsByName.values()];
      const undescribed = [...new Set(all.map(({ namespace }) => namespace))].filter((name) => !namespaces.has(name));
      const known = new Map(namespaces);
      for (const name of undescribed) known.set(name, new Map([[metadataNameLabel, name]]));
      return {
        world: {
          namespaces: known,
          pods: all,
          policies: [...policies.values()],
          ...(tiered.size === 0 ? {} : { tiered: resolveNodes([...tiered.values()], [...nodes.values()]) }),
        },
        podsByName,
        ownerOf: (pod) => owners.get(pod),
        absent,
        services: services.take(),
        undescribed: undescribed.toSorted((a, b) => (a < b ? -1 : 1)),
        others,
      };
    },
  };
}

/** The nearest owner comes first. */
function ownersOf(
  pod: Pod,
  owner: Owner | undefined,
  workloads: ReadonlyMap<string, { readonly owner: Owner | undefined }>,
): readonly Owner[] {
  const chain: Owner[] = [];
  // Kubernetes has two levels of owners. The cap ends a circle of references.
  for (let next = owner; next !== undefined && chain.length < 4; ) {
    chain.push(next);
    next =
      workloads.get(`${pod.namespace}/${next.kind}/${next.name}`)?.owner ??
      guessOwner(next, pod.labels.get('pod-template-hash'));
  }
  return chain;
}

function replaceMaps(_: string, value: unknown): unknown {
  if (value instanceof Map || value instanceof Set) return [...value];
  return typeof value === 'bigint' ? value.toString() : value;
}
