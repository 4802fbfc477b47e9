// Rule: a NetworkPolicy opens no flow between tiers that the matrix does not list. Ingress: everything it lets in is judged (a namespace label that nobody
// governs, a namespace that does not exist yet, or a private ipBlock that is no named peer may have any identity). Egress: peers that name a taxonomy key.
import type { PortRange } from '../../network/rules.ts';
import type { Check, PolicyConfig, Violation } from '../check.ts';
import { type Flow, flowsOf, flowText, isJudgedByIdentity, portText } from '../flows.ts';
import type { AllowedFlow } from '../network-config.ts';
import { isOpened, openedBy, shortField } from '../opened.ts';

const tier = 'tier';

export const flowMatrix: Check = {
  id: 'flow-matrix',
  rule: 'A NetworkPolicy opens no flow between tiers that the matrix does not allow.',
  remedy: 'Name a tier that may reach the selected Pods, in the peer or in the podSelector.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  run(subject, config) {
    if (!config.taxonomy.keys.has(tier)) return [];
    const opened = openedBy(subject, config);
    if (!isOpened(opened)) return [opened.violation];
    return opened.openings.flatMap((opening): Violation[] => {
      if (!isJudgedByIdentity(opening, opened, config)) return [];
      const flows = flowsOf(opening, opened, tier, config);
      const forbidden = flows.filter((flow) => !isAllowed(flow, opening.rule.ports, config.network.matrix));
      if (forbidden.length === 0) return [];
      const text = flowText(forbidden);
      return [
        {
          field: opening.field,
          subject: shortField(opening.field),
          found: text,
          reason: `opens ${text} on ${portText(opening.rule.ports)}; ${narrower(forbidden, flows, opening.direction, config)}`,
        },
      ];
    });
  },
};

function isAllowed(
  { from, to }: Flow,
  ports: readonly PortRange[] | undefined,
  matrix: readonly AllowedFlow[],
): boolean {
  const allowed = matrix.filter((flow) => flow.from === from && flow.to === to);
  return (
    allowed.some((flow) => flow.ports === undefined) ||
    (allowed.length > 0 && ports !== undefined && ports.every((range) => isPortAllowed(range, allowed)))
  );
}

function isPortAllowed({ protocol, port }: PortRange, allowed: readonly AllowedFlow[]): boolean {
  // A name may be any number on a Pod that does not exist yet.
  if (port === 'all' || 'name' in port) return false;
  return allowed.some((flow) =>
    flow.ports?.some((one) => one.protocol === protocol && one.first <= port.first && port.last <= one.last),
  );
}

/** The narrowest change that would pass: the peers that the matrix lets at the same pods. */
function narrower(
  forbidden: readonly Flow[],
  flows: readonly Flow[],
  direction: 'ingress' | 'egress',
  { network }: PolicyConfig,
): string {
  const fixed = direction === 'ingress' ? 'to' : 'from';
  const free = direction === 'ingress' ? 'from' : 'to';
  const ends = [...new Set(flows.map((flow) => flow[fixed]))];
  const names = [...new Set(network.matrix.map((flow) => flow[free]))].filter((name) =>
    ends.every((end) => network.matrix.some((flow) => flow[free] === name && flow[fixed] === end)),
  );
  const partner = `${ends.join(', ')} ${direction === 'ingress' ? 'may be reached by' : 'may reach'}`;
  if (names.length > 0) return `${partner} tier ${names.join(', ')}: name it in the peer`;
  const [first] = forbidden;
  return ends.length > 1
    ? `select Pods of one tier (podSelector), now ${ends.join(', ')}`
    : `nothing of another tier may pass here (${first?.from} -> ${first?.to})`;
}
