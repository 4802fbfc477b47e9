// Alerts about whether Ringfence answers, and how quickly.
import { a, b, type Case, onA } from './case.ts';

const webhook = 'name="pods.ringfence.dev", type="validating"';

export const serviceCases: readonly Case[] = [
  { alert: 'RingfenceNoReplica', series: { [`ringfence_ready{${a}}`]: '0x10' }, at: '3m', fires: {} },
  { alert: 'RingfenceNoReplica', series: {}, at: '3m', fires: {} },
  { alert: 'RingfenceNoReplica', series: { [`ringfence_ready{${a}}`]: '1x5 0x10' }, at: '7m' },
  {
    alert: 'RingfenceNoReplica',
    series: { [`ringfence_ready{${a}}`]: '0x10', [`ringfence_ready{${b}}`]: '1x10' },
    at: '10m',
  },
  {
    alert: 'RingfenceOneReplica',
    series: { [`ringfence_ready{${a}}`]: '0x20', [`ringfence_ready{${b}}`]: '1x20' },
    at: '16m',
    fires: {},
  },
  {
    alert: 'RingfenceOneReplica',
    series: { [`ringfence_ready{${a}}`]: '1x20', [`ringfence_ready{${b}}`]: '1x20' },
    at: '16m',
  },
  { alert: 'RingfenceReplicaNotReady', series: { [`ringfence_ready{${a}}`]: '0x10' }, at: '6m', fires: onA },
  // A start and a drain do not fire.
  { alert: 'RingfenceReplicaNotReady', series: { [`ringfence_ready{${a}}`]: '0 0 1x5 0 0' }, at: '8m' },
  {
    alert: 'RingfenceRefusesByAbsence',
    series: {
      [`apiserver_admission_webhook_rejection_count{${webhook}, error_type="calling_webhook_error"}`]: '0+60x10',
    },
    at: '8m',
    fires: {},
    shown: '1',
  },
  {
    // Ringfence's own refusals, and the absence of another webhook.
    alert: 'RingfenceRefusesByAbsence',
    series: {
      [`apiserver_admission_webhook_rejection_count{${webhook}, error_type="no_error"}`]: '0+60x10',
      'apiserver_admission_webhook_rejection_count{name="a.example.com", error_type="calling_webhook_error"}':
        '0+60x10',
      'apiserver_admission_webhook_rejection_count{name="reach.ringfence.dev", error_type="calling_webhook_error"}':
        '0+60x10',
      'apiserver_admission_webhook_rejection_count{name="ringfence.dev.example.com", error_type="calling_webhook_error"}':
        '0+60x10',
    },
    at: '8m',
  },
  {
    alert: 'RingfenceAdmitsByAbsence',
    series: {
      'apiserver_admission_webhook_fail_open_count{name="pods.unenforced.ringfence.dev", type="validating"}': '0+6x10',
    },
    at: '8m',
    fires: {},
    shown: '100m',
  },
  {
    alert: 'RingfenceAdmitsByAbsence',
    series: {
      'apiserver_admission_webhook_fail_open_count{name="pods.unenforced.ringfence.dev", type="validating"}': '7x10',
      'apiserver_admission_webhook_fail_open_count{name="a.example.com", type="validating"}': '0+6x10',
    },
    at: '8m',
  },
  {
    alert: 'RingfenceSlowReviews',
    series: {
      [`ringfence_decision_duration_seconds_bucket{${a}, le="1"}`]: '0+90x20',
      [`ringfence_decision_duration_seconds_bucket{${a}, le="2.5"}`]: '0+100x20',
      [`ringfence_decision_duration_seconds_bucket{${a}, le="+Inf"}`]: '0+100x20',
    },
    at: '16m',
    fires: {},
    shown: '2.35s',
  },
  {
    alert: 'RingfenceSlowReviews',
    series: {
      [`ringfence_decision_duration_seconds_bucket{${a}, le="1"}`]: '0+1000x20',
      [`ringfence_decision_duration_seconds_bucket{${a}, le="2.5"}`]: '0+1001x20',
      [`ringfence_decision_duration_seconds_bucket{${a}, le="+Inf"}`]: '0+1001x20',
    },
    at: '16m',
  },
  {
    alert: 'RingfenceEventLoopLag',
    series: { [`nodejs_eventloop_lag_p99_seconds{${a}}`]: '0.25x20', [`ringfence_ready{${a}}`]: '1x20' },
    at: '12m',
    fires: onA,
    shown: '250ms',
  },
  {
    // A process at rest, and another Node process with a lag.
    alert: 'RingfenceEventLoopLag',
    series: {
      [`nodejs_eventloop_lag_p99_seconds{${a}}`]: '0.011x20',
      [`ringfence_ready{${a}}`]: '1x20',
      'nodejs_eventloop_lag_p99_seconds{job="shop", instance="c"}': '3x20',
    },
    at: '12m',
  },
];
