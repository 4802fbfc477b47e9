// The tables and examples of docs/checks.md.
import { exposingKinds } from '../src/kubernetes/exposing-kinds.ts';
import type { Check } from '../src/policy/check.ts';
import { exposedUnexpected } from '../src/policy/exposed-unexpected.ts';
import { guardRules, permissionRules } from '../src/policy/permissions.ts';
import type { JudgedAs } from '../src/policy/subject.ts';
import { renderExamples } from './check-examples.ts';
import { table } from './table.ts';

/** Renders every check, in the order of the ids, the permissions, and an example of each check. */
export function renderChecks(all: readonly Check[], read: (path: string) => string): string {
  const rows = all.map((check) => [
    linkTo(check.id),
    check.rule,
    check.remedy,
    describeKinds(check.kinds),
    check.operations.join(', '),
    `\`${check.cap}\``,
  ]);
  const { id, rule, remedy, cap } = exposedUnexpected;
  const kinds = exposingKinds.map(({ kind }) => kind).join(', ');
  rows.push([linkTo(id), rule, remedy, kinds, 'CREATE, UPDATE, if raised', `\`${cap}\``]);
  rows.sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const guards = [...Object.values(permissionRules), ...Object.values(guardRules)].map((rule) => [
    `\`${rule.id}\``,
    rule.rule,
    rule.remedy,
    Object.hasOwn(guardRules, rule.id) ? 'none: refused in every mode' : `\`${rule.cap}\``,
  ]);
  return [
    table(['check', 'rule', 'what to do', 'kinds', 'operations', 'cap'], rows),
    '## Permissions',
    'Some actions need a permission. At admission only, Ringfence asks Kubernetes for it by SubjectAccessReview: [security.md](security.md). These findings are judged by the mode before the request.',
    table(['check', 'rule', 'what to do', 'cap'], guards),
    '## Examples',
    'For each check a bad object with the answer that it gets in a namespace that enforces, and a good one. The tests judge them all. Another check may add its lines to the answer. No check has anything to say of the good ones. The namespace is `shop`, and the configuration is the default.',
    renderExamples(read),
  ].join('\n\n');
}

/** A link to the example of a check. */
function linkTo(id: string): string {
  return `[\`${id}\`](#${id})`;
}

function describeKinds(kinds: readonly JudgedAs[]): string {
  if (kinds.includes('NoTemplate')) return 'workloads of the configuration';
  return [...kinds, ...(kinds.includes('Pod') ? ['workloads'] : [])].join(', ');
}
