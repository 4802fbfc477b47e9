// Rule: no NetworkPolicy allows the outside to reach a Pod that may be labelled internal="true". No
// Pod is both internal and exposed (internal-expose), so a selector of exposed Pods passes.
import { holds } from '../../network/values.ts';
import { causedByAnyone } from '../cause.ts';
import type { OpeningCheck } from '../check.ts';
import { isExposed, shortField } from '../opening.ts';

export const internalExposed: OpeningCheck = {
  id: 'internal-exposed',
  rule: 'No NetworkPolicy could open a Pod labelled `internal: "true"` to the outside.',
  remedy: 'Select expose: "true" in spec.podSelector, because exposed Pods are never internal.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  judge(opened, subject) {
    const mayBeInternal = opened.own.some((identity) => {
      const internal = identity.values.get('internal');
      return internal !== undefined && holds(internal, 'true');
    });
    if (!mayBeInternal || isExposed(opened.own)) return [];
    return opened.openings
      .filter((opening) => opening.direction === 'ingress' && opening.isOutside)
      .map((opening) => ({
        field: opening.field,
        subject: shortField(opening.field),
        found: 'outside',
        reason: 'lets the outside reach internal="true" Pods; Pods of expose: "true" are never internal',
        cause: causedByAnyone(opening, opened, subject),
      }));
  },
};
