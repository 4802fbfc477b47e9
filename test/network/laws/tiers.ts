import type { Law } from '../engine.ts';
import { flowLaw, type PolicySketch } from '../worlds.ts';
import { admin, baseline, cluster, everyPod, podA, tcp } from './tier-sketches.ts';

const denyAll: PolicySketch = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] };
const allowAll: PolicySketch = { podSelector: {}, ingress: [{}], egress: [{}] };

/** The order of tiers, of priorities and of rules. */
export const tierLaws: readonly Law[] = [
  flowLaw(
    'an Admin Deny stands over a NetworkPolicy that allows',
    [allowAll],
    { 'y/a > x/a 80/TCP': 'denied' },
    {
      tiered: [cluster('p', { ingress: [{ action: 'Deny', from: everyPod }] })],
    },
  ),
  flowLaw(
    'an Admin Accept stands over a NetworkPolicy that denies',
    [denyAll],
    { 'y/a > x/a 80/TCP': 'allowed' },
    {
      tiered: [cluster('p', { ingress: [{ action: 'Accept', from: everyPod }] })],
    },
  ),
  flowLaw(
    'an Accept at one end leaves the other end to its own policies',
    [denyAll],
    { 'x/a > x/b 80/TCP': 'denied', 'x/a > y/a 80/TCP': 'allowed' },
    { tiered: [cluster('p', { egress: [{ action: 'Accept', to: everyPod }] })] },
  ),
  flowLaw(
    'a lower number comes first, as a number',
    [],
    { 'y/a > x/a 80/TCP': 'denied', 'y/b > x/a 80/TCP': 'allowed' },
    {
      tiered: [
        cluster('late', { priority: 10, ingress: [{ action: 'Accept', from: everyPod }] }),
        cluster('early', { priority: 9, ingress: [{ action: 'Deny', from: podA }] }),
      ],
    },
  ),
  flowLaw(
    'the first rule that holds the flow decides, and a rule that does not hold it decides nothing',
    [],
    { 'y/a > x/a 80/TCP': 'allowed', 'y/a > x/a 81/TCP': 'denied', 'y/b > x/a 80/TCP': 'denied' },
    {
      tiered: [
        cluster('p', {
          ingress: [
            { action: 'Accept', from: podA, protocols: tcp(80) },
            { action: 'Deny', from: everyPod },
          ],
        }),
      ],
    },
  ),
  flowLaw(
    'Pass leaves the tier: later rules and policies are not asked',
    [denyAll],
    { 'y/a > x/a 80/TCP': 'denied', 'y/b > x/a 80/TCP': 'allowed' },
    {
      tiered: [
        cluster('first', {
          priority: 1,
          ingress: [
            { action: 'Pass', from: podA },
            { action: 'Accept', from: podA },
          ],
        }),
        cluster('second', { ingress: [{ action: 'Accept', from: everyPod }] }),
      ],
    },
  ),
  flowLaw(
    'Pass in the Baseline tier ends in what holds where nobody decides',
    [],
    { 'y/a > x/a 80/TCP': 'allowed', 'y/b > x/a 80/TCP': 'denied' },
    {
      tiered: [
        cluster('p', {
          tier: 'Baseline',
          ingress: [
            { action: 'Pass', from: podA },
            { action: 'Deny', from: everyPod },
          ],
        }),
      ],
    },
  ),
  flowLaw(
    'the Baseline tier speaks only where no NetworkPolicy isolates the pod in that direction',
    [{ podSelector: { matchLabels: { pod: 'a' } }, policyTypes: ['Ingress'], ingress: [{}] }],
    { 'y/a > x/a 80/TCP': 'allowed', 'y/a > x/b 80/TCP': 'denied', 'x/a > y/a 80/TCP': 'denied' },
    {
      tiered: [baseline({ ingress: [{ action: 'Deny', from: everyPod }], egress: [{ action: 'Deny', to: everyPod }] })],
    },
  ),
  flowLaw(
    'a Baseline Accept does not open what a NetworkPolicy closes',
    [denyAll],
    { 'y/a > x/a 80/TCP': 'denied' },
    {
      tiered: [cluster('p', { tier: 'Baseline', ingress: [{ action: 'Accept', from: everyPod }] })],
    },
  ),
  flowLaw(
    'an Admin rule stands over the Baseline tier, whatever the numbers',
    [],
    { 'y/a > x/a 80/TCP': 'allowed' },
    {
      tiered: [
        cluster('low', { tier: 'Baseline', priority: 0, ingress: [{ action: 'Deny', from: everyPod }] }),
        cluster('high', { priority: 1000, ingress: [{ action: 'Accept', from: everyPod }] }),
      ],
    },
  ),
  flowLaw(
    'a policy applies to its subject, in the directions of its rules',
    [],
    { 'y/a > x/a 80/TCP': 'denied', 'y/a > x/b 80/TCP': 'allowed', 'x/a > y/a 80/TCP': 'allowed' },
    {
      tiered: [
        cluster('p', {
          subject: { pods: { podSelector: { matchLabels: { pod: 'a' } } } },
          ingress: [{ action: 'Deny', from: [{ namespaces: { matchLabels: { ns: 'y' } } }] }],
        }),
      ],
    },
  ),
  flowLaw(
    'v1alpha2 and v1beta1 are one kind, in one order',
    [],
    { 'y/a > x/a 80/TCP': 'denied' },
    {
      tiered: [
        cluster('old', { priority: 2, ingress: [{ action: 'Accept', from: everyPod }] }, 'v1alpha2'),
        cluster('new', { priority: 1, ingress: [{ action: 'Deny', from: everyPod }] }),
      ],
    },
  ),
  flowLaw(
    'equal priorities that part are undefined, where both hold the flow',
    [],
    { 'y/a > x/a 80/TCP': 'undefined', 'y/b > x/a 80/TCP': 'denied', 'y/a > x/a 81/TCP': 'denied' },
    {
      tiered: [
        cluster('p', { ingress: [{ action: 'Accept', from: podA, protocols: tcp(80) }] }),
        cluster('q', { ingress: [{ action: 'Deny', from: everyPod }] }),
      ],
    },
  ),
  flowLaw(
    'equal priorities that agree in the end are no question',
    [],
    { 'y/a > x/a 80/TCP': 'allowed' },
    {
      tiered: [
        cluster('p', { ingress: [{ action: 'Accept', from: everyPod }] }),
        cluster('q', { ingress: [{ action: 'Pass', from: everyPod }] }),
      ],
    },
  ),
  flowLaw(
    'equal priorities in two tiers are no question, nor below a priority that decides',
    [],
    { 'y/a > x/a 80/TCP': 'denied', 'y/b > x/a 80/TCP': 'undefined' },
    {
      tiered: [
        cluster('first', { priority: 5, ingress: [{ action: 'Deny', from: podA }] }),
        cluster('p', { ingress: [{ action: 'Accept', from: everyPod }] }),
        cluster('q', { ingress: [{ action: 'Deny', from: everyPod }] }),
        cluster('r', { tier: 'Baseline', ingress: [{ action: 'Deny', from: everyPod }] }),
      ],
    },
  ),
  flowLaw(
    'between two kinds of one tier no order is defined, whatever their priorities',
    [],
    { 'y/a > x/a 80/TCP': 'undefined', 'y/b > x/a 80/TCP': 'allowed' },
    {
      tiered: [
        admin('p', { priority: 1, ingress: [{ action: 'Allow', from: everyPod }] }),
        cluster('q', { priority: 1000, ingress: [{ action: 'Deny', from: podA }] }),
      ],
    },
  ),
  flowLaw(
    'where the other end denies, no doubt remains',
    [],
    { 'y/a > x/a 80/TCP': 'denied' },
    {
      tiered: [
        cluster('p', { ingress: [{ action: 'Accept', from: everyPod }] }),
        cluster('q', { ingress: [{ action: 'Deny', from: everyPod }] }),
        cluster('r', {
          subject: { namespaces: { matchLabels: { ns: 'y' } } },
          egress: [{ action: 'Deny', to: everyPod }],
        }),
      ],
    },
  ),
  flowLaw(
    'a rule without ports holds ICMP, and a rule with ports does not',
    [],
    { 'y/a > x/a 0/ICMP': 'denied', 'y/b > x/a 0/ICMP': 'undefined!' },
    {
      tiered: [
        cluster('p', {
          ingress: [
            { action: 'Accept', from: everyPod, protocols: tcp(80) },
            { action: 'Deny', from: podA },
          ],
        }),
      ],
    },
  ),
];
