import { describe, expect, it } from 'vitest';
import { readDocument } from '../../src/config/document.ts';
import { findSchemaProblems } from '../../src/config/schema-problems.ts';
import { formatProblem } from '../../src/documents/problem.ts';

const head = 'apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\n';
const labelValue =
  'is not a label value (at most 63 letters, digits, "-", "_", ".", beginning and ending with a letter or digit)';
const labelKey =
  'the key is not a label key (an optional DNS prefix and "/", then at most 63 letters, digits, "-", "_", ".")';
const name63 = 'a'.repeat(63);

describe('findSchemaProblems', () => {
  it.each<[string, string, readonly string[]]>([
    ['values of 63 characters', `taxonomy: {zone: {values: [${name63}]}}`, []],
    ['a key with a prefix', `taxonomy: {example.com/${name63}: {values: [a]}}`, []],
    ['a label called constructor', 'taxonomy: {constructor: {values: [a]}}', []],
    ['a removed key', 'taxonomy: {env: null}', []],
    ['an empty list of required keys', 'required: {Pod: []}', []],
    ['an empty DNS label value', 'baseline: {dns: [{namespace: a, podLabels: {dns: ""}}]}', []],
    ['an IPv6 cache', 'baseline: {dns: [{cidrs: ["fd00::10/128"]}]}', []],
    [
      'a value of 64 characters',
      `taxonomy: {zone: {values: [${name63}a]}}`,
      [`f:3:28: taxonomy.zone.values[0]: "${name63}a" ${labelValue}`],
    ],
    ['an empty value', 'taxonomy: {zone: {values: [""]}}', [`f:3:28: taxonomy.zone.values[0]: "" ${labelValue}`]],
    ['a key with an odd prefix', 'taxonomy: {-x/zone: {values: [a]}}', [`f:3:12: taxonomy["-x/zone"]: ${labelKey}`]],
    ['a key of 64 characters', `taxonomy: {${name63}a: {values: [a]}}`, [`f:3:12: taxonomy.${name63}a: ${labelKey}`]],
    [
      'a prefix of 254 characters',
      `taxonomy:\n  ${'a.'.repeat(126)}aa/x: {values: [a]}`,
      [expect.stringContaining(labelKey)],
    ],
    ['a label called __proto__', 'taxonomy: {__proto__: {values: [a]}}', [`f:3:12: taxonomy.__proto__: ${labelKey}`]],
    [
      'values that YAML reads as something else',
      'taxonomy: {zone: {values: [true, 0755, 1.10, null]}}',
      [
        'f:3:28: taxonomy.zone.values[0]: true is read as a boolean; quote it: "true"',
        'f:3:34: taxonomy.zone.values[1]: 0755 is read as a number; quote it: "0755"',
        'f:3:40: taxonomy.zone.values[2]: 1.10 is read as a number; quote it: "1.10"',
        'f:3:46: taxonomy.zone.values[3]: is empty; write a text, or leave the key out',
      ],
    ],
    [
      'every repetition',
      'required: {Pod: [env, tier, env, tier, env]}',
      [
        'f:3:29: required.Pod[2]: "env" is already in the list',
        'f:3:34: required.Pod[3]: "tier" is already in the list',
        'f:3:40: required.Pod[4]: "env" is already in the list',
      ],
    ],
    [
      'no values',
      'taxonomy: {zone: {values: []}}',
      ['f:3:27: taxonomy.zone.values: is empty; it needs at least one entry'],
    ],
    ['a key that is no mapping', 'taxonomy: {zone: [a]}', ['f:3:18: taxonomy.zone: a list is not a mapping or null']],
    [
      'a hint of two lines',
      'taxonomy: {env: {hint: "a\\nb"}}',
      ['f:3:24: taxonomy.env.hint: "a\\nb" is not one line of at most 120 characters'],
    ],
    ['an unknown kind', 'required: {Pods: [env]}', ['f:3:12: required.Pods: unknown key; did you mean "Pod"?']],
    [
      'an exempt name that is none',
      'exempt: {namespaces: [Kube_System]}',
      [
        'f:3:23: exempt.namespaces[0]: "Kube_System" is not a namespace name (a DNS label: at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit), or a prefix that ends with "-" and then "*" (openshift-*)',
      ],
    ],
    // Each of these would exempt names by accident.
    ...['*', 'o*', 'openshift*', '*-system', 'open*-x', '-*'].map((name): [string, string, string[]] => [
      `the prefix ${name}`,
      `exempt: {namespaces: ["${name}"]}`,
      [expect.stringContaining(`exempt.namespaces[0]: "${name}" is not a namespace name`)],
    ]),
    [
      'a cap that is no mode',
      'checks: {host-network: wran}',
      ['f:3:24: checks.host-network: "wran" is not one of observe, warn, enforce; did you mean "warn"?'],
    ],
    [
      'DNS ports out of range',
      'baseline: {dns: [{cidrs: [10.96.0.10/32], ports: [0, 65536, 53.5, "53"]}]}',
      [
        'f:3:51: baseline.dns[0].ports[0]: 0 is not a port number (1 to 65535)',
        'f:3:54: baseline.dns[0].ports[1]: 65536 is not a port number (1 to 65535)',
        'f:3:61: baseline.dns[0].ports[2]: 53.5 is not a whole number',
        'f:3:67: baseline.dns[0].ports[3]: "53" is not a whole number',
      ],
    ],
    [
      'an empty DNS selector',
      'baseline: {dns: [{namespace: a, podLabels: {}}]}',
      ['f:3:44: baseline.dns[0].podLabels: is empty; it needs at least one entry'],
    ],
    ['no DNS', 'baseline: {dns: []}', ['f:3:17: baseline.dns: is empty; it needs at least one entry']],
    [
      'an address without a prefix',
      'baseline: {dns: [{cidrs: [169.254.20.10]}]}',
      ['f:3:27: baseline.dns[0].cidrs[0]: "169.254.20.10" is not a CIDR (169.254.20.10/32)'],
    ],
    ['ports in every form', 'flows: [{from: web, to: api, ports: [8080, "8080", 8000-8099/TCP, 53/UDP]}]', []],
    ['no flows, and no peers of its own', 'flows: []\npeers: null\nbreadth: {ipv4Prefix: 0, ipv6Prefix: 128}', []],
    [
      'ports that are none',
      'flows: [{from: web, to: api, ports: [0, 8080.5, true, 53/udp, http, ]}]',
      [
        'f:3:38: flows[0].ports[0]: 0 is not a port or a range of ports (8080, 8000-8099, 53/UDP)',
        'f:3:41: flows[0].ports[1]: 8080.5 is not a whole number or a text',
        'f:3:49: flows[0].ports[2]: true is not a whole number or a text',
        'f:3:55: flows[0].ports[3]: "53/udp" is not a port or a range of ports (8080, 8000-8099, 53/UDP)',
        'f:3:63: flows[0].ports[4]: "http" is not a port or a range of ports (8080, 8000-8099, 53/UDP)',
      ],
    ],
    [
      'a flow without an end, and one without ports',
      'flows: [{from: web}, {from: web, to: api, ports: []}]',
      [
        'f:3:9: flows[0].to: missing; needed here: from, to',
        'f:3:50: flows[1].ports: is empty; it needs at least one entry',
      ],
    ],
    [
      'a role that is none',
      'peers: [{name: a, role: montoring, namespace: b}]',
      [
        'f:3:25: peers[0].role: "montoring" is not one of dns, monitoring, ingress, nodes, public; did you mean "monitoring"?',
      ],
    ],
    [
      'a peer without a role, with odd addresses',
      'peers: [{name: a, cidr: b, cidrs: [10.0.0.0/33, 10.0.0.1]}]',
      [
        'f:3:9: peers[0].role: missing; needed here: name, role',
        'f:3:19: peers[0].cidr: unknown key; did you mean "cidrs"?',
        'f:3:36: peers[0].cidrs[0]: "10.0.0.0/33" is not a CIDR (169.254.20.10/32)',
        'f:3:49: peers[0].cidrs[1]: "10.0.0.1" is not a CIDR (169.254.20.10/32)',
      ],
    ],
    [
      'prefixes out of range',
      'breadth: {ipv4Prefix: 33, ipv6Prefix: -1}',
      [
        'f:3:23: breadth.ipv4Prefix: 33 is not a prefix length (0 to 32)',
        'f:3:39: breadth.ipv6Prefix: -1 is not a prefix length (0 to 128)',
      ],
    ],
  ])('says what is to be said of %s', (_, text, lines) => {
    const document = readDocument(`${head}${text}`, 'f');
    expect(document.problems).toEqual([]);
    expect(findSchemaProblems(document, 'f').map(formatProblem)).toEqual(lines);
  });

  it('finds its way through an anchor', () => {
    const document = readDocument(`${head}taxonomy:\n  a: &x {values: [1]}\n  b: *x\n`, 'f');
    expect(findSchemaProblems(document, 'f').map(formatProblem)).toEqual([
      'f:4:19: taxonomy.a.values[0]: 1 is read as a number; quote it: "1"',
      'f:4:19: taxonomy.b.values[0]: 1 is read as a number; quote it: "1"',
    ]);
  });
});
