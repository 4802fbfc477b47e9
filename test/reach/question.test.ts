import { describe, expect, it } from 'vitest';
import type { Desk } from '../../src/reach/desk.ts';
import { isResolved, type ResolvedEnd } from '../../src/reach/end.ts';
import { resolveEnd } from '../../src/reach/endpoint.ts';
import { readAskedPort } from '../../src/reach/port-text.ts';
import { ask, formatAnswer } from '../../src/reach/question.ts';
import { shop } from './shop.ts';

const desk = shop();

function find(text: string, where: Desk): ResolvedEnd {
  const end = resolveEnd(text, where);
  if (!isResolved(end)) throw new Error(end.error);
  return end;
}

function answer(from: string, to: string, port: string, where: Desk = desk): readonly string[] {
  const asked = readAskedPort(port);
  if ('error' in asked) throw new Error(asked.error);
  return formatAnswer(ask(find(from, where), find(to, where), asked, where))
    .trimEnd()
    .split('\n');
}

describe('an answer', () => {
  it('names the rules that allow a flow, at both ends', () => {
    expect(answer('front/web-1', 'back/api', '8080/TCP')).toEqual([
      'allowed: front/web-1 to back/api on TCP/8080',
      '  egress: front/out spec.egress[0] allows it',
      '  ingress: back/in spec.ingress[0] allows it',
    ]);
  });

  it('names the policies that deny a flow, what nearly allows it, and what would have to change', () => {
    expect(answer('front/web-1', 'back/api', '22')).toEqual([
      'denied: front/web-1 to back/api on TCP/22',
      '  egress: front/web-1 is isolated by front/wall, front/out, and no egress rule there allows it',
      '  ingress: back/api is isolated by back/wall, back/in, and no ingress rule there allows it',
      '  near: front/out spec.egress[0] is about these peers, on TCP/8080',
      '  near: back/in spec.ingress[0] is about these peers, on TCP/8080',
      '  to allow it: in namespace front, add an egress rule for front/web-1 to back/api (a podSelector, and a namespaceSelector such as kubernetes.io/metadata.name: back) on TCP/22',
      '  to allow it: in namespace back, add an ingress rule for back/api from front/web-1 (a podSelector, and a namespaceSelector such as kubernetes.io/metadata.name: front) on TCP/22',
    ]);
  });

  it('names a rule of the right port and other peers', () => {
    expect(answer('back/api', 'back/unborn', '8080')).toContain(
      '  near: back/in spec.ingress[0] is about TCP/8080, with other peers',
    );
  });

  it('asks for an ipBlock where the other end is an address', () => {
    expect(answer('back/api', '192.0.2.1', '443')).toEqual([
      'denied: back/api to 192.0.2.1 on TCP/443',
      '  egress: back/api is isolated by back/wall, and no egress rule there allows it',
      '  to allow it: in namespace back, add an egress rule for back/api to ipBlock 192.0.2.1/32 on TCP/443',
    ]);
  });

  it('says where no policy isolates', () => {
    expect(answer('192.0.2.1', 'back/api', '80', shop({}))).toEqual([
      'allowed: 192.0.2.1 to back/api on TCP/80',
      '  ingress: no policy isolates back/api',
    ]);
  });

  it.each<[string, string, string, string, string]>([
    ['a pod and itself', 'back/api', 'back/api', '1', 'allowed|  a pod always reaches itself'],
    [
      'a pod and its node',
      '192.168.0.1',
      'back/api',
      '1',
      'allowed|  traffic between a pod and the node it runs on is always allowed',
    ],
    [
      'the host network',
      'infra',
      'back/api',
      '1',
      "undefined|  infra/agent uses the host's network, where NetworkPolicies are undefined",
    ],
    ['ICMP', 'back/api', 'front/web-1', 'ICMP', 'undefined|  NetworkPolicies say nothing about ICMP'],
    [
      'an address that is not known',
      'front/web-1',
      'back/unborn',
      '443',
      'denied|  egress: not known: an ipBlock may hold the address of back/unborn, and its status.podIP is not known (it counts as one of 10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16, fc00::/7)',
    ],
  ])('has its reason for %s', (_, from, to, port, expected) => {
    const [first = '', second = ''] = answer(from, to, port);
    expect(`${first.split(':')[0]}|${second}`).toBe(expected);
  });

  it('is of every pair of classes where an end is many pods, without pods and themselves', () => {
    const lines = answer('front', 'back/api', '8080');
    expect(lines[0]).toBe('mixed: front to back/api on TCP/8080 (1 allowed, 1 denied, by classes of equal pods)');
    expect(lines).toContain('  allowed: front/statefulset/web to back/api');
    expect(lines).toContain('  denied: front/batch to back/api');
  });

  it('says of pods of one class what holds between two of them', () => {
    expect(answer('front/sts/web', 'front/sts/web', '80')[0]).toMatch(/^denied/);
  });

  it.each(['HTTP', '5432/TCP/x', '0', '70000', '5432/ICMP2', '', 'a_b', '80/http/tcp'])(
    'refuses the port %j',
    (text) => {
      expect(readAskedPort(text)).toHaveProperty('error');
    },
  );

  it.each(['5432/TCP', 'tcp/5432', '5432'])('reads the port %s', (text) => {
    expect(readAskedPort(text)).toEqual({ protocol: 'TCP', port: 5432 });
  });

  it.each<[string, object]>([
    ['http', { protocol: undefined, port: 'http' }],
    ['udp/dns', { protocol: 'UDP', port: 'dns' }],
    ['tcp/udp', { protocol: 'UDP', port: 'tcp' }],
    ['icmp', { protocol: 'ICMP', port: 0 }],
  ])('reads the port %s', (text, port) => {
    expect(readAskedPort(text)).toEqual(port);
  });
});
