import type { Labels } from '../kubernetes/labels.ts';
import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import type { OtherPolicyKind } from '../kubernetes/other-policies.ts';
import type { OtherWorkload } from '../kubernetes/other-workloads.ts';
import { type ObjectProblem, type ReadWorkload, readObject } from './objects.ts';
import type { OtherPolicy } from './other-policies.ts';
import type { Policy } from './rules.ts';
import { selects } from './selector.ts';
import { createServices, type Service } from './service.ts';
import { type Node, resolveNodes, type TieredPolicy } from './tiered-policy.ts';
import { guessOwner, keyOf, type Owner, ownersOf } from './workload.ts';
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
  /** The skipped objects of unknown kinds, except those that own what was read. */
  readonly unknown: readonly UnknownObject[];
  /** The policies of other kinds, which are not evaluated. */
  readonly otherPolicies: readonly OtherPolicy[];
  /** The kinds of such policies that the cluster has, but did not list. */
  readonly unlisted: readonly UnlistedKind[];
  /** The NetworkPolicies that were read and select no pod, not even one of an idle workload. */
  readonly idlePolicies: readonly Policy[];
}

/** An object that may have pods. */
export interface UnknownObject {
  /** `apiVersion Kind`. */
  readonly type: string;
  /** `namespace/name`. */
  readonly name: string;
}

/** A kind of policies that the API server did not list. */
export interface UnlistedKind {
  readonly kind: OtherPolicyKind;
  /** A clause. */
  readonly why: string;
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
  addUnlisted(unlisted: UnlistedKind): void;
  /** The labels of every namespace that is described, or that holds pods. */
  namespaces(): ReadonlyMap<string, Labels>;
  take(): Inventory;
}

/** `workloads` are the kinds of other projects that the configuration lists. */
export function createInventory(workloads: readonly OtherWorkload[] = []): InventoryTaker {
  const namespaces = new Map<string, Labels>();
  const policies = new Map<string, Policy>();
  const assumed = new Set<Policy>();
  const tiered = new Map<string, TieredPolicy>();
  const nodes = new Map<string, Node>();
  const pods = new Map<string, { readonly pod: Pod; readonly owner: Owner | undefined }>();
  const templates = new Map<string, ReadWorkload>();
  const unknown: (UnknownObject & { readonly key: string })[] = [];
  const otherPolicies: OtherPolicy[] = [];
  const unlisted: UnlistedKind[] = [];
  /** The owners of objects without pods of their own, such as a Revision of Knative. */
  const links = new Map<string, Owner>();
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

  function problemsOf(service: Service, place: string): readonly ObjectProblem[] {
    const problems: ObjectProblem[] = [];
    if (service.name === '') problems.push({ field: 'metadata.name', message: 'is missing' });
    else isSecond(`Service ${service.namespace}/${service.name}`, service, place, problems);
    return problems;
  }

  /** The labels of namespaces that hold pods but are not described. */
  function* undescribed(): Generator<string> {
    for (const { pod } of pods.values()) if (!namespaces.has(pod.namespace)) yield pod.namespace;
    for (const { namespace } of templates.values()) if (!namespaces.has(namespace)) yield namespace;
  }

  function namespacesOf(names: Iterable<string>): ReadonlyMap<string, Labels> {
    const known = new Map(namespaces);
    for (const name of names) known.set(name, new Map([[metadataNameLabel, name]]));
    return known;
  }

  return {
    add(object, place) {
      const service = services.add(object);
      if (service !== undefined) return service === 'slice' ? [] : problemsOf(service, place);
      const read = readObject(object, workloads);
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
          const name = keyOf(read.namespace, read.self);
          if (!isSecond(name, [read.pods, read.idle], place, problems)) templates.set(name, read);
          break;
        }
        case 'Other': {
          others.set(read.name, (others.get(read.name) ?? 0) + 1);
          const { policy, namespace, self, owner } = read;
          const key = keyOf(namespace, self);
          if (owner !== undefined) links.set(key, owner);
          if (policy !== undefined) {
            const name = `${self.kind} of ${policy.kind.group} ${namespace}/${self.name}`;
            if (!isSecond(name, policy.content, place, problems)) otherPolicies.push(policy);
          } else if (read.isUnknown) unknown.push({ type: read.name, name: `${namespace}/${self.name}`, key });
        }
      }
      return problems;
    },
    addMissing(more) {
      for (const policy of more) {
        const name = `${policy.namespace}/${policy.name}`;
        if (policies.has(name)) continue;
        policies.set(name, policy);
        assumed.add(policy);
      }
    },
    addUnlisted: (one) => void unlisted.push(one),
    namespaces: () => namespacesOf(undescribed()),
    take() {
      const podsByName = new Map<string, Pod>();
      const owners = new Map<Pod, Owner>();
      const staffed = new Set<string>();
      const owning = new Set<string>();
      for (const [name, { pod, owner }] of pods) {
        podsByName.set(name, pod);
        const chain = ownersOf(pod.namespace, owner, (key, next) => ownerAt(key) ?? guessOwner(next, pod.labels));
        for (const key of chain.map((one) => keyOf(pod.namespace, one))) {
          staffed.add(key);
          owning.add(key);
        }
        const outermost = chain.at(-1);
        if (outermost !== undefined) owners.set(pod, outermost);
      }
      const idlePods: Pod[] = [];
      for (const [name, { namespace, self, pods: made, owner, idle }] of templates) {
        const above = ownersOf(namespace, owner, ownerAt).map((one) => keyOf(namespace, one));
        for (const key of above) owning.add(key);
        // If a ReplicaSet's Deployment is here, the Deployment stands for both.
        if (staffed.has(name) || above.some((key) => templates.has(key))) continue;
        if (idle) {
          absent.set(name, 'has 0 replicas: no pods');
          idlePods.push(...made);
        } else
          for (const pod of made) {
            podsByName.set(`${namespace}/${pod.name}`, pod);
            owners.set(pod, self);
          }
      }
      const all = [...podsByName.values()];
      const missing = [...new Set(all.map(({ namespace }) => namespace))].filter((name) => !namespaces.has(name));
      const byNamespace = Map.groupBy([...all, ...idlePods], ({ namespace }) => namespace);
      return {
        world: {
          namespaces: namespacesOf(missing),
          pods: all,
          policies: [...policies.values()],
          ...(tiered.size === 0 ? {} : { tiered: resolveNodes([...tiered.values()], [...nodes.values()]) }),
        },
        podsByName,
        ownerOf: (pod) => owners.get(pod),
        absent,
        services: services.take(),
        undescribed: missing.toSorted((a, b) => (a < b ? -1 : 1)),
        others,
        unknown: unknown.filter(({ key }) => !owning.has(key)),
        otherPolicies,
        unlisted,
        idlePolicies: [...policies.values()].filter(
          (policy) =>
            !assumed.has(policy) &&
            byNamespace.get(policy.namespace)?.some(({ labels }) => selects(policy.podSelector, labels)) !== true,
        ),
      };

      function ownerAt(key: string): Owner | undefined {
        return templates.get(key)?.owner ?? links.get(key);
      }
    },
  };
}

function replaceMaps(_: string, value: unknown): unknown {
  if (value instanceof Map || value instanceof Set) return [...value];
  return typeof value === 'bigint' ? value.toString() : value;
}
