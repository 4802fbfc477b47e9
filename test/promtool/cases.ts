// What makes each alert fire, and what does not. Series in promtool's notation: `0+1x10` begins at 0 and adds 1, ten times; one value a minute.

export interface Case {
  readonly alert: string;
  /** What is scraped. */
  readonly series: Readonly<Record<string, string>>;
  /** When it is looked at: promtool's duration since the first scrape. */
  readonly at: string;
  /** The labels of what fires then, beside alertname and severity; nothing fires where there is none. */
  readonly fires?: Readonly<Record<string, string>>;
  /** What an annotation says in place of `$value`. */
  readonly shown?: string;
}

const a = 'job="ringfence", instance="a"';
const b = 'job="ringfence", instance="b"';
const onA = { job: 'ringfence', instance: 'a' };
const webhook = 'name="pods.ringfence.dev", type="validating"';
/** A day of nothing much, then a surge: values a minute, 1440 of them, 0.05/s; then as given. */
const aDayThen = (surge: string): string => `0+3x1440 ${surge}`;

/** A surge of a counter is seen against the same time a day ago, and where there was nothing a day ago. */
function surge(alert: string, series: string, small: string, large: string, shown: string): readonly Case[] {
  return [
    { alert, series: { [series]: aDayThen(`4320+${large}x40`) }, at: '1475m', fires: {}, shown },
    { alert, series: { [series]: aDayThen(`4320+${small}x40`) }, at: '1475m' },
    { alert, series: { [series]: `0+${large}x40` }, at: '35m', fires: {}, shown },
    // As much as yesterday, however much that is.
    { alert, series: { [series]: `0+${large}x1500` }, at: '1475m' },
    { alert, series: {}, at: '35m' },
  ];
}

export const cases: readonly Case[] = [
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
  // A start, and a drain.
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
    // Refusals of Ringfence's own, and the absence of somebody else.
    alert: 'RingfenceRefusesByAbsence',
    series: {
      [`apiserver_admission_webhook_rejection_count{${webhook}, error_type="no_error"}`]: '0+60x10',
      'apiserver_admission_webhook_rejection_count{name="a.example.com", error_type="calling_webhook_error"}':
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
    // At rest, and another Node process that is late.
    alert: 'RingfenceEventLoopLag',
    series: {
      [`nodejs_eventloop_lag_p99_seconds{${a}}`]: '0.011x20',
      [`ringfence_ready{${a}}`]: '1x20',
      'nodejs_eventloop_lag_p99_seconds{job="shop", instance="c"}': '3x20',
    },
    at: '12m',
  },
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
    // Once, and looks that succeed.
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
  {
    alert: 'RingfenceBaselineFailing',
    series: { [`ringfence_baselines_failing{${a}}`]: '3x10', [`ringfence_baselines_failing{${b}}`]: '0x10' },
    at: '6m',
    fires: onA,
    shown: '3',
  },
  { alert: 'RingfenceBaselineFailing', series: { [`ringfence_baselines_failing{${a}}`]: '3x2 0x10' }, at: '8m' },
  {
    alert: 'RingfenceBaselineUntrue',
    series: {
      [`ringfence_namespaces{${a}, mode="enforce", baseline="untrue"}`]: '2x10',
      [`ringfence_namespaces{${a}, mode="warn", baseline="untrue"}`]: '1x10',
      [`ringfence_namespaces{${b}, mode="enforce", baseline="untrue"}`]: '2x10',
      [`ringfence_namespaces{${b}, mode="warn", baseline="untrue"}`]: '2x10',
    },
    at: '6m',
    fires: {},
    shown: '3',
  },
  {
    // One that has not heard yet, and namespaces that are not fenced.
    alert: 'RingfenceBaselineUntrue',
    series: {
      [`ringfence_namespaces{${a}, mode="enforce", baseline="untrue"}`]: '2x10',
      [`ringfence_namespaces{${b}, mode="enforce", baseline="untrue"}`]: '0x10',
      [`ringfence_namespaces{${b}, mode="enforce", baseline="unfenced"}`]: '9x10',
    },
    at: '8m',
  },
  {
    alert: 'RingfenceBaselineFought',
    series: { [`ringfence_baseline_reconciliations_total{${a}, outcome="repaired"}`]: '0+6x50' },
    at: '45m',
    fires: {},
    shown: '100m',
  },
  {
    // Two hundred new namespaces within ten minutes, and nothing to do.
    alert: 'RingfenceBaselineFought',
    series: {
      [`ringfence_baseline_reconciliations_total{${a}, outcome="repaired"}`]: '0+20x10 200x40',
      [`ringfence_baseline_reconciliations_total{${a}, outcome="equal"}`]: '0+600x50',
    },
    at: '45m',
  },
  {
    alert: 'RingfenceInformerSilent',
    series: { [`ringfence_informer_age_seconds{${a}, informer="namespaces"}`]: '0+60x10' },
    at: '4m',
    fires: { ...onA, informer: 'namespaces' },
    shown: '4m 0s',
  },
  {
    alert: 'RingfenceInformerSilent',
    series: { [`ringfence_informer_age_seconds{${a}, informer="namespaces"}`]: '25x10' },
    at: '8m',
  },
  {
    alert: 'RingfenceApiCallsFail',
    series: {
      [`ringfence_api_calls_total{${a}, verb="GET", code="2xx"}`]: '0+60x20',
      [`ringfence_api_calls_total{${a}, verb="GET", code="none"}`]: '0+20x20',
    },
    at: '16m',
    fires: { instance: 'a' },
    shown: '25%',
  },
  {
    // What is missing and who was first are no failures.
    alert: 'RingfenceApiCallsFail',
    series: {
      [`ringfence_api_calls_total{${a}, verb="GET", code="2xx"}`]: '0+60x20',
      [`ringfence_api_calls_total{${a}, verb="GET", code="404"}`]: '0+60x20',
      [`ringfence_api_calls_total{${a}, verb="PATCH", code="409"}`]: '0+60x20',
      [`ringfence_api_calls_total{${a}, verb="GET", code="5xx"}`]: '0+2x20',
    },
    at: '16m',
  },
  {
    alert: 'RingfenceCertificateExpires',
    series: { [`ringfence_certificate_expiry_timestamp_seconds{${a}, part="authority"}`]: '518400x20' },
    at: '15m',
    fires: { ...onA, part: 'authority' },
    shown: '5d 23h 45m 0s',
  },
  {
    alert: 'RingfenceCertificateExpires',
    series: { [`ringfence_certificate_expiry_timestamp_seconds{${a}, part="certificate"}`]: '2592000x20' },
    at: '15m',
  },
  {
    alert: 'RingfenceCertificateExpiresToday',
    series: { [`ringfence_certificate_expiry_timestamp_seconds{${a}, part="certificate"}`]: '86400x20' },
    at: '1m',
    fires: { ...onA, part: 'certificate' },
    shown: '23h 59m 0s',
  },
  {
    alert: 'RingfenceCertificateExpiresToday',
    series: { [`ringfence_certificate_expiry_timestamp_seconds{${a}, part="certificate"}`]: '518400x20' },
    at: '15m',
  },
  { alert: 'RingfenceWebhooksNotKept', series: { [`ringfence_webhooks_kept{${a}}`]: '0x10' }, at: '6m', fires: onA },
  { alert: 'RingfenceWebhooksNotKept', series: { [`ringfence_webhooks_kept{${a}}`]: '0 0 1x10' }, at: '8m' },
  {
    alert: 'RingfenceConfigurationNotUsable',
    series: { [`ringfence_config_reload_successful{${a}}`]: '1 0x10' },
    at: '4m',
    fires: onA,
  },
  {
    alert: 'RingfenceConfigurationNotUsable',
    series: { [`ringfence_config_reload_successful{${a}}`]: '1 0 1x10' },
    at: '6m',
  },
  {
    alert: 'RingfenceReplicasDisagree',
    series: { [`ringfence_config_version{${a}}`]: '1200x20', [`ringfence_config_version{${b}}`]: '900x20' },
    at: '6m',
    fires: {},
  },
  {
    alert: 'RingfenceReplicasDisagree',
    series: {
      [`ringfence_config_version{${a}}`]: '900x3 1200x20',
      [`ringfence_config_version{${b}}`]: '900x5 1200x20',
    },
    at: '15m',
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
