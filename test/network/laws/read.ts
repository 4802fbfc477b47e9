import { type Law, tabulate } from '../engine.ts';

const peer = (value: unknown): unknown => ({ ingress: [{ from: [value] }] });
const port = (value: unknown): unknown => ({ ingress: [{ ports: [value] }] });
const selector = (value: unknown): unknown => ({ podSelector: value });

/**
 * The problems of a specification that the API server would not store, by field. Without a problem
 * it is read.
 */
export const problemLaws: readonly Law[] = tabulate<unknown>(
  'a specification',
  (engine, spec) => {
    const read = engine.readPolicy(spec, { namespace: 'x', name: 'p' });
    return 'problems' in read ? read.problems.map(({ field }) => field) : [];
  },
  [
    ['that is missing selects every pod', undefined, []],
    ['that is a list', [], ['spec']],
    ['with a field that does not exist', { podselector: {} }, ['spec.podselector']],
    ['with a policyType that does not exist', { policyTypes: ['ingress'] }, ['spec.policyTypes[0]']],
    ['with rules that are no list', { ingress: {} }, ['spec.ingress']],
    ['with a rule that is null, which is an empty one', { ingress: [null] }, []],
    ['with `to` in an ingress rule', { ingress: [{ to: [] }] }, ['spec.ingress[0].to']],
    ['with an empty peer', peer({}), ['spec.ingress[0].from[0]']],
    [
      'with an ipBlock beside a selector',
      peer({ ipBlock: { cidr: '::/0' }, podSelector: {} }),
      ['spec.ingress[0].from[0]'],
    ],
    ['with an ipBlock without cidr', peer({ ipBlock: {} }), ['spec.ingress[0].from[0].ipBlock.cidr']],
    [
      'with a cidr that is an address',
      peer({ ipBlock: { cidr: '10.0.0.1' } }),
      ['spec.ingress[0].from[0].ipBlock.cidr'],
    ],
    [
      'with an exception that is none',
      peer({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', 'ten'] } }),
      ['spec.ingress[0].from[0].ipBlock.except[1]'],
    ],
    ['with a protocol that does not exist', port({ protocol: 'ICMP' }), ['spec.ingress[0].ports[0].protocol']],
    ['with the protocol in small letters', port({ protocol: 'tcp', port: 1 }), ['spec.ingress[0].ports[0].protocol']],
    ['with port 0', port({ port: 0 }), ['spec.ingress[0].ports[0].port']],
    ['with port 65535', port({ port: 65535 }), []],
    ['with port 65536', port({ port: 65536 }), ['spec.ingress[0].ports[0].port']],
    ['with half a port', port({ port: 80.5 }), ['spec.ingress[0].ports[0].port']],
    ['with a number in quotes as its port', port({ port: '80' }), ['spec.ingress[0].ports[0].port']],
    ['with a port name', port({ port: 'http-2' }), []],
    ['with a port name in capitals', port({ port: 'HTTP' }), ['spec.ingress[0].ports[0].port']],
    ['with a port name of 16 characters', port({ port: 'a234567890123456' }), ['spec.ingress[0].ports[0].port']],
    ['with an endPort alone', port({ endPort: 80 }), ['spec.ingress[0].ports[0].endPort']],
    ['with an endPort beside a name', port({ port: 'http', endPort: 80 }), ['spec.ingress[0].ports[0].endPort']],
    ['with an endPort below its port', port({ port: 80, endPort: 79 }), ['spec.ingress[0].ports[0].endPort']],
    ['with an endPort above 65535', port({ port: 80, endPort: 65536 }), ['spec.ingress[0].ports[0].endPort']],
    ['with labels that are a list', selector({ matchLabels: [] }), ['spec.podSelector.matchLabels']],
    ['with a label that is a number', selector({ matchLabels: { k: 1 } }), ['spec.podSelector.matchLabels.k']],
    ['with labels that are null', selector({ matchLabels: null }), []],
    [
      'with an operator that does not exist',
      selector({ matchExpressions: [{ key: 'k', operator: 'Is', values: ['a'] }] }),
      ['spec.podSelector.matchExpressions[0].operator'],
    ],
    [
      'with In and no values',
      selector({ matchExpressions: [{ key: 'k', operator: 'In' }] }),
      ['spec.podSelector.matchExpressions[0].values'],
    ],
    [
      'with NotIn and no values',
      selector({ matchExpressions: [{ key: 'k', operator: 'NotIn', values: [] }] }),
      ['spec.podSelector.matchExpressions[0].values'],
    ],
    [
      'with Exists and values',
      selector({ matchExpressions: [{ key: 'k', operator: 'Exists', values: ['a'] }] }),
      ['spec.podSelector.matchExpressions[0].values'],
    ],
    [
      'with a requirement that has no key',
      selector({ matchExpressions: [{ operator: 'Exists' }] }),
      ['spec.podSelector.matchExpressions[0].key'],
    ],
    [
      'with two faults has both of them named',
      { policyTypes: ['Both'], egress: [{ ports: [{ port: -1 }] }] },
      ['spec.policyTypes[0]', 'spec.egress[0].ports[0].port'],
    ],
    [
      'with more entries than can be judged is not worked through',
      { ingress: Array.from({ length: 200_001 }, () => ({})) },
      ['spec'],
    ],
  ],
);
