import type { Address, Range } from '../network/address.ts';
import { privateNetworks } from '../network/blocks.ts';
import type { PodClass } from '../network/classes.ts';
import { createEvaluator, type Evaluator } from '../network/evaluator.ts';
import type { Inventory } from '../network/inventory.ts';
import { createMatrix, type Matrix } from '../network/matrix.ts';
import type { Service } from '../network/service.ts';
import type { Pod } from '../network/world.ts';
import { type Note, noteOfAddresses, notesOf } from './note.ts';
import { shorten } from './table.ts';
import { createOtherFinder, type OtherFinder } from './unevaluated.ts';

/** Answers questions about one world: one reading of files or of a cluster. */
export interface Desk {
  readonly inventory: Inventory;
  /** The namespace of ends that name none. Undefined if each end must name its own. */
  readonly namespace: string | undefined;
  readonly evaluator: Evaluator;
  /** The policies of other kinds that could change a verdict. */
  readonly others: OtherFinder;
  /** What every answer must say beside its verdicts. */
  readonly notes: readonly Note[];
  /** Created on first use, because a single question does not need it. */
  matrix(): Matrix;
  /** The Service that has this address of its own. */
  serviceAt(address: Address): Service | undefined;
  /** The pods of a workload, by `namespace/kind/name`, or of a namespace, by its name. */
  podsOf(group: string): readonly Pod[];
  /** Every name of these pods: each workload that is here with all its pods, or else each pod. */
  namesOf(pods: readonly Pod[]): readonly string[];
  /** The first few names of these pods, and how many more there are. */
  nameOf(pods: readonly Pod[]): string;
  /** The usual name of a class. */
  nameOfClass(one: PodClass): string;
}

/** What a desk assumes where the world and the questions are silent. */
export interface Assumptions {
  /** The networks of pods whose address is not known. The default is the private networks. */
  readonly podNetworks?: readonly Range[] | undefined;
  readonly namespace?: string | undefined;
}

/** `notes` are those of the reading, for example a list that may not be made. */
export function createDesk(
  inventory: Inventory,
  notes: readonly Note[] = [],
  { podNetworks = privateNetworks, namespace }: Assumptions = {},
): Desk {
  const evaluator = createEvaluator({ ...inventory.world, podNetworks });
  const groups = new Map<string, Pod[]>();
  for (const pod of inventory.world.pods) {
    for (const group of [pod.namespace, workloadName(pod)]) {
      const members = groups.get(group);
      if (members === undefined) groups.set(group, [pod]);
      else members.push(pod);
    }
  }
  let matrix: Matrix | undefined;
  let services: ReadonlyMap<string, Service> | undefined;
  const names = new Map<PodClass, string>();

  function workloadName(pod: Pod): string {
    const owner = inventory.ownerOf(pod);
    return owner === undefined ? `${pod.namespace}/${pod.name}` : `${pod.namespace}/${owner.kind}/${owner.name}`;
  }

  function namesOf(pods: readonly Pod[]): readonly string[] {
    return [...Map.groupBy(pods, workloadName)].flatMap(([name, members]) =>
      members.length === groups.get(name)?.length ? [name] : members.map((pod) => `${pod.namespace}/${pod.name}`),
    );
  }

  return {
    inventory,
    namespace,
    evaluator,
    others: createOtherFinder(inventory),
    notes: [...notes, ...notesOf(inventory), ...noteOfAddresses(inventory, podNetworks)],
    matrix() {
      matrix ??= createMatrix(evaluator.classes);
      return matrix;
    },
    serviceAt(address) {
      services ??= servicesByAddress(inventory);
      return services.get(keyOf(address));
    },
    podsOf: (group) => groups.get(group) ?? [],
    namesOf,
    nameOf: (pods) => shorten(namesOf(pods)),
    nameOfClass(one) {
      const name = names.get(one) ?? shorten(namesOf(one.pods));
      names.set(one, name);
      return name;
    },
  };
}

function servicesByAddress({ services }: Inventory): ReadonlyMap<string, Service> {
  return new Map(
    [...services.values()].flatMap((service) => service.addresses.map((one) => [keyOf(one), service] as const)),
  );
}

function keyOf({ family, value }: Address): string {
  return `${family} ${value}`;
}
