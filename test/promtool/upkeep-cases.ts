// Alerts about what Ringfence maintains: baselines, caches, certificates, webhooks, configuration.
import { a, b, type Case, onA } from './case.ts';

export const upkeepCases: readonly Case[] = [
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
    // A replica with an old cache, and namespaces that are not fenced.
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
    // Two hundred new namespaces in ten minutes, and then nothing to do.
    alert: 'RingfenceBaselineFought',
    series: {
      [`ringfence_baseline_reconciliations_total{${a}, outcome="repaired"}`]: '0+20x10 200x40',
      [`ringfence_baseline_reconciliations_total{${a}, outcome="equal"}`]: '0+600x50',
    },
    at: '45m',
  },
  {
    alert: 'RingfenceExceptionEnds',
    series: {
      [`ringfence_exceptions{${a}, state="ending"}`]: '0x4 2x10',
      [`ringfence_exceptions{${b}, state="ending"}`]: '0x4 2x10',
    },
    at: '6m',
    fires: {},
    shown: '2',
  },
  {
    // Exceptions that last longer, and exceptions that have ended.
    alert: 'RingfenceExceptionEnds',
    series: {
      [`ringfence_exceptions{${a}, state="holds"}`]: '3x10',
      [`ringfence_exceptions{${a}, state="ending"}`]: '0x10',
      [`ringfence_exceptions{${a}, state="ended"}`]: '1x10',
    },
    at: '6m',
  },
  {
    alert: 'RingfencePolicyWouldBeRefused',
    series: {
      [`ringfence_standing_findings{${a}, check="flow-matrix", action="deny"}`]: '0x4 2x60',
      [`ringfence_standing_findings{${b}, check="flow-matrix", action="deny"}`]: '0x9 2x60',
      [`ringfence_standing_findings{${a}, check="no-effect", action="deny"}`]: '0x65',
    },
    at: '36m',
    fires: { check: 'flow-matrix' },
    shown: '2',
  },
  {
    // Mended before anybody has to know, and what only warns.
    alert: 'RingfencePolicyWouldBeRefused',
    series: {
      [`ringfence_standing_findings{${a}, check="flow-matrix", action="deny"}`]: '2x20 0x40',
      [`ringfence_standing_findings{${a}, check="flow-matrix", action="warn"}`]: '7x60',
    },
    at: '50m',
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
    // 404 and 409 are not failures.
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
  { alert: 'RingfenceNotReached', series: { [`ringfence_webhooks_reached{${a}}`]: '1 0x10' }, at: '4m', fires: onA },
  { alert: 'RingfenceNotReached', series: { [`ringfence_webhooks_reached{${a}}`]: '1 0 1x10' }, at: '4m' },
  { alert: 'RingfenceDnsNotFound', series: { [`ringfence_dns_found{${a}}`]: '1 0x10' }, at: '7m', fires: onA },
  { alert: 'RingfenceDnsNotFound', series: { [`ringfence_dns_found{${a}}`]: '1 0 0 1x10' }, at: '8m' },
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
];
