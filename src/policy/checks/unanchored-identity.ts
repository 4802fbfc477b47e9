// Rule: the namespace of a Pod or pod template has the identity labels that must agree. If it lacks
// one, anyone who may create Pods there can claim any value. Restricted field: metadata.labels.
// Allowed: keys with `agrees` only if the namespace has them too. If the namespace is not known,
// label-agreement reports that about the same labels.

import { agree } from '../../wording/number.ts';
import type { ObjectCheck } from '../check.ts';

export const unanchoredIdentity: ObjectCheck = {
  id: 'unanchored-identity',
  rule: 'The namespace of a Pod has every identity label of the Pod that must agree with it.',
  remedy: 'Label the namespace. Whoever may relabel it needs `relabel` and `claim`.',
  kinds: ['Pod'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'warn',
  run({ facts, labels, labelsField, namespace }, { taxonomy }) {
    if (facts?.known !== true) return [];
    const said = facts.labels;
    const loose = [...taxonomy.keys.values()].filter(({ key, agrees }) => agrees && labels.has(key) && !said.has(key));
    if (loose.length === 0) return [];
    const keys = loose.map(({ key }) => key);
    const subject = agree(keys.length, 'label');
    const reason = `${keys.join(', ')} ${agree(keys.length, 'is', 'are')} not on its namespace; anyone there may claim any; label namespace ${namespace}`;
    const found = keys.map((key) => `${key}=${labels.get(key)}`).join(' ');
    const cause = { subject, reason, namespace: namespace ?? '' };
    return [{ field: labelsField, subject, found, reason, cause }];
  },
};
