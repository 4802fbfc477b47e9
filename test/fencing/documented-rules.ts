import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** rbac.authorization.k8s.io/v1 PolicyRule. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** The rules that docs/fencing.md has a person be granted, word for word. */
export function documentedRules(): readonly Rule[] {
  const page = readFileSync('docs/fencing.md', 'utf8');
  const [, block = ''] = /```yaml\n(rules:.*?)```/s.exec(page) ?? [];
  return (parse(block) as { rules: readonly Rule[] }).rules;
}
