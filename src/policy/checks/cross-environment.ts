// Rule: a NetworkPolicy opens no flow from one `env` to another. In ingress, all peers are judged;
// in egress, peers that name a taxonomy key.
import type { OpeningCheck } from '../check.ts';
import { flowParts, flowText, identityFlows } from '../flows.ts';
import { narrowTo } from '../narrowing.ts';
import { shortField } from '../opening.ts';

const env = 'env';

export const crossEnvironment: OpeningCheck = {
  id: 'cross-environment',
  rule: 'A NetworkPolicy lets no environment reach another.',
  remedy: "Name the namespace's own env in the peer.",
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  key: () => env,
  judge(opened, subject, config) {
    return identityFlows(opened, env, config).flatMap(({ opening, flows }) => {
      const crossing = flows.filter(({ from, to }) => from !== to);
      if (crossing.length === 0) return [];
      const own = [...new Set(flows.map((flow) => (opening.direction === 'ingress' ? flow.to : flow.from)))];
      const fix =
        own.length === 1
          ? narrowTo(env, own, opening, subject, config)
          : `its own Pods may be ${own.join(', ')}, so select one env in podSelector`;
      const found = flowText(crossing);
      const parts = flowParts(crossing);
      const reason = `opens ${found}; ${fix}`;
      return [{ field: opening.field, subject: shortField(opening.field), found, parts, reason }];
    });
  },
};
