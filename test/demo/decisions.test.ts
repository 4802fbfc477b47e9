import { describe, expect, it } from 'vitest';
import type { Decision } from './decisions.ts';
import { decisionsIn, judgeDecisions, tabulate } from './decisions.ts';
import type { Scene } from './scene.ts';

const denied: Decision = {
  time: '2026-01-02T03:04:05.678Z',
  operation: 'CREATE',
  resource: 'pods',
  namespace: 'shop',
  name: 'web',
  user: 'developer',
  decision: 'denied',
  dryRun: false,
  findings: [{ check: 'required-labels' }, { check: 'required-labels' }, { check: 'label-values' }],
};
const allowed: Decision = { ...denied, decision: 'allowed', findings: [] };
const refusal: Scene = {
  title: '',
  steps: [{ as: 'developer', kubectl: [], expect: { answer: 'refused', says: [], shows: '' } }],
};

describe('the decisions of a log', () => {
  it('are found among its other lines, without dry runs', () => {
    const message = { msg: 'admission decision' };
    const lines = [{ msg: 'serving' }, { ...denied, ...message }, { ...denied, ...message, dryRun: true }, {}];
    expect(decisionsIn(lines)).toEqual([{ ...denied, ...message }]);
  });

  it('become one row each, every check named once', () => {
    const [, row] = tabulate([denied]).split('\n');
    expect(row?.split(/ {2,}/)).toEqual([
      '03:04:05',
      'denied',
      'CREATE',
      'pods',
      'shop/web',
      'required-labels,label-values',
      'developer',
    ]);
  });

  it.each([
    ['a refusal that the log has', [denied, allowed], 0],
    ['a refusal that the log lacks', [allowed], 1],
    ['a refusal too many', [denied, denied], 1],
    ['a refusal of a controller', [{ ...denied, user: 'system:serviceaccount:kube-system:replicaset-controller' }], 1],
    ['a defect', [denied, { ...allowed, decision: 'errored' }], 1],
  ])('are judged: %s', (_, decisions, problems) => {
    expect(judgeDecisions(decisions, [refusal])).toHaveLength(problems);
  });
});
