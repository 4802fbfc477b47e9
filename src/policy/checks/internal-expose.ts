// Rule: an internal object is never exposed. Restricted fields: metadata.labels.internal,
// metadata.labels.expose. Allowed: not both "true".

import type { ObjectCheck } from '../check.ts';

export const internalExpose: ObjectCheck = {
  id: 'internal-expose',
  rule: 'No object is both `internal: "true"` and `expose: "true"`.',
  remedy: 'Decide whether the outside may reach it (expose) or not (internal).',
  kinds: ['Namespace', 'Pod', 'NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  run(subject) {
    if (subject.labels.get('internal') !== 'true' || subject.labels.get('expose') !== 'true') return [];
    return [
      {
        field: `${subject.labelsField}.expose`,
        subject: 'expose',
        found: 'true',
        reason: '"true" contradicts internal="true": what is internal is never exposed',
        fix: { key: 'expose', value: 'false' },
      },
    ];
  },
};
