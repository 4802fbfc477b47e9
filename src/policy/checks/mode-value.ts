// Rule: the mode label of a namespace is the name of a mode. Restricted field:
// metadata.labels["ringfence.dev/mode"]. Allowed: observe, warn, enforce, or absent.
import type { ObjectCheck } from '../check.ts';
import { isMode, modeLabel, modes } from '../mode.ts';
import { nearest } from '../spelling.ts';

export const modeValue: ObjectCheck = {
  id: 'mode-value',
  rule: 'The label `ringfence.dev/mode` of a Namespace is observe, warn or enforce.',
  remedy: 'Use one of the three modes, or remove the label to follow the cluster.',
  kinds: ['Namespace'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  run(subject) {
    const found = subject.labels.get(modeLabel);
    if (found === undefined || isMode(found)) return [];
    const near = nearest(found, modes);
    const reason = `"${found}" is not one of ${modes.join(', ')}${near === undefined ? '' : `; did you mean "${near}"?`}`;
    const field = `${subject.labelsField}.${modeLabel}`;
    return [
      {
        field,
        subject: modeLabel,
        found,
        reason,
        ...(near === undefined ? {} : { fix: { key: modeLabel, value: near } }),
      },
    ];
  },
};
