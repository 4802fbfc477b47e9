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
  /**
   * A NetworkPolicy, live; undefined where there is none. Throws where it cannot be told.
   */
  readonly readNetworkPolicy: (namespace: string, name: string) => Promise<NetworkPolicy | undefined>;
}

/**
 * Guards what a user owns under a name of the baseline. The mark would have the baseline replace
 * it, and nothing would keep it. So the mark is refused in every mode, unless its value says that
 * this is meant. Two live reads, only where an existing namespace gets the mark. Doubt refuses in
 * enforce alone.
 * @param before the namespace as it was; undefined at creation, when nothing can be in it
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
