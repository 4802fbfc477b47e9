import { describe, expect, it } from 'vitest';
import { inheritLabels } from '../../src/admission/inherit.ts';
import { configIn, deployment, identity, namespace, pod, podLabels, request, type Wire } from './scene.ts';

const config = configIn('enforce');
const shop = new Map(Object.entries(identity));
const all = [
  { op: 'add', path: '/metadata/labels/env', value: 'prod' },
  { op: 'add', path: '/metadata/labels/tier', value: 'api' },
  { op: 'add', path: '/metadata/labels/team', value: 'shop' },
];

describe('inheritLabels', () => {
  it.each<[string, string, Wire, readonly object[]]>([
    ['fills in what the namespace says', 'Pod', pod({ expose: 'false' }), all],
    ['fills in only what is missing', 'Pod', pod({ env: 'dev', tier: '' }), all.slice(2)],
    ['has nothing to add to what is whole', 'Pod', pod(podLabels), []],
    [
      'makes the labels where there are none',
      'Pod',
      { metadata: {} },
      [{ op: 'add', path: '/metadata/labels', value: identity }],
    ],
    ['makes them where they are null', 'Pod', pod(null), [{ op: 'add', path: '/metadata/labels', value: identity }]],
    ['makes metadata where there is none', 'Pod', {}, [{ op: 'add', path: '/metadata', value: { labels: identity } }]],
    [
      'reaches into a pod template',
      'Deployment',
      deployment(podLabels, { metadata: null }),
      [{ op: 'add', path: '/spec/template/metadata', value: { labels: identity } }],
    ],
    ['leaves a namespace alone', 'Namespace', namespace({}), []],
    [
      'leaves the kubelet’s own Pods alone',
      'Pod',
      { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } },
      [],
    ],
    ['is not taken in by a label of a prototype', 'Pod', pod(JSON.parse('{"__proto__": {"env": "dev"}}')), all],
    // JSON Patch adds no member to these: the API server would fail the request with an error that nobody understands.
    ['gives no patch to labels that are a list', 'Pod', pod([]), []],
    ['gives no patch to labels that are a text', 'Pod', pod('env=prod'), []],
    ['gives no patch to metadata that is a list', 'Pod', { metadata: [] }, []],
    ['gives no patch to metadata that is a text', 'Pod', { metadata: 'x' }, []],
    ['gives no patch to a template that is a list', 'Deployment', { spec: { template: [] } }, []],
  ])('%s', (_, kind, object, expected) => {
    expect(inheritLabels(request(kind, object), shop, config)).toEqual(expected);
  });
});
