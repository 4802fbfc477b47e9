// Rule: an object of a kind that the configuration lists under `workloads` has a pod template at
// the path that it gives. Without one nothing of it is judged, which must be said: its Pods may
// come from elsewhere (`workloadRef` of a Rollout), or the path may be wrong. Restricted field: the
// path. Allowed: an object there.

import type { ObjectCheck } from '../check.ts';

export const missingTemplate: ObjectCheck = {
  id: 'missing-template',
  rule: 'An object of a kind that the configuration lists under `workloads` has a pod template at the path given there.',
  remedy: 'Correct the path in the configuration, or look at the Pods, which are judged when they are created.',
  kinds: ['NoTemplate'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'warn',
  run({ judgedAs, labelsField }) {
    if (judgedAs !== 'NoTemplate') return [];
    const field = labelsField.slice(0, -'.metadata.labels'.length);
    return [
      {
        field,
        subject: 'template',
        found: undefined,
        reason: `not decided: there is none at ${field}, so only its Pods are judged`,
        undecided: true,
      },
    ];
  },
};
