import { isSameSpec } from '../baseline/equality.ts';
import { isReservedName } from '../baseline/names.ts';
import { own } from '../kubernetes/raw-object.ts';
import { networkPolicyKind } from './locations.ts';
import type { FencingPorts, StoredObject } from './ports.ts';
import { isRefusal, type Journal, Stop, said } from './report.ts';
import { listStaged, removeStaged, ruleSpec } from './staged.ts';

/** What Ringfence has staged in a namespace that is about to be fenced. */
export interface StagedPolicies {
  /** Those that a fence makes real, and those that somebody has applied as NetworkPolicies. */
  readonly real: readonly StoredObject[];
  /** The others, a line each: what they allow is not allowed by a fence. */
  readonly only: readonly string[];
}

/** Reads what is staged in a namespace, and which of it exists as a NetworkPolicy. */
export async function lookAtStaged(
  namespace: string,
  ports: Pick<FencingPorts, 'objects' | 'progress'>,
): Promise<StagedPolicies> {
  const staged = await listStaged(ports, namespace);
  if (staged.length === 0) return { real: [], only: [] };
  const policies = (await ports.objects.list({ ...networkPolicyKind, namespace })) ?? [];
  const specs = new Map(policies.map((policy) => [policy.metadata.name, own(policy, 'spec')]));
  const real: StoredObject[] = [];
  const only: string[] = [];
  for (const object of staged) {
    const { name = '' } = object.metadata;
    const isThere = specs.has(name);
    if (isReservedName(name) || (isThere && isSameSpec(specs.get(name), ruleSpec(object)))) real.push(object);
    else
      only.push(
        `${name}: ${isThere ? 'the NetworkPolicy of this name is another one' : 'there is no such NetworkPolicy'}`,
      );
  }
  return { real, only: only };
}

/**
 * Throws {@link Stop} while a planned policy is only staged, unless cuts are accepted. Returns what
 * a person should know before the fence. The policies belong to the team and to Git, so a fence
 * does not make them.
 */
export function weighStaged({ only }: StagedPolicies, namespace: string, isAccepted: boolean): readonly string[] {
  if (only.length === 0) return [];
  const head =
    only.length === 1
      ? 'a planned policy is only staged, and what it allows is not allowed yet:'
      : `${only.length} planned policies are only staged, and what they allow is not allowed yet:`;
  const what = [head, ...only.map((line) => `  ${line}`)].join('\n');
  if (isAccepted) return [what];
  throw new Stop(
    'refused',
    [
      `nothing was changed: ${what}`,
      `Apply it first, from the folder of ringfence plan --write: kubectl apply -f FOLDER/${namespace}. To fence all the same: --accept-cuts`,
    ].join('\n'),
  );
}

/** Removes what has become real. Who may not do that has fenced the namespace all the same. */
export async function clearStaged(
  { real }: StagedPolicies,
  { objects, progress }: Pick<FencingPorts, 'objects' | 'progress'>,
  journal: Journal,
): Promise<void> {
  try {
    for (const step of await removeStaged(real, objects)) journal.write(step);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    progress(`what is staged stays, and decides nothing: ${said(error)}`);
  }
}
