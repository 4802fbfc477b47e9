import type { Config } from '../config/config.ts';
import type { Finding, RuleText } from '../policy/check.ts';
import { checks } from '../policy/checks/index.ts';
import { labelAgreement } from '../policy/checks/label-agreement.ts';
import { labelValues } from '../policy/checks/label-values.ts';
import { requiredLabels } from '../policy/checks/required-labels.ts';
import { act } from '../policy/evaluate.ts';
import type { ModeChoice } from '../policy/mode.ts';
import type { Role, Taxonomy } from '../policy/taxonomy.ts';
import type { AuditIdentity } from '../telemetry/audit.ts';

/** A finding about something that a line does not decide. */
export function doubt(rule: RuleText, what: string, choice: ModeChoice, config: Config): Finding {
  const reason = `not decided: ${what}`;
  const finding = { check: rule.id, field: '', subject: '', found: undefined, reason, undecided: true } as const;
  return { ...finding, ...act(rule, {}, choice, false, config) };
}

/** Labels that the configuration names and the line does not have, because nobody asked then. */
export function unrecordedKeys({ labels, namespace }: AuditIdentity, { keys, required }: Taxonomy): readonly string[] {
  const asked = new Set([...keys.keys(), ...Object.values(required).flat()]);
  return [...asked].filter((key) => {
    if (!Object.hasOwn(labels, key)) return true;
    const agrees = keys.get(key)?.agrees === true;
    return agrees && namespace !== undefined && namespace !== null && !Object.hasOwn(namespace, key);
  });
}

/** A configuration whose taxonomy lacks some keys. */
export function withoutKeys(config: Config, left: readonly string[]): Config {
  if (left.length === 0) return config;
  const stays = (key: string) => !left.includes(key);
  const { keys, required } = config.taxonomy;
  return {
    ...config,
    taxonomy: {
      keys: new Map([...keys].filter(([key]) => stays(key))),
      required: {
        Namespace: required.Namespace.filter(stays),
        Pod: required.Pod.filter(stays),
        NetworkPolicy: required.NetworkPolicy.filter(stays),
      },
    },
  };
}

/** What the checks of labels may find about a label that the line does not have. */
export function doubtKey(key: string, role: Role, choice: ModeChoice, config: Config): readonly Finding[] {
  const { keys, required } = config.taxonomy;
  const asking = [
    ...(required[role].includes(key) ? [requiredLabels] : []),
    ...(keys.has(key) ? [labelValues] : []),
    ...(keys.get(key)?.agrees === true && role !== 'Namespace' ? [labelAgreement] : []),
  ];
  const what = `label ${key}; the line does not have it, because the configuration of then did not name it`;
  return asking.map((check) => ({
    ...doubt(check, what, choice, config),
    field: `metadata.labels.${key}`,
    subject: key,
  }));
}

/** What the checks of openings may find, if they judge by other rules. */
export function doubtOpenings(choice: ModeChoice, config: Config): readonly Finding[] {
  const what = 'what NetworkPolicies open; the rules were others then, and the line does not have the policy';
  return checks.filter((check) => 'judge' in check).map((check) => doubt(check, what, choice, config));
}
