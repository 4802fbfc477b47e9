import { type Engine, type Law, tabulate } from '../engine.ts';
import { admin, baseline, cluster, everyPod } from './tier-sketches.ts';

/** One change to a ClusterNetworkPolicy that can be read. */
function changed(change: object): readonly [object, string, string] {
  const { type, name, spec } = cluster('p', { ingress: [{ action: 'Deny', from: everyPod }] });
  return [{ ...spec, ...change }, name, type];
}

/** A rule of egress with one change. */
function egress(rule: object): readonly [object, string, string] {
  return changed({ egress: [{ action: 'Deny', to: [{ networks: ['10.0.0.0/8'] }], ...rule }] });
}

function sketched({ spec, name, type }: ReturnType<typeof admin>): readonly [object, string, string] {
  return [spec, name, type];
}

const many = (count: number): readonly object[] =>
  Array.from({ length: count }, () => ({ action: 'Deny', from: everyPod }));

/** What an API server refuses cannot be read. */
export const tieredReadLaws: readonly Law[] = tabulate<readonly [unknown, string, string]>(
  'reading a tiered policy',
  (engine: Engine, [spec, name, type]) => {
    const dialect = engine.dialects.get(type);
    const read = dialect && engine.readTieredPolicy(spec, name, dialect);
    if (read === undefined) return 'no such kind';
    return 'policy' in read ? [] : read.problems.map(({ field }) => field);
  },
  [
    ['one that is right', changed({}), []],
    [
      'a specification that is none',
      ['text', 'p', cluster('p', {}).type],
      ['spec', 'spec.tier', 'spec.priority', 'spec.subject'],
    ],
    ['a field that is not one', changed({ rules: [] }), ['spec.rules']],
    ['no tier', changed({ tier: undefined }), ['spec.tier']],
    ['a tier that is none', changed({ tier: 'admin' }), ['spec.tier']],
    ['no priority', changed({ priority: undefined }), ['spec.priority']],
    ['the least priority', changed({ priority: 0 }), []],
    ['the greatest priority', changed({ priority: 1000 }), []],
    ['a priority that is too high', changed({ priority: 1001 }), ['spec.priority']],
    ['a priority that is too low', changed({ priority: -1 }), ['spec.priority']],
    ['a priority that is a text', changed({ priority: '10' }), ['spec.priority']],
    ['no subject', changed({ subject: undefined }), ['spec.subject']],
    ['a subject of two forms', changed({ subject: { namespaces: {}, pods: { podSelector: {} } } }), ['spec.subject']],
    ['a subject of an unknown form', changed({ subject: { services: {} } }), ['spec.subject.services', 'spec.subject']],
    ['25 rules', changed({ ingress: many(25) }), []],
    ['26 rules', changed({ ingress: many(26) }), ['spec.ingress']],
    ['100 rules of v1alpha1', sketched(admin('p', { ingress: many(100) })), []],
    ['101 rules of v1alpha1', sketched(admin('p', { ingress: many(101) })), ['spec.ingress']],
    ['no peers', changed({ ingress: [{ action: 'Deny' }] }), ['spec.ingress[0].from']],
    ['an empty list of peers', egress({ to: [] }), ['spec.egress[0].to']],
    ['26 peers', egress({ to: Array.from({ length: 26 }, () => ({ namespaces: {} })) }), ['spec.egress[0].to']],
    ['an empty peer', egress({ to: [{}] }), ['spec.egress[0].to[0]']],
    ['a peer that is null', egress({ to: [{ namespaces: null }] }), ['spec.egress[0].to[0]']],
    ['a peer of two forms', egress({ to: [{ namespaces: {}, nodes: {} }] }), ['spec.egress[0].to[0]']],
    ['a peer of an unknown form', egress({ to: [{ services: {} }] }), []],
    [
      'a peer without podSelector',
      egress({ to: [{ pods: { namespaceSelector: {} } }] }),
      ['spec.egress[0].to[0].pods.podSelector'],
    ],
    [
      'a peer of v1alpha1 without namespaceSelector',
      sketched(admin('p', { egress: [{ action: 'Deny', to: [{ pods: { podSelector: {} } }] }] })),
      ['spec.egress[0].to[0].pods.namespaceSelector'],
    ],
    [
      'a block with bits behind its prefix',
      egress({ to: [{ networks: ['10.0.0.1/8'] }] }),
      ['spec.egress[0].to[0].networks[0]'],
    ],
    ['a block of IPv6 in capitals', egress({ to: [{ networks: ['FD00::/8'] }] }), []],
    ['a block that is an address', egress({ to: [{ networks: ['10.0.0.1'] }] }), ['spec.egress[0].to[0].networks[0]']],
    [
      'a block of IPv4 written as IPv6',
      egress({ to: [{ networks: ['::ffff:10.0.0.0/104'] }] }),
      ['spec.egress[0].to[0].networks[0]'],
    ],
    [
      'a block with zeros in front',
      egress({ to: [{ networks: ['10.0.0.0/08'] }] }),
      ['spec.egress[0].to[0].networks[0]'],
    ],
    ['a block twice', egress({ to: [{ networks: ['10.0.0.0/8', '10.0.0.0/8'] }] }), ['spec.egress[0].to[0].networks']],
    ['no block', egress({ to: [{ networks: [] }] }), ['spec.egress[0].to[0].networks']],
    ['a domain with a star', egress({ to: [{ domainNames: ['*.example.com'] }] }), []],
    ['a domain that is none', egress({ to: [{ domainNames: ['a.*.com'] }] }), ['spec.egress[0].to[0].domainNames[0]']],
    ['an action that is not of this kind', egress({ action: 'Allow' }), ['spec.egress[0].action']],
    ['an action that every object has', egress({ action: 'constructor' }), ['spec.egress[0].action']],
    [
      'Accept in v1alpha1',
      sketched(admin('p', { ingress: [{ action: 'Accept', from: everyPod }] })),
      ['spec.ingress[0].action'],
    ],
    [
      'Pass in the Baseline of v1alpha1',
      sketched(baseline({ ingress: [{ action: 'Pass', from: everyPod }] })),
      ['spec.ingress[0].action'],
    ],
    ['a Baseline of v1alpha1 with another name', [baseline({}).spec, 'other', baseline({}).type], ['metadata.name']],
    ['a name of 100 characters', egress({ name: '😀'.repeat(100) }), []],
    ['a name of 101 characters', egress({ name: 'n'.repeat(101) }), ['spec.egress[0].name']],
    ['an empty list of ports', egress({ protocols: [] }), ['spec.egress[0].protocols']],
    [
      'a protocol without a port',
      egress({ protocols: [{ tcp: {} }] }),
      ['spec.egress[0].protocols[0].tcp.destinationPort'],
    ],
    ['two protocols in one entry', egress({ protocols: [{ tcp: {}, udp: {} }] }), ['spec.egress[0].protocols[0]']],
    [
      'port 0',
      egress({ protocols: [{ tcp: { destinationPort: { number: 0 } } }] }),
      ['spec.egress[0].protocols[0].tcp.destinationPort.number'],
    ],
    [
      'a range of one port',
      egress({ protocols: [{ udp: { destinationPort: { range: { start: 80, end: 80 } } } }] }),
      ['spec.egress[0].protocols[0].udp.destinationPort.range.end'],
    ],
    [
      'the name of a port beside networks',
      egress({ protocols: [{ destinationNamedPort: 'http' }] }),
      ['spec.egress[0].protocols[0]'],
    ],
    ['a kind that is none', [{}, 'p', 'policy.networking.k8s.io/v1 ClusterNetworkPolicy'], 'no such kind'],
  ],
);
