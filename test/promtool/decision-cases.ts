// Alerts about decisions, and about packets that the network drops.
import { a, b, type Case, surge } from './case.ts';

export const decisionCases: readonly Case[] = [
  {
    alert: 'RingfenceDefects',
    series: { [`ringfence_defects_total{${a}}`]: '0x4 1x10', [`ringfence_defects_total{${b}}`]: '0x20' },
    at: '6m',
    fires: {},
    shown: '1',
  },
  { alert: 'RingfenceDefects', series: { [`ringfence_defects_total{${a}}`]: '5x20' }, at: '15m' },
  {
    alert: 'RingfenceUndecided',
    series: { [`ringfence_gate_total{${a}, outcome="failed"}`]: '0+6x20' },
    at: '11m',
    fires: {},
    shown: '100m',
  },
  {
    // A single failure, and successful looks.
    alert: 'RingfenceUndecided',
    series: {
      [`ringfence_gate_total{${a}, outcome="failed"}`]: '0 0 1x20',
      [`ringfence_gate_total{${a}, outcome="there"}`]: '0+600x20',
    },
    at: '11m',
  },
  {
    alert: 'RingfencePermissionsUnanswered',
    series: { [`ringfence_access_review_duration_seconds_count{${a}, outcome="failed"}`]: '0+1x20' },
    at: '11m',
    fires: {},
  },
  {
    alert: 'RingfencePermissionsUnanswered',
    series: { [`ringfence_access_review_duration_seconds_count{${a}, outcome="denied"}`]: '0+9x20' },
    at: '11m',
  },
  ...surge(
    'RingfenceDenialsSurge',
    `ringfence_decisions_total{${a}, resource="pods", operation="CREATE", decision="denied"}`,
    '11',
    '60',
    '1',
  ),
  {
    alert: 'RingfenceDenialsSurge',
    series: {
      [`ringfence_decisions_total{${a}, resource="pods", operation="CREATE", decision="allowed"}`]: '0+6000x40',
    },
    at: '35m',
  },
  {
    alert: 'RingfenceMalformedReviews',
    series: { [`ringfence_malformed_reviews_total{${a}, reason="json"}`]: '0+1x30' },
    at: '20m',
    fires: {},
    shown: '15',
  },
  {
    alert: 'RingfenceMalformedReviews',
    series: { [`ringfence_malformed_reviews_total{${a}, reason="json"}`]: '0 0 3x30' },
    at: '20m',
  },
  ...surge(
    'RingfenceDropsSurgeCilium',
    'cilium_drop_count_total{instance="node", reason="Policy denied", direction="INGRESS"}',
    '11',
    '120',
    '2',
  ),
  {
    alert: 'RingfenceDropsSurgeCilium',
    series: {
      'cilium_drop_count_total{instance="node", reason="Stale or unroutable IP", direction="EGRESS"}': '0+600x40',
    },
    at: '35m',
  },
  ...surge(
    'RingfenceDropsSurgeCalico',
    'calico_denied_packets{instance="node", policy="default|knp.shop/deny-all-baseline|0|deny", srcIP="10.0.0.9"}',
    '11',
    '120',
    '2',
  ),
];
