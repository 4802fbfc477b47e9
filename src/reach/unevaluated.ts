import type { Effect, OtherPolicyKind } from '../kubernetes/other-policies.ts';
import type { Answer } from '../network/evaluator.ts';
import type { Inventory } from '../network/inventory.ts';
import { type OtherPolicy, selectsPod } from '../network/other-policies.ts';
import type { Direction } from '../network/rules.ts';
import type { Pod } from '../network/world.ts';
import { agree, countOf, pluralOf } from '../wording/number.ts';

/** Policies of one other kind that select an end of a flow and are not evaluated. */
export interface Unevaluated {
  /** The end that they select. */
  readonly name: string;
  /** Egress at the source of a flow, ingress at its destination. */
  readonly direction: Direction;
  /** As kubectl writes it: `CiliumNetworkPolicy.cilium.io`. */
  readonly kind: string;
  /** `namespace/name`, or `name` for the whole cluster. Empty if they could not be listed. */
  readonly policies: readonly string[];
  /** `maybe`: the form of a selector is not known, or the policies could not be listed. */
  readonly selects: 'yes' | 'maybe';
  /** `narrows`: they can only deny what NetworkPolicies allow. */
  readonly effect: Effect;
}

/** An end of a flow, by its name. An address has no pods. */
export interface NamedEnd {
  readonly name: string;
  readonly pods: readonly Pod[];
}

export interface FlowEnds {
  readonly from: NamedEnd;
  readonly to: NamedEnd;
}

/** Finds the policies of other kinds at the ends of flows. */
export interface OtherFinder {
  /** Whether there is nothing to find anywhere. */
  readonly isEmpty: boolean;
  /** The policies that select some of the pods. `isOutside`: the other end is an address. */
  at(end: NamedEnd, direction: Direction, isOutside: boolean): readonly Unevaluated[];
}

/** Policies of a kind that could not be listed may select every pod. */
export function createOtherFinder({ world, otherPolicies, unlisted }: Inventory): OtherFinder {
  const policies = [...otherPolicies, ...unlisted.map(({ kind }) => unknownPolicy(kind))].filter(({ kind }) =>
    isDeciding(kind),
  );
  const byScope = Map.groupBy(policies, ({ scope }) => scope ?? '');
  const known = new Map<Pod, ReadonlyMap<OtherPolicy, 'yes' | 'maybe'>>();

  function selecting(pod: Pod): ReadonlyMap<OtherPolicy, 'yes' | 'maybe'> {
    const found = known.get(pod);
    if (found !== undefined) return found;
    const labels = world.namespaces.get(pod.namespace) ?? new Map<string, string>();
    const selected = new Map<OtherPolicy, 'yes' | 'maybe'>();
    for (const policy of [...(byScope.get('') ?? []), ...(byScope.get(pod.namespace) ?? [])]) {
      const answer = selectsPod(policy, pod, labels);
      if (answer !== 'no') selected.set(policy, answer);
    }
    known.set(pod, selected);
    return selected;
  }

  return {
    isEmpty: policies.length === 0,
    at({ name, pods }, direction, isOutside) {
      if (policies.length === 0) return [];
      const found = pods
        .filter(({ hostNetwork }) => !hostNetwork)
        .flatMap((pod) => [...selecting(pod)].map(([policy, selects]) => ({ policy, selects })))
        .filter(({ policy: { directions } }) => directions.includes(direction))
        .filter(({ policy: { kind } }) => isOutside || kind.isOutside !== true);
      const groups = Map.groupBy(found, ({ policy: { kind }, selects }) => `${kind.kind}.${kind.group} ${selects}`);
      return [...groups.values()].map((members): Unevaluated => {
        const [{ policy, selects }] = members as [(typeof members)[number]];
        const { kind, group, effect } = policy.kind;
        const policies = [...new Set(members.map((one) => one.policy))];
        const isAll = members.length === policies.length * pods.length;
        return {
          name: isAll ? name : `some of ${name}`,
          direction,
          kind: `${kind}.${group}`,
          policies: policies.map(nameOf).filter((one) => one !== ''),
          selects,
          effect,
        };
      });
    },
  };
}

/** Whether some answer between these ends could be changed. */
export function mayChange(ends: FlowEnds, finder: OtherFinder): boolean {
  return atBoth(ends, finder).some((found) => found.length > 0);
}

/**
 * The policies of other kinds that could change an answer. What NetworkPolicies allow, each can
 * deny. What they deny, only policies that can allow it may change, at every end that denies it.
 */
export function findUnevaluated(
  { from, to }: FlowEnds,
  answer: Pick<Answer, 'verdict' | 'because' | 'egress' | 'ingress'>,
  finder: OtherFinder,
): readonly Unevaluated[] {
  if (finder.isEmpty || answer.because !== undefined) return [];
  const ends = { from, to };
  if (answer.verdict !== 'denied') return atBoth(ends, finder).flat();
  const closed = { egress: answer.egress?.verdict === 'denied', ingress: answer.ingress?.verdict === 'denied' };
  return findOpening(ends, closed, finder);
}

/**
 * The policies of other kinds that could open a denied flow. Each end that is closed by itself
 * needs one.
 */
export function findOpening(
  ends: FlowEnds,
  closed: Readonly<Record<Direction, boolean>>,
  finder: OtherFinder,
): readonly Unevaluated[] {
  const [egress, ingress] = atBoth(ends, finder).map((found) => found.filter(({ effect }) => effect === 'decides'));
  if (egress === undefined || ingress === undefined) return [];
  if ((closed.egress && egress.length === 0) || (closed.ingress && ingress.length === 0)) return [];
  return closed.egress === closed.ingress ? [...egress, ...ingress] : closed.egress ? egress : ingress;
}

function atBoth({ from, to }: FlowEnds, finder: OtherFinder): readonly (readonly Unevaluated[])[] {
  return [finder.at(from, 'egress', to.pods.length === 0), finder.at(to, 'ingress', from.pods.length === 0)];
}

/** `2 CiliumNetworkPolicies (shop/a, shop/b) select shop/web and are not evaluated`. */
export function sayUnevaluated({ name, kind, policies, selects, effect }: Unevaluated): string {
  const [short = ''] = kind.split('.');
  if (policies.length === 0) return `${pluralOf(short)} could not be listed, and may select ${name}`;
  const count = policies.length;
  const rest = count - namesShown;
  const names = policies.slice(0, namesShown).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
  const what = countOf(count, short);
  const verb = selects === 'maybe' ? 'may select' : agree(count, 'selects', 'select');
  const limit = effect === 'narrows' ? ', which can only deny' : '';
  return `${what} (${names}) ${verb} ${name} and ${agree(count, 'is', 'are')} not evaluated${limit}`;
}

/** Whether objects of a kind can change a verdict. */
export function isDeciding({ effect }: OtherPolicyKind): boolean {
  return effect === 'decides' || effect === 'narrows';
}

/** A reader takes in no more names than this in one sentence. */
const namesShown = 4;

function unknownPolicy(kind: OtherPolicyKind): OtherPolicy {
  const directions: readonly Direction[] = kind.direction === undefined ? ['ingress', 'egress'] : [kind.direction];
  return { kind, namespace: undefined, name: '', directions, scope: undefined, subjects: undefined, content: '' };
}

/** `namespace/name`, or `name` for a policy of the whole cluster. */
export function nameOf({ namespace, name }: OtherPolicy): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
