import { baselineParts } from '../baseline/desired.ts';
import { isSameSpec } from '../baseline/equality.ts';
import type { Config } from '../config/config.ts';
import type { NetworkPolicy } from '../kubernetes/network-policy.ts';
import type { Finding } from '../policy/check.ts';
import { actionOf } from '../policy/evaluate.ts';
import { fenceMark, replaceMark } from '../policy/mode.ts';
import type { Subject } from '../policy/subject.ts';
import { modeBefore } from './namespace-guard.ts';

export interface MarkGuardPorts {
  /** Reads a NetworkPolicy live; undefined if it does not exist. Throws if the read fails. */
  readonly readNetworkPolicy: (namespace: string, name: string) => Promise<NetworkPolicy | undefined>;
}

/**
 * Guards a user's NetworkPolicies that have names of the baseline. With the mark, the baseline
 * would replace them and their content would be lost. Therefore the mark is refused in every mode,
 * unless its value allows the replacement. Doubt refuses only in enforce. It costs two live reads,
 * only when an existing namespace gets the mark.
 * @param before the old namespace; undefined at creation, when the namespace is empty
 */
export async function guardMark(
  now: Subject,
  before: Subject | undefined,
  { readNetworkPolicy }: MarkGuardPorts,
  config: Config,
): Promise<readonly Finding[]> {
  if (before === undefined || before.labels.has(fenceMark)) return [];
  const value = now.labels.get(fenceMark);
  if (value === undefined || value === replaceMark) return [];
  const finding = {
    check: 'baseline-guard',
    field: `${now.labelsField}.${fenceMark}`,
    subject: fenceMark,
    found: value,
    because: 'guard',
  } as const;
  const found = baselineParts(config).map(async ({ name, spec }): Promise<readonly Finding[]> => {
    try {
      const policy = await readNetworkPolicy(now.name, name);
      if (policy === undefined || isSameSpec(policy.spec, spec)) return [];
      const reason = `NetworkPolicy ${name} exists with another specification, which would be lost; rename it, or run: ringfence fence ${now.name} --replace`;
      return [{ ...finding, reason, action: 'deny' }];
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      const reason = `not decided: whether NetworkPolicy ${name} would be replaced: ${said}`;
      return [{ ...finding, reason, undecided: true, action: actionOf(modeBefore(before, config).mode) }];
    }
  });
  return (await Promise.all(found)).flat();
}
