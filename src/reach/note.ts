import type { Range } from '../network/address.ts';
import { addressRanges } from '../network/classes.ts';
import type { Inventory } from '../network/inventory.ts';
import { formatRanges } from '../network/range-text.ts';
import type { End } from './end.ts';

/** What a reader of the answers should know about the world that they describe. */
export interface Note {
  readonly id:
    | 'namespace-unknown'
    | 'other-policies'
    | 'pod-address-unknown'
    | 'controller-assumed'
    | 'kind-not-listed';
  /** One sentence without its full stop. */
  readonly message: string;
  /** All objects that it is about, by name: `shop`, `shop/web`. */
  readonly objects: readonly string[];
  /**
   * Whether something was overlooked, so that answers may be wrong. `--strict` then fails the run.
   */
  readonly overlooked: boolean;
  /** The namespaces whose flows it concerns. Undefined means every flow. */
  readonly namespaces?: readonly string[];
}

/** What a world itself shows: facts that are missing, and objects that were not read. */
export function notesOf({ undescribed, others }: Inventory): readonly Note[] {
  const notes: Note[] = [];
  if (undescribed.length > 0)
    notes.push({
      id: 'namespace-unknown',
      message: `no Namespace object for ${listOf(undescribed)}: assumed to have no label except its name`,
      objects: undescribed,
      overlooked: true,
      namespaces: undescribed,
    });
  for (const [type, count] of others)
    if (decidesToo(type))
      notes.push({
        id: 'other-policies',
        message: `${count} of ${type} not read, although it also decides about traffic`,
        objects: [],
        overlooked: true,
      });
  return notes;
}

/**
 * What was assumed about pods whose address is not known, if policies have ipBlocks. The reasons of
 * an answer say whether it mattered, so the note concerns no single flow.
 */
export function noteOfAddresses({ world }: Inventory, networks: readonly Range[]): readonly Note[] {
  const pods = world.pods.filter(({ addresses, hostNetwork }) => addresses.length === 0 && !hostNetwork);
  const hasBlocks = world.policies.some((policy) => addressRanges([...policy.ingress, ...policy.egress]).length > 0);
  if (pods.length === 0 || !hasBlocks) return [];
  return [
    {
      id: 'pod-address-unknown',
      message: `${pods.length === 1 ? 'the address of 1 Pod is' : `the addresses of ${pods.length} Pods are`} not known: assumed to be in ${formatRanges(networks)} (--pod-cidr)`,
      objects: pods.map(({ namespace, name }) => `${namespace}/${name}`),
      overlooked: false,
      namespaces: [],
    },
  ];
}

/** The notes that concern a flow between these ends. */
export function notesAbout(notes: readonly Note[], ends: readonly End[]): readonly Note[] {
  const namespaces = ends.flatMap((end) => ('pod' in end ? [end.pod.namespace] : []));
  return notes.filter((note) => note.namespaces?.some((name) => namespaces.includes(name)) ?? true);
}

/** Whether objects of this type are policies of another kind, which also decide about traffic. */
function decidesToo(type: string): boolean {
  const [group = '', kind = ''] = type.split(' ');
  return (
    /policy/i.test(kind) &&
    /^(cilium\.io|crd\.projectcalico\.org|projectcalico\.org|policy\.networking\.k8s\.io|extensions)\//.test(group)
  );
}

/** A reader takes in no more names than this on one line. */
const namesShown = 5;

function listOf(names: readonly string[]): string {
  const rest = names.length - namesShown;
  return names.slice(0, namesShown).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
