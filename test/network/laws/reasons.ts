import type { Side } from '../../../src/network/side.ts';
import { type Law, tabulate } from '../engine.ts';
import { answerAll, type PolicySketch, type Question, stage } from '../worlds.ts';

const denyAll: PolicySketch = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] };
const fromBlock: PolicySketch = { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }] };

/**
 * The reasons of an answer: which policies isolate each end (policy-0, policy-1, ... in their
 * order), which rules allow, what is not known.
 */
export const reasonLaws: readonly Law[] = tabulate<readonly [Question, readonly PolicySketch[]]>(
  'the reasons',
  (engine, [question, policies]) => {
    const pods = {
      ...stage.pods,
      'x/host': { ips: ['192.168.0.1'], hostNetwork: true },
      'x/dual': { ips: ['203.0.113.9', '2001:db8::9'] },
      'x/new': {},
      'x/noded': { nodes: ['192.168.0.1'] },
    };
    const [answer] = Object.values(
      answerAll(engine, { ...stage, pods, policies }, [question], ({ because, egress, ingress }) =>
        JSON.stringify(because ?? [showSide(egress), showSide(ingress)]),
      ),
    );
    return JSON.parse(answer ?? '');
  },
  [
    ['of two ends that no policy isolates', ['y/a > x/a 80/TCP', []], ['allowed', 'allowed']],
    ['name every policy that isolates an end', ['x/a > x/b 80/TCP', [denyAll, denyAll]], ['denied 0,1', 'denied 0,1']],
    ['of a flow from outside are those of the pod', ['203.0.113.8 > x/a 80/TCP', [denyAll]], ['none', 'denied 0']],
    [
      'name every rule that allows, of every policy, and no other',
      [
        'y/a > x/a 80/TCP',
        [
          { podSelector: {}, ingress: [{ ports: [{ port: 81 }] }, { ports: [{ port: 80 }] }, {}] },
          denyAll,
          { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }, { from: [{ podSelector: {} }] }] },
        ],
      ],
      ['allowed', 'allowed 0,1,2 by 0:spec.ingress[1],0:spec.ingress[2],2:spec.ingress[0]'],
    ],
    ['of a direction name the policies of that direction', ['x/a > y/a 80/TCP', [fromBlock]], ['allowed', 'allowed']],
    [
      'say that an address is not known',
      ['x/new > x/a 80/TCP', [fromBlock]],
      ['allowed', 'undefined 0, for an ipBlock may hold the address of x/new, and its status.podIP is not known'],
    ],
    [
      'say that one of two addresses is held',
      ['x/dual > x/a 80/TCP', [fromBlock]],
      ['allowed', 'undefined 0, for an ipBlock holds one address of x/dual and not the other'],
    ],
    ['of a pod to itself', ['x/a > x/a 80/TCP', [denyAll]], 'a pod always reaches itself'],
    ['of ICMP', ['x/a > x/b 0/ICMP', [denyAll]], 'NetworkPolicies say nothing about ICMP'],
    [
      'of the host’s network',
      ['x/a > x/host 80/TCP', [denyAll]],
      "x/host uses the host's network, where NetworkPolicies are undefined",
    ],
    [
      'of a node and its pod',
      ['x/noded > 192.168.0.1 80/TCP', [denyAll]],
      'traffic between a pod and the node it runs on is always allowed',
    ],
  ],
);

function showSide(side: Side | undefined): string {
  if (side === undefined) return 'none';
  const number = (policy: { readonly name: string }): string => policy.name.replace('policy-', '');
  const isolatedBy = side.isolatedBy.map(number).join();
  const allowedBy = side.allowedBy.map(({ policy, rule }) => `${number(policy)}:${rule.field}`).join();
  return [
    side.verdict,
    ...(isolatedBy === '' ? [] : [` ${isolatedBy}`]),
    ...(allowedBy === '' ? [] : [` by ${allowedBy}`]),
    ...(side.doubt === undefined ? [] : [`, for ${side.doubt}`]),
  ].join('');
}
