import type { Config } from '../config/config.ts';
import { rulesDigest } from '../config/rules-digest.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { fenceMark, modeLabel } from '../policy/mode.ts';
import type { Subject } from '../policy/subject.ts';
import { judgedKeys, type Role } from '../policy/taxonomy.ts';
import type { AuditIdentity } from '../telemetry/audit.ts';

/** A subject as the checks saw it; `before` is the old object of a ratcheted update. */
export interface Judged {
  readonly subject: Subject;
  readonly before: Subject | undefined;
}

/**
 * Returns what an audit line says about identity, so that the object can be judged again by another
 * vocabulary or mode: the labels whose keys the checks read, and no other label.
 */
export function identityOf({ subject, before }: Judged, config: Config): AuditIdentity {
  const { rules, keys, namespaceKeys } = vocabularyOf(config);
  const { facts, role, labels, labelsField } = subject;
  const own = keys[role];
  return {
    rules,
    labels: pick(labels, own),
    ...(before === undefined
      ? {}
      : {
          old: pick(
            before.labels,
            own.filter((key) => labels.get(key) !== before.labels.get(key)),
          ),
        }),
    ...(facts === undefined
      ? {}
      : facts.known
        ? { namespace: pick(facts.labels, namespaceKeys), fenced: facts.fenced }
        : { namespace: null }),
    ...(labelsField === 'metadata.labels' ? {} : { field: labelsField }),
    ...(config.inherit ? { inherit: true } : {}),
  };
}

/** The labels of these keys; null for a label that is not there. */
function pick(labels: Labels, keys: readonly string[]): Readonly<Record<string, string | null>> {
  // No key of a taxonomy is `__proto__`, which is no label key. Object.fromEntries takes four times
  // as long.
  const picked: Record<string, string | null> = {};
  for (const key of keys) picked[key] = labels.get(key) ?? null;
  return picked;
}

interface Vocabulary {
  readonly rules: string;
  readonly keys: Readonly<Record<Role, readonly string[]>>;
  readonly namespaceKeys: readonly string[];
}

const vocabularies = new WeakMap<Config['taxonomy'], Vocabulary>();

/** A configuration is frozen, so its vocabulary is worked out once. */
function vocabularyOf(config: Config): Vocabulary {
  const { taxonomy } = config;
  const known = vocabularies.get(taxonomy);
  if (known !== undefined) return known;
  const judged = judgedKeys(taxonomy);
  const keysOf = (role: Role) => [...new Set([...judged, ...taxonomy.required[role]])];
  const made: Vocabulary = {
    rules: rulesDigest(config),
    keys: {
      // The guard of a namespace judges its mode and its mark.
      Namespace: [...keysOf('Namespace'), modeLabel, fenceMark],
      Pod: keysOf('Pod'),
      NetworkPolicy: keysOf('NetworkPolicy'),
    },
    namespaceKeys: judged,
  };
  vocabularies.set(taxonomy, made);
  return made;
}
