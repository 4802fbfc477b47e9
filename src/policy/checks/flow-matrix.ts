// Rule: a NetworkPolicy opens no flow between tiers that the matrix does not list. In ingress, all
// peers are judged. A peer may have any identity if it is selected by a namespace label that nobody
// governs, if its namespace does not exist yet, or if it is a private ipBlock that is not a named
// peer. In egress, peers that name a taxonomy key are judged.
import type { PortRange } from '../../network/rules.ts';
import { causedByAnyone, causedByNamespace } from '../cause.ts';
import type { OpeningCheck, PolicyConfig } from '../check.ts';
import { type Flow, flowParts, flowText, identityFlows, portText } from '../flows.ts';
import { narrowTo, selectOne } from '../narrowing.ts';
import type { AllowedFlow, AllowedPort } from '../network-config.ts';
import { type JudgedOpening, shortField } from '../opening.ts';
import type { Subject } from '../subject.ts';

export const flowMatrix: OpeningCheck = {
  id: 'flow-matrix',
  rule: 'A NetworkPolicy opens no flow between tiers (or the values of `flowKey`) that the matrix does not allow.',
  remedy: 'Name a tier that may reach the selected Pods, in the peer or in the podSelector.',
  kinds: ['NetworkPolicy'],
  operations: ['CREATE', 'UPDATE'],
  cap: 'enforce',
  key: ({ network }) => network.flowKey,
  reportsDoubt: true,
  judge(opened, subject, config) {
    const { flowKey } = config.network;
    return identityFlows(opened, flowKey, config).flatMap(({ opening, flows }) => {
      const { ports } = opening.rule;
      const forbidden = flows.filter((flow) => !isAllowed(flow, ports, config.network.matrix));
      if (forbidden.length === 0) return [];
      const found = flowText(forbidden);
      const fix = narrower(forbidden, flows, opening, subject, config);
      const reason = `opens ${found} on ${portText(ports)}; ${fix}`;
      const parts = flowParts(forbidden);
      const isOpen = endsOf(flows, opening).length > 1;
      const cause =
        causedByAnyone(opening, opened, subject) ?? (isOpen ? causedByNamespace(flowKey, subject, config) : undefined);
      return [{ field: opening.field, subject: shortField(opening.field), found, parts, reason, cause }];
    });
  },
};

function isAllowed(
  { from, to }: Flow,
  ports: readonly PortRange[] | undefined,
  matrix: readonly AllowedFlow[],
): boolean {
  const isSame = (flow: AllowedFlow): boolean => flow.from === from && flow.to === to;
  // Most flows of a matrix allow every port, so this is checked first.
  if (matrix.some((flow) => flow.ports === undefined && isSame(flow))) return true;
  const allowed = ports === undefined ? [] : matrix.filter(isSame);
  return allowed.length > 0 && ports?.every((range) => isPortAllowed(range, allowed)) === true;
}

function isPortAllowed({ protocol, port }: PortRange, allowed: readonly AllowedFlow[]): boolean {
  // A named port may have any number on a Pod that does not exist yet.
  if (port === 'all' || 'name' in port) return false;
  return allowed.some((flow) =>
    flow.ports?.some((one) => one.protocol === protocol && one.first <= port.first && port.last <= one.last),
  );
}

/**
 * Describes the narrowest change that would pass: the ports that the matrix allows for the same
 * tiers, or the tiers that it allows for the same Pods.
 */
function narrower(
  forbidden: readonly Flow[],
  flows: readonly Flow[],
  opening: JudgedOpening,
  subject: Subject,
  config: PolicyConfig,
): string {
  const { matrix, flowKey } = config.network;
  const onPorts = forbidden.map((flow) => matrix.filter(({ from, to }) => flow.from === from && flow.to === to));
  if (onPorts.every((allowed) => allowed.length > 0)) {
    const ports = onPorts[0]?.flatMap((flow) => flow.ports ?? []).map(allowedPortText) ?? [];
    return `${forbidden[0]?.from} -> ${forbidden[0]?.to} may use ${ports.join(', ')} only`;
  }
  const isIngress = opening.direction === 'ingress';
  const ends = endsOf(flows, opening);
  const partners = [...new Set(matrix.map((flow) => (isIngress ? flow.from : flow.to)))].filter((name) =>
    ends.every((end) =>
      matrix.some(({ from, to }) => (isIngress ? from === name && to === end : to === name && from === end)),
    ),
  );
  if (partners.length > 0) return narrowTo(flowKey, partners, opening, subject, config);
  return ends.length > 1
    ? selectOne(flowKey, ends, subject, config)
    : `no ${flowKey} may ${isIngress ? 'reach' : 'be reached by'} ${ends[0]}, so remove it`;
}

/** Returns the values that the selected Pods may have. */
function endsOf(flows: readonly Flow[], { direction }: JudgedOpening): readonly string[] {
  return [...new Set(flows.map((flow) => (direction === 'ingress' ? flow.to : flow.from)))];
}

function allowedPortText({ protocol, first, last }: AllowedPort): string {
  return first === last ? `${protocol}/${first}` : `${protocol}/${first}-${last}`;
}
