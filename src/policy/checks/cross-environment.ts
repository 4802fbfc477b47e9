// Rule: a NetworkPolicy opens no flow from one `env` to another. Ingress: everything it lets in; egress: peers that name a taxonomy key.
import type { Check, Violation } from '../check.ts';
import { flowsOf, flowText, isJudgedByIdentity } from '../flows.ts';
import { narrowTo } from '../narrowing.ts';
import { isOpened, openedBy, shortField } from '../opened.ts';

const env = 'env';

export const crossEnvironment: Check = {
  id: 'cross-environment',
  rule: 'A NetworkPolicy lets no environment reach another.',
  remedy: "Name the namespace's own env in the peer.",
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  run(subject, config) {
    if (!config.taxonomy.keys.has(env)) return [];
    const opened = openedBy(subject, config);
    // What cannot be worked out is said once, by flow-matrix.
    if (!isOpened(opened)) return config.taxonomy.keys.has('tier') ? [] : opened.violations;
    return opened.openings.flatMap((opening): Violation[] => {
      if (!isJudgedByIdentity(opening, opened, config)) return [];
      const flows = flowsOf(opening, opened, env, config);
      const crossing = flows.filter(({ from, to }) => from !== to);
      if (crossing.length === 0) return [];
      const own = [...new Set(flows.map((flow) => (opening.direction === 'ingress' ? flow.to : flow.from)))];
      const fix =
        own.length === 1
          ? narrowTo(env, own, opening, subject, config)
          : `its own Pods may be ${own.join(', ')}, so select one env in podSelector`;
      const text = flowText(crossing);
      return [
        { field: opening.field, subject: shortField(opening.field), found: text, reason: `opens ${text}; ${fix}` },
      ];
    });
  },
};
