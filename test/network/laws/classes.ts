import { type Law, tabulate } from '../engine.ts';
import { build, flowLaw, type PodSketch, type PolicySketch } from '../worlds.ts';

/** The classes of Pods: Pods that no selector, port name or block of the policies distinguishes. */
export const classLaws: readonly Law[] = [
  ...tabulate<readonly [Readonly<Record<string, PodSketch>>, readonly PolicySketch[]]>(
    'classes',
    (engine, [pods, policies]) => {
      const { evaluator } = build(engine, { namespaces: { x: {}, y: {} }, pods, policies });
      return evaluator.classes.all.map(({ pods: members }) =>
        members.map(({ namespace, name }) => `${namespace}/${name}`).join(' '),
      );
    },
    [
      [
        'hold pods that nobody asks about',
        [{ 'x/a': { labels: { k: 'a' } }, 'x/b': { labels: { k: 'b' } } }, []],
        ['x/a x/b'],
      ],
      ['are apart by namespace', [{ 'x/a': {}, 'y/a': {} }, []], ['x/a', 'y/a']],
      [
        'are apart by a label that a podSelector asks for, of a policy anywhere',
        [
          {
            'x/a': { labels: { k: 'a' } },
            'x/b': { labels: { k: 'b', j: '1' } },
            'x/c': { labels: { k: 'b', j: '2' } },
          },
          [{ namespace: 'y', podSelector: { matchLabels: { k: 'a' } } }],
        ],
        ['x/a', 'x/b x/c'],
      ],
      [
        'are apart by a label that a peer asks for',
        [
          { 'x/a': { labels: { k: 'a' } }, 'x/b': {} },
          [{ podSelector: {}, ingress: [{ from: [{ podSelector: { matchLabels: { k: 'a' } } }] }] }],
        ],
        ['x/a', 'x/b'],
      ],
      [
        'tell a label that is empty from one that is absent',
        [
          { 'x/a': { labels: { k: '' } }, 'x/b': {} },
          [{ podSelector: { matchExpressions: [{ key: 'k', operator: 'Exists' }] } }],
        ],
        ['x/a', 'x/b'],
      ],
      [
        'are apart by what a port name means, where a policy names it',
        [
          {
            'x/a': { ports: ['http:80/TCP', 'other:1/TCP'] },
            'x/b': { ports: ['http:81/TCP'] },
            'x/c': { ports: ['http:80/TCP', 'other:2/TCP'] },
          },
          [{ podSelector: {}, ingress: [{ ports: [{ port: 'http' }] }] }],
        ],
        ['x/a x/c', 'x/b'],
      ],
      [
        'are apart by the blocks that hold their addresses, to the last address',
        [
          {
            'x/a': { ips: ['10.0.0.3'] },
            'x/b': { ips: ['10.0.0.4'] },
            'x/c': { ips: ['10.0.0.7'] },
            'x/d': { ips: ['10.0.0.8'] },
            'x/e': { ips: ['10.0.0.2'] },
            'x/f': {},
          },
          [{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.4/30' } }] }] }],
        ],
        ['x/a x/e', 'x/b x/c', 'x/d', 'x/f'],
      ],
      [
        'are apart by exceptions too',
        [
          { 'x/a': { ips: ['10.0.0.3'] }, 'x/b': { ips: ['10.9.0.3'] } },
          [{ podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.9.0.0/16'] } }] }] }],
        ],
        ['x/a', 'x/b'],
      ],
      ['are apart by the host’s network', [{ 'x/a': {}, 'x/b': { hostNetwork: true } }, []], ['x/a', 'x/b']],
    ],
  ),
  flowLaw(
    'neighbours on both sides of a block’s first address are answered apart',
    [{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.0.2.4/30' } }] }] }],
    { 'y/below > x/a 1/TCP': 'denied', 'y/first > x/a 1/TCP': 'allowed' },
    { pods: { 'y/below': { ips: ['10.0.2.3'] }, 'y/first': { ips: ['10.0.2.4'] } } },
  ),
];
