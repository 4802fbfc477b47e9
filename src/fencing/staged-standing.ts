import { isSameSpec } from '../baseline/equality.ts';
import { isReservedName } from '../baseline/names.ts';
import { own } from '../kubernetes/raw-object.ts';
import { apiCode } from '../retry/answer.ts';
import { networkPolicyKind } from './locations.ts';
import type { FencingPorts, StoredObject } from './ports.ts';
import { type Journal, Stop, said } from './report.ts';
import { findStaged, removeStaged, ruleSpec } from './staged.ts';

/** What Ringfence has staged in a namespace that is about to be fenced. */
export interface StagedPolicies {
  /** Those that a fence makes real, and those that somebody has applied as NetworkPolicies. */
  readonly real: readonly StoredObject[];
  /** The others, a line each: what they allow is not allowed by a fence. */
  readonly only: readonly string[];
  /** What is not known of it, as messages for a person. */
  readonly unknown: readonly string[];
}

/** Reads what is staged in a namespace, and which of it exists as a NetworkPolicy. */
export async function lookAtStaged(
  namespace: string,
  ports: Pick<FencingPorts, 'objects' | 'progress'>,
): Promise<StagedPolicies> {
  const { staged, unknown } = await findStaged(ports, namespace);
  if (staged.length === 0) return { real: [], only: [], unknown };
  const specs = await specsOf(namespace, ports);
  const real: StoredObject[] = [];
  const only: string[] = [];
  for (const object of staged) {
    const { name = '' } = object.metadata;
    if (isReservedName(name)) real.push(object);
    else if (typeof specs === 'string')
      only.push(`${name}: whether there is such a NetworkPolicy is not known: ${specs}`);
    else if (!specs.has(name)) only.push(`${name}: there is no such NetworkPolicy`);
    else if (isSameSpec(specs.get(name), ruleSpec(object))) real.push(object);
    else only.push(`${name}: the NetworkPolicy of this name is another one`);
  }
  const isUncompared = typeof specs === 'string' && only.length > 0;
  return {
    real,
    only,
    unknown: isUncompared ? [`these stay staged:\n${only.map((line) => `  ${line}`).join('\n')}`] : [],
  };
}

/** The specifications of the NetworkPolicies of a namespace by name, or why they are not known. */
async function specsOf(
  namespace: string,
  { objects }: Pick<FencingPorts, 'objects'>,
): Promise<ReadonlyMap<string | undefined, unknown> | string> {
  try {
    const policies = (await objects.list({ ...networkPolicyKind, namespace })) ?? [];
    return new Map(policies.map((policy) => [policy.metadata.name, own(policy, 'spec')]));
  } catch (error) {
    if (apiCode(error) === undefined) throw error;
    return said(error);
  }
}

/**
 * Throws {@link Stop} while a planned policy is only staged, unless cuts are accepted. Returns what
 * a person should know before the fence. The policies belong to the team and to Git, so a fence
 * does not make them.
 */
export function weighStaged(
  { only, unknown }: StagedPolicies,
  namespace: string,
  isAccepted: boolean,
): readonly string[] {
  if (only.length === 0) return unknown;
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

/**
 * Removes what has become real. The namespace is fenced already, so what cannot be removed does not
 * fail the command: the returned messages name it, and what is not known.
 */
export async function clearStaged(
  { real, unknown }: StagedPolicies,
  ports: Pick<FencingPorts, 'objects' | 'progress'>,
  journal: Journal,
): Promise<readonly string[]> {
  return [...unknown, ...(await removeStaged(real, ports, journal))];
}
