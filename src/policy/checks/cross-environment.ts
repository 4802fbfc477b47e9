// Rule: a NetworkPolicy opens no flow from one `env` to another. In ingress, all peers are judged;
// in egress, peers that name a taxonomy key.
import { causedByAnyone, causedByNamespace } from '../cause.ts';
import type { OpeningCheck } from '../check.ts';
import { flowParts, flowText, identityFlows } from '../flows.ts';
import { narrowTo, selectOne } from '../narrowing.ts';
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
        own.length === 1 ? narrowTo(env, own, opening, subject, config) : selectOne(env, own, subject, config);
      const found = flowText(crossing);
      const parts = flowParts(crossing);
      const reason = `opens ${found}; ${fix}`;
      const cause =
        causedByAnyone(opening, opened, subject) ??
        (own.length > 1 ? causedByNamespace(env, subject, config) : undefined);
      return [{ field: opening.field, subject: shortField(opening.field), found, parts, reason, cause }];
    });
  },
};
