// Rule: namespaces are selected by labels that are governed: identity labels, Ringfence's own
// labels, or kubernetes.io/metadata.name, which Kubernetes itself sets.

import { metadataNameLabel } from '../../kubernetes/namespaces.ts';
import type { Selector } from '../../network/selector.ts';
import type { OpeningCheck, PolicyConfig } from '../check.ts';
import { fenceMark, modeLabel } from '../mode.ts';
import { shortField } from '../opening.ts';

export const ungovernedSelector: OpeningCheck = {
  id: 'ungoverned-selector',
  rule: 'A namespaceSelector uses only identity labels or `kubernetes.io/metadata.name`.',
  remedy: 'Select the namespace by kubernetes.io/metadata.name, or by identity labels.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'warn',
  judge(opened, _, config) {
    return opened.openings.flatMap(({ field, other }) => {
      const selector = other.kind === 'pods' ? other.peer.namespaceSelector : undefined;
      if (selector === undefined || isPinned(selector)) return [];
      return selector.requirements
        .filter(({ key }) => !isGoverned(key, config))
        .map(({ key, operator, values }) => {
          const [value] = values;
          const hint =
            key === 'name' && operator === 'In' && values.size === 1
              ? `${metadataNameLabel}: ${value}`
              : metadataNameLabel;
          const found = values.size === 0 ? key : `${key}=${[...values].slice(0, 3).join(',')}`;
          const reason = `nobody governs the namespace label "${key}"; select by ${hint}`;
          return { field: `${field}.namespaceSelector`, subject: shortField(field), found, reason };
        });
    });
  },
};

function isGoverned(key: string, { taxonomy }: PolicyConfig): boolean {
  return taxonomy.keys.has(key) || key === metadataNameLabel || key === fenceMark || key === modeLabel;
}

/**
 * Whether a selector names its namespaces. Then other requirements can only exclude some of them.
 */
function isPinned(selector: Selector): boolean {
  return selector.requirements.some(({ key, operator }) => key === metadataNameLabel && operator === 'In');
}
