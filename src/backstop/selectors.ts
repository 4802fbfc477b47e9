import type { Config } from '../config/config.ts';
import { type Expression, list, text } from '../kubernetes/cel.ts';
import { isAllowed } from './cel.ts';
import { noFaults } from './faults.ts';

/**
 * The values of taxonomy keys that the selectors of a NetworkPolicy name and the vocabulary does not have, as a CEL list of strings: of its own
 * podSelector, and of the peers in the directions that it isolates (the API server has filled in `policyTypes`).
 */
export function strangeSelectors(id: string, { taxonomy }: Config): Expression {
  const keys = [...taxonomy.keys.values()];
  if (keys.length === 0) return noFaults;
  const names = list(keys.map(({ key }) => key));
  const judge = (key: Expression, value: Expression) =>
    keys.map((one) => `${key} == ${text(one.key)} ? ${isAllowed(one, value)} :`).join(' ');
  const isKnown = (key: Expression, value: Expression) => `(${judge(key, value)} true)`;
  const spec = 'dyn(object).?spec';
  const rules = (direction: string, field: string) =>
    `("${direction}" in ${spec}.?policyTypes.orValue([]) ? ${spec}.?${field}.orValue([]) : [])`;
  // What a specification names is judged as new where the specification changes.
  return [
    '(request.kind.kind == "NetworkPolicy" && (oldObject == null || dyn(object).?spec != dyn(oldObject).?spec) ?',
    `([dyn({"from": [{"podSelector": ${spec}.?podSelector.orValue({})}]})] + ${rules('Ingress', 'ingress')} + ${rules('Egress', 'egress')})`,
    '  .map(rule, (rule.?from.orValue([]) + rule.?to.orValue([]))',
    '    .map(peer, [peer.?namespaceSelector.orValue({}), peer.?podSelector.orValue({})]',
    '      .map(selector, (',
    `        ${names}.filter(key, key in selector.?matchLabels.orValue({}) && !${isKnown('key', 'selector.matchLabels[key]')})`,
    '          .map(key, key + "=" + selector.matchLabels[key]) +',
    `        selector.?matchExpressions.orValue([]).filter(one, one.key in ${names})`,
    `          .map(one, one.?values.orValue([]).filter(value, !${isKnown('one.key', 'value')}).map(value, one.key + "=" + value).join(", "))`,
    '          .filter(found, found != "")',
    '      ).join(", ")).filter(found, found != "").join(", ")',
    '    ).filter(found, found != "").join(", ")',
    '  ).filter(found, found != "")',
    `  .map(found, "a selector names " + found + ", which the taxonomy does not have [${id}]")`,
    ': [])',
  ].join('\n');
}
