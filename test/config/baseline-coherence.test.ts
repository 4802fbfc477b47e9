import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';

/** The problems of a file with this text after its two fixed lines. */
function judge(text: string): string {
  try {
    parseConfig(`apiVersion: ringfence.dev/v1alpha1\nkind: Configuration\n${text}`, {
      file: 'f',
      version: '0',
      ownNamespace: undefined,
      checkIds: [],
      now: 0,
    });
    return '';
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message;
  }
}
const nodes = 'peers: [{name: nodes, role: nodes, cidrs: [10.0.0.0/24]}]\n';

describe('the optional parts of the baseline in a file', () => {
  it.each<[string, string, string]>([
    ['monitoring on ports and ranges', 'baseline: {monitoring: {ports: [9090, 9100-9109, 53/UDP]}}', ''],
    ['probes where nodes are named', `${nodes}baseline: {probes: {ports: [8080]}}`, ''],
    [
      'probes where no nodes are named',
      'baseline: {probes: {ports: [8080]}}',
      'f:3:12: baseline.probes: no peer has the role nodes, so nobody would be let in; name the addresses of the nodes under peers',
    ],
    [
      'ingress without the label that it selects by',
      'taxonomy: {expose: null}\nbaseline: {ingress: {ports: [8080]}}',
      'f:4:12: baseline.ingress: selects the Pods with expose: "true", but the taxonomy has no key expose',
    ],
    ['DNS that is looked for', 'baseline: {dns: auto}', ''],
    [
      'DNS in a word that is none',
      'baseline: {dns: atuo}',
      'f:3:17: baseline.dns: "atuo" is not a list of places, or auto',
    ],
    [
      'a backstop that cannot know where DNS is',
      'backstop: true\nbaseline: {dns: auto}',
      'f:4:17: baseline.dns: auto cannot be used with the backstop, whose policies hold the place of DNS and cannot follow the cluster; list the places, or set backstop to false',
    ],
    [
      'a part without ports',
      'baseline: {monitoring: {}}',
      'f:3:12: baseline.monitoring.ports: missing; needed here: ports',
    ],
    [
      'a range that ends before it begins',
      'baseline: {ingress: {ports: [90-80]}}',
      'f:3:30: baseline.ingress.ports[0]: the range 90-80 ends before it begins',
    ],
    [
      'a port of a third party that is none',
      'baseline: {thirdParty: [{cidrs: [1.2.3.4/32], ports: [70000/TCP]}]}',
      'f:3:55: baseline.thirdParty[0].ports[0]: 70000 is not a port number (1 to 65535)',
    ],
    [
      'every address',
      "baseline: {nodeLocalDns: {cidrs: ['::/0']}, apiServer: {cidrs: [0.0.0.0/0], ports: [443]}}",
      [
        'f:3:35: baseline.nodeLocalDns.cidrs[0]: "::/0" covers every address; name those that are meant',
        'f:3:65: baseline.apiServer.cidrs[0]: "0.0.0.0/0" covers every address; name those that are meant',
      ].join('\n'),
    ],
    [
      'the metadata services of clouds as a third party',
      "baseline: {thirdParty: [{cidrs: [169.0.0.0/8, 'fd00::/8', 10.0.0.0/8], ports: [80]}]}",
      [
        'f:3:34: baseline.thirdParty[0].cidrs[0]: "169.0.0.0/8" contains 169.254.169.254, where a cloud gives credentials to every Pod that asks',
        'f:3:47: baseline.thirdParty[0].cidrs[1]: "fd00::/8" contains fd00:ec2::254, where a cloud gives credentials to every Pod that asks',
      ].join('\n'),
    ],
    [
      'a part that does not exist',
      'baseline: {montoring: {ports: [9090]}}',
      'f:3:12: baseline.montoring: unknown key; did you mean "monitoring"?',
    ],
  ])('%s', (_, text, expected) => {
    expect(judge(text)).toBe(expected);
  });
});
