import { describe, expect, it } from 'vitest';
import { findIncoherence } from '../../src/config/coherence.ts';
import { readDocument } from '../../src/config/document.ts';
import { formatProblem } from '../../src/documents/problem.ts';

function judge(text: string): readonly string[] {
  return findIncoherence(readDocument(text, 'f'), 'f', [], 0).map(formatProblem);
}

describe('findIncoherence of flows', () => {
  it.each<[string, string, readonly string[]]>([
    ['default tiers', 'flows: [{from: web, to: data, ports: [5432, 53/UDP]}]', []],
    ['tiers of its own', 'taxonomy: {tier: {values: [a]}}\nflows: [{from: a, to: a}]', []],
    ['tiers that a pattern allows', "taxonomy: {tier: {pattern: 't[0-9]'}}\nflows: [{from: t1, to: t2}]", []],
    ['one pair in each direction', 'flows: [{from: web, to: api}, {from: api, to: web}]', []],
    ['no flows where there is no tier', 'taxonomy: {tier: null}\nflows: []', []],
    [
      'tiers that the taxonomy does not have',
      'flows: [{from: wbe, to: database}]',
      [
        'f:1:16: flows[0].from: "wbe" is not a value of tier; did you mean "web"?',
        'f:1:25: flows[0].to: "database" is not a value of tier; did you mean "data"?',
      ],
    ],
    [
      'a default tier that the file takes away',
      'taxonomy: {tier: {values: [front, back]}}\nflows: [{from: front, to: api}]',
      ['f:2:27: flows[0].to: "api" is not a value of tier; known here: front, back'],
    ],
    [
      'a tier that the pattern refuses',
      "taxonomy: {tier: {pattern: 't[0-9]'}}\nflows: [{from: t1, to: t10}]",
      ['f:2:24: flows[0].to: "t10" is not a value that tier allows'],
    ],
    [
      'flows where there is no tier',
      'taxonomy: {tier: null}\nflows: [{from: web, to: api}]',
      ['f:2:1: flows: connect values of tier, but the taxonomy has no such key; remove the flows, or set flowKey'],
    ],
    [
      'another key, and its values',
      'taxonomy: {tier: null, layer: {values: [front, back]}}\nflowKey: layer\nflows: [{from: front, to: back}]',
      [],
    ],
    [
      'values that another key does not have',
      'taxonomy: {layer: {values: [front, back]}}\nflowKey: layer\nflows: [{from: web, to: bakc}]',
      [
        'f:3:16: flows[0].from: "web" is not a value of layer; known here: front, back',
        'f:3:25: flows[0].to: "bakc" is not a value of layer; did you mean "back"?',
      ],
    ],
    [
      'a key that the taxonomy does not have',
      'flowKey: teir\nflows: [{from: x, to: y}]',
      ['f:1:10: flowKey: "teir" is not a key of the taxonomy; did you mean "tier"?'],
    ],
    [
      'a key that the file removes',
      'taxonomy: {sensitivity: null}\nflowKey: sensitivity',
      ['f:2:10: flowKey: "sensitivity" is not a key of the taxonomy; known here: env, tier, team, expose, internal'],
    ],
    ['a key of the wrong shape', 'flowKey: [tier]\nflows: [{from: x, to: y}]', []],
    [
      'a pair in two entries, of which one would void the other',
      'flows: [{from: web, to: api}, {from: web, to: api, ports: [80]}]',
      ['f:1:31: flows[1]: web to api is already in the list; one entry holds all its ports'],
    ],
    [
      'ports that no packet has',
      'flows: [{from: web, to: api, ports: [0-5, 9000-8000/UDP]}]',
      [
        'f:1:38: flows[0].ports[0]: 0 is not a port number (1 to 65535)',
        'f:1:43: flows[0].ports[1]: the range 9000-8000 ends before it begins',
      ],
    ],
    ['data of the wrong shape', 'flows: [a, {from: 1, to: [b], ports: 80}, {ports: [true, http, {}]}]', []],
    ['a taxonomy of the wrong shape', 'taxonomy: {tier: {values: web}}\nflows: [{from: x, to: y}]', []],
  ])('says what is to be said of %s', (_, text, lines) => {
    expect(judge(text)).toEqual(lines);
  });
});

describe('findIncoherence of DNS', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'Pods and addresses',
      'baseline: {dns: [{namespace: a, podLabels: {app: dns}}, {namespace: a, podLabels: {app: b}}, {cidrs: [10.0.0.10/32]}]}',
      [],
    ],
    [
      'Pods without labels',
      'baseline: {dns: [{namespace: a}]}',
      ['f:1:18: baseline.dns[0]: has no podLabels; name the labels of the DNS Pods'],
    ],
    [
      'both at once, and neither',
      'baseline: {dns: [{namespace: a, podLabels: {a: b}, cidrs: [10.0.0.10/32]}, {ports: [53]}]}',
      [
        'f:1:18: baseline.dns[0]: has both a namespace and cidrs; keep one of them',
        'f:1:76: baseline.dns[1]: has neither a namespace nor cidrs; give one of them',
      ],
    ],
    [
      'every address',
      "baseline: {dns: [{cidrs: [0.0.0.0/0, '::/0']}]}",
      [
        'f:1:27: baseline.dns[0].cidrs[0]: "0.0.0.0/0" covers every address, so it names no peer',
        'f:1:38: baseline.dns[0].cidrs[1]: "::/0" covers every address, so it names no peer',
      ],
    ],
    ['data of the wrong shape', 'baseline: {dns: {namespace: a}}', []],
    ['entries of the wrong shape', 'baseline: {dns: [a, 1, null]}', []],
  ])('says what is to be said of %s', (_, text, lines) => {
    expect(judge(text)).toEqual(lines);
  });
});

describe('findIncoherence of peers', () => {
  it.each<[string, string, readonly string[]]>([
    ['Pods of a namespace', 'peers: [{name: a, role: monitoring, namespace: b, podLabels: {c: d}}]', []],
    ['addresses', 'peers: [{name: a, role: nodes, cidrs: [10.0.0.0/16, "fd00::/64"]}]', []],
    ['a default name', 'peers: [{name: dns, role: dns, namespace: dns}]', []],
    ['the Internet, known as such', 'peers: [{name: a, role: public, cidrs: [0.0.0.0/0]}]', []],
    [
      'neither Pods nor addresses',
      'peers: [{name: a, role: dns}, {name: b, role: nodes}]',
      ['f:1:9: peers[0]: has neither a namespace nor cidrs; give one of them', 'f:1:31: peers[1]: has no cidrs'],
    ],
    [
      'Pods and addresses',
      'peers: [{name: a, role: dns, namespace: b, cidrs: [10.0.0.0/16]}]',
      ['f:1:9: peers[0]: has both a namespace and cidrs; keep one of them'],
    ],
    [
      'labels of addresses',
      'peers: [{name: a, role: dns, cidrs: [10.0.0.0/16], podLabels: {c: d}}]',
      ['f:1:52: peers[0].podLabels: select Pods of a namespace, but this peer has addresses'],
    ],
    [
      'machines in a namespace',
      'peers: [{name: a, role: nodes, namespace: b}, {name: c, role: public, namespace: d}]',
      [
        'f:1:32: peers[0].namespace: nodes are addresses; use cidrs',
        'f:1:71: peers[1].namespace: public are addresses; use cidrs',
      ],
    ],
    [
      'a name given twice',
      'peers: [{name: a, role: dns, namespace: b}, {name: a, role: dns, namespace: c}]',
      ['f:1:52: peers[1].name: "a" is already the name of another peer'],
    ],
    [
      'a peer that is everyone',
      'peers: [{name: a, role: nodes, cidrs: [10.0.0.0/16, "::/0"]}]',
      ['f:1:53: peers[0].cidrs[1]: "::/0" covers every address, so it names no peer'],
    ],
    ['data of the wrong shape', 'peers: [a, {name: 1, namespace: b}, {name: 1, role: [], cidrs: 4}]', []],
    ['nothing', 'peers: null', []],
  ])('says what is to be said of %s', (_, text, lines) => {
    expect(judge(text)).toEqual(lines);
  });
});
