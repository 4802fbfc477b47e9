import type { Range } from '../network/address.ts';
import { addressRanges } from '../network/classes.ts';
import type { Inventory, UnknownObject } from '../network/inventory.ts';
import type { OtherPolicy } from '../network/other-policies.ts';
import { formatRanges } from '../network/range-text.ts';
import { agree, countOf, listOf, pluralOf } from '../wording/number.ts';
import type { End } from './end.ts';
import { isDeciding, nameOf } from './unevaluated.ts';

/** What a reader of the answers should know about the world that they describe. */
export interface Note {
  readonly id:
    | 'configuration'
    | 'controller-assumed'
    | 'declared-unplaced'
    | 'files-passed-over'
    | 'half-objects'
    | 'kind-not-listed'
    | 'kustomization'
    | 'log-hole'
    | 'log-left-out'
    | 'log-lost'
    | 'log-malformed'
    | 'log-not-decided'
    | 'log-undecided'
    | 'log-window'
    | 'namespace-unknown'
    | 'not-discovered'
    | 'not-fenced'
    | 'not-judged'
    | 'not-listed'
    | 'objects-unreadable'
    | 'other-policies'
    | 'other-policies-differ'
    | 'pod-address-unknown'
    | 'pods-only'
    | 'selects-nothing'
    | 'templates-not-read'
    | 'unevaluated'
    | 'unknown-kinds'
    | 'unreadable';
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

/** What a world itself shows: facts that are missing, and objects that were not evaluated. */
export function notesOf(inventory: Inventory): readonly Note[] {
  const { undescribed, unlisted, unknown, idlePolicies, otherPolicies } = inventory;
  return [
    ...noteIf(undescribed, () => ({
      id: 'namespace-unknown',
      message: `no Namespace object for ${listOf(undescribed)}: assumed to have no label except its name`,
      overlooked: true,
      namespaces: undescribed,
    })),
    ...[...Map.groupBy(otherPolicies, ({ kind }) => kind).values()].flatMap(noteOtherPolicies),
    ...unlisted.map(
      ({ kind, why }): Note => ({
        id: 'not-listed',
        message: `${pluralOf(kind.kind)} of ${kind.group} may decide about traffic, and could not be listed: ${why}`,
        objects: [],
        overlooked: isDeciding(kind),
      }),
    ),
    ...noteUnknownKinds(unknown),
    ...noteNoObjects(inventory.others),
    ...noteIf(
      idlePolicies.map(({ namespace, name }) => `${namespace}/${name}`),
      (names) => ({
        id: 'selects-nothing',
        message:
          names.length === 1
            ? `NetworkPolicy ${listOf(names)} selects no Pod here`
            : `${names.length} NetworkPolicies select no Pod here: ${listOf(names)}`,
        overlooked: false,
        namespaces: [...new Set(idlePolicies.map(({ namespace }) => namespace))],
      }),
    ),
  ];
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
      message: `${pods.length === 1 ? 'the address of 1 Pod is' : `the addresses of ${pods.length} Pods are`} not known: assumed to be in ${formatRanges(networks)} (ringfence reach --pod-cidr names others, and so do assert, diff and plan)`,
      objects: pods.map(({ namespace, name }) => `${namespace}/${name}`),
      overlooked: false,
      namespaces: [],
    },
  ];
}

/**
 * The notes that concern a flow between these ends. Policies of other kinds are not among them: an
 * answer names those that could change it.
 */
export function notesAbout(notes: readonly Note[], ends: readonly End[]): readonly Note[] {
  const namespaces = ends.flatMap((end) => ('pod' in end ? [end.pod.namespace] : []));
  return notes.filter(
    (note) =>
      note.id !== 'other-policies' &&
      note.id !== 'not-listed' &&
      (note.namespaces?.some((name) => namespaces.includes(name)) ?? true),
  );
}

/** The policies of other kinds that are in one of two worlds only, or differ between them. */
export function compareOthers(before: Inventory, after: Inventory): readonly Note[] {
  const contents = ({ otherPolicies }: Inventory): ReadonlyMap<string, string> =>
    new Map(
      otherPolicies
        .filter(({ kind }) => isDeciding(kind))
        .map((policy) => [`${policy.kind.kind}.${policy.kind.group} ${nameOf(policy)}`, policy.content]),
    );
  const [old, now] = [contents(before), contents(after)];
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter((name) => old.get(name) !== now.get(name));
  return noteIf(changed, (names) => ({
    id: 'other-policies-differ',
    message: `policies that are not evaluated differ, so flows may differ that are not shown: ${listOf(names)}`,
    overlooked: true,
  }));
}

/** A note for each thing that could not be read, and that a person wants to do without. */
export function notesUnreadable(problems: readonly string[]): readonly Note[] {
  return problems.map((problem) => ({
    id: 'unreadable',
    message: `left out, because it cannot be read: ${problem}`,
    objects: [],
    overlooked: true,
  }));
}

/** A note about objects, if there are some. */
export function noteIf(
  objects: readonly string[],
  note: (objects: readonly string[]) => Omit<Note, 'objects'>,
): readonly Note[] {
  return objects.length === 0 ? [] : [{ ...note(objects), objects }];
}

function noteOtherPolicies(policies: readonly OtherPolicy[]): readonly Note[] {
  const [{ kind }] = policies as readonly [OtherPolicy];
  if (kind.effect === 'none') return [];
  const does = { decides: 'can allow or deny traffic', narrows: 'can deny traffic', redirects: 'can redirect traffic' };
  const scopes = policies.map(({ scope }) => scope);
  return noteIf(policies.map(nameOf).toSorted(), (names) => ({
    id: 'other-policies',
    message: `${countOf(names.length, kind.kind)} of ${kind.group} ${does[kind.effect as keyof typeof does]} and ${agree(
      names.length,
      'is',
      'are',
    )} not evaluated: ${listOf(names)}`,
    overlooked: isDeciding(kind),
    ...(scopes.every((scope) => scope !== undefined) ? { namespaces: [...new Set(scopes)] } : {}),
  }));
}

function noteUnknownKinds(unknown: readonly UnknownObject[]): readonly Note[] {
  const byType = [...Map.groupBy(unknown, ({ type }) => type)].map(([type, own]) => `${own.length} ${type}`);
  return noteIf(
    unknown.map(({ type, name }) => `${type} ${name}`),
    (objects) => ({
      id: 'unknown-kinds',
      message: `${countOf(objects.length, 'object')} of kinds that are not read, and may have Pods: ${listOf(byType)}`,
      overlooked: true,
      namespaces: [...new Set(unknown.map(({ name }) => name.slice(0, name.indexOf('/'))))],
    }),
  );
}

/**
 * An object with an apiVersion and no kind, or the reverse, may be a policy that lost a line. A
 * document with neither is no Kubernetes object.
 */
function noteNoObjects(others: Inventory['others']): readonly Note[] {
  const count = [...others].reduce((sum, [type, own]) => (/^ .|. $/.test(type) ? sum + own : sum), 0);
  if (count === 0) return [];
  const message = `${countOf(count, 'object')} with apiVersion or kind missing ${agree(count, 'is', 'are')} not read`;
  return [{ id: 'half-objects', message, objects: [], overlooked: true }];
}
